import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { createConnection } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chooseEngine } from './engines/index.ts';
import { TwinError } from './errors.ts';
import { type DaemonFile, daemonFile, makeStateDirectory, runningDaemon, type Settings } from './settings.ts';

const START_MS = 120_000;
const POLL_MS = 50;
/** Below this not even the database has room; machines and volumes take more as they are used. */
const LEAST_FREE_MB = 64;

/**
 * Starts the twin unless it runs.
 * @param speed how fast time runs for it, as `twin set speed` takes it; absent: as it was
 * @throws TwinError when the port is taken, the engine cannot run, or the daemon ends at once
 */
export async function up(
  settings: Settings,
  wanted: string,
  speed: string | undefined,
): Promise<{ daemon: DaemonFile; reason?: string }> {
  const running = runningDaemon(settings);
  if (running) {
    if (running.port !== settings.port)
      throw new TwinError(`The twin ${settings.name} runs already, on port ${running.port}.`);
    if (wanted !== 'auto' && wanted !== running.engine) {
      throw new TwinError(
        `The twin ${settings.name} runs already, with the engine ${running.engine}. End it first: ./bin/twin down`,
      );
    }
    return { daemon: running };
  }
  const { engine, reason } = chooseEngine(wanted, settings);
  if (await answers(settings.port)) {
    throw new TwinError(
      `Port ${settings.port} is taken by another program. Choose another by TWIN_PORT, or end that program.`,
    );
  }
  requireSpace(settings);
  makeStateDirectory(settings);
  rmSync(daemonFile(settings), { force: true });
  const logFile = join(settings.stateDirectory, 'twin.log');
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'daemon.ts'), engine, ...(speed === undefined ? [] : [speed])],
    {
      detached: true,
      stdio: ['ignore', log, log],
      cwd: '/',
    },
  );
  closeSync(log);
  child.unref();
  let ended: number | undefined;
  child.on('exit', (code) => {
    ended = code ?? 1;
  });
  for (const deadline = Date.now() + START_MS; Date.now() < deadline; await sleep(POLL_MS)) {
    const daemon = runningDaemon(settings);
    if (daemon) return { daemon, ...(reason === undefined ? {} : { reason }) };
    if (ended !== undefined) break;
  }
  throw new TwinError(`The twin did not start; ${logFile} ends with:\n${lastLines(logFile, 8)}`);
}

/** A daemon without room could not even log why it ended. @throws TwinError */
function requireSpace({ stateDirectory }: Settings): void {
  let place = stateDirectory;
  while (!existsSync(place)) place = dirname(place);
  const { bavail, bsize } = statfsSync(place);
  const free = Math.floor((bavail * bsize) / 1024 ** 2);
  if (free < LEAST_FREE_MB)
    throw new TwinError(
      `No space is left for the local Hetzner in ${stateDirectory}: ${free} MB are free, and it needs ${LEAST_FREE_MB}. Free some, or set TWIN_STATE to another disk.`,
    );
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

function lastLines(file: string, count: number): string {
  if (!existsSync(file)) return '';
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
}
