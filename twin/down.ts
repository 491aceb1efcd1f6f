import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createEngine, whyNoMachines } from './engines/index.ts';
import { runningDaemon, type Settings } from './settings.ts';

const STOP_MS = 20_000;
const POLL_MS = 50;

/** Ends the daemon, every machine and everything that belongs to them, and forgets the state. Works after any crash. */
export async function down(settings: Settings): Promise<void> {
  const daemon = runningDaemon(settings);
  if (daemon) {
    process.kill(daemon.pid, 'SIGTERM');
    const deadline = Date.now() + STOP_MS;
    while (runningDaemon(settings)) {
      if (Date.now() > deadline) process.kill(daemon.pid, 'SIGKILL');
      await sleep(POLL_MS);
    }
  }
  const machines =
    existsSync(join(settings.stateDirectory, 'machines')) ||
    existsSync(join(settings.stateDirectory, 'volumes'));
  if (machines || whyNoMachines(settings) === undefined) {
    const engine = await createEngine('nspawn', settings);
    await engine.close('destroy');
  }
  rmSync(settings.stateDirectory, { recursive: true, force: true });
}
