import { describeError } from '../src/errors.ts';
import {
  ensureCore,
  ensureDebian,
  ensureLanguageHost,
  ensureMachines,
  toolBinDirectory,
  toolPath,
} from './index.ts';
import { ensurePython } from './python.ts';

const USAGE = 'usage: tools/main.ts install core|debian|machines|lint | path NAME | bin';

/** For the Makefile: `install GROUP` obtains, `path NAME` and `bin` print where things are. */
async function main([command, argument]: readonly string[]): Promise<void> {
  if (command === 'install' && argument === 'core') {
    await ensureCore();
    await ensureLanguageHost();
    await toolBinDirectory();
  } else if (command === 'install' && argument === 'debian') await ensureDebian();
  else if (command === 'install' && argument === 'machines') await ensureMachines();
  else if (command === 'install' && argument === 'lint') console.log(await ensurePython('lint'));
  else if (command === 'path' && argument !== undefined) console.log(await toolPath(argument));
  else if (command === 'bin') console.log(await toolBinDirectory());
  else throw new Error(USAGE);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(describeError(error));
  process.exitCode = 1;
});
