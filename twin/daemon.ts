import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createApp } from './api/app.ts';
import { findImages } from './catalogue/images.ts';
import { createEngine, type EngineName } from './engines/index.ts';
import { Project } from './project.ts';
import {
  type DaemonFile,
  daemonFile,
  makeStateDirectory,
  projectToken,
  readSettings,
  runningNeighbours,
} from './settings.ts';
import { Store } from './store.ts';

/**
 * The twin's server: restores what was, then listens. Started by `twin up`; standard error goes to twin.log.
 * Arguments: engine; how fast time runs, if that is to change.
 */
const [engineName = 'none', speed] = process.argv.slice(2);
const settings = readSettings(process.env);
const log = (line: string): void => console.error(`${new Date().toISOString()} ${line}`);

makeStateDirectory(settings);
const store = new Store(join(settings.stateDirectory, 'twin.db'));
const engine = await createEngine(engineName as EngineName, settings);
const project = new Project({
  store,
  engine,
  images: findImages(settings.imageDirectory, engine.name === 'nspawn'),
  ranges: settings.ranges,
  log,
});
if (speed !== undefined) project.rules.set({ speed });
const app = createApp({
  project,
  token: projectToken(settings),
  page: { name: settings.name, neighbours: () => runningNeighbours(settings) },
});

for (const server of await project.restore())
  log(`server ${server.id} ${server.name} is lost: it ran before, and does not run now`);
await app.listen({ host: '127.0.0.1', port: settings.port });

const daemon: DaemonFile = {
  pid: process.pid,
  port: settings.port,
  engine: engine.name,
  startedAt: new Date().toISOString(),
};
writeFileSync(`${daemonFile(settings)}.new`, JSON.stringify(daemon));
renameSync(`${daemonFile(settings)}.new`, daemonFile(settings));
log(`listening on 127.0.0.1:${settings.port} with the engine ${engine.name}`);

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    void app
      .close()
      .then(() => project.actions.close())
      .then(() => project.balancing.idle())
      .then(() => engine.close('detach'))
      .finally(() => {
        store.close();
        process.exit(0);
      });
  });
}
