import { packageVersion, serveProvider } from '../protocol/index.ts';
import { localCommand, runFunction } from './command.ts';
import { endAll } from './process.ts';

await serveProvider({
  name: 'command',
  version: packageVersion('@pulumi/command'),
  resources: { 'command:local:Command': localCommand },
  functions: { 'command:local:run': runFunction },
  configure: () => {},
  stop: endAll,
});
