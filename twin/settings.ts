import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { TwinError } from './errors.ts';
import type { PublicRanges } from './project.ts';
import { overlaps, toRange } from './ranges.ts';

const DEFAULT_PORT = 8480;
const TOKEN_LENGTH = 64;

/** Which twin: everything follows from the environment, so that every command of it agrees. */
export interface Settings {
  /** `TWIN_NAME`: beginning of every namespace and group that is ours. */
  readonly name: string;
  /** `TWIN_PORT`, on 127.0.0.1. */
  readonly port: number;
  /** `TWIN_STATE`: database, token, machines, volumes, log. */
  readonly stateDirectory: string;
  /** `TWIN_IMAGES`: machine images. */
  readonly imageDirectory: string;
  readonly ranges: PublicRanges;
}

/** @throws TwinError when a variable cannot be used */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const name = environment['TWIN_NAME'] ?? 'twin';
  if (!/^[a-z][a-z0-9]{0,7}$/.test(name)) {
    throw new TwinError(
      `TWIN_NAME is "${name}": it must begin with a letter and have at most 8 of a-z and 0-9.`,
    );
  }
  const port = Number(environment['TWIN_PORT'] ?? DEFAULT_PORT);
  if (!Number.isInteger(port) || port < 1024 || port > 65_535) {
    throw new TwinError(`TWIN_PORT is "${environment['TWIN_PORT']}": write a port from 1024 to 65535.`);
  }
  const state = environment['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state');
  const cache = environment['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return {
    name,
    port,
    stateDirectory: environment['TWIN_STATE'] ?? join(state, 'groundup', name),
    imageDirectory: environment['TWIN_IMAGES'] ?? join(cache, 'groundup', 'images'),
    ranges: { ...publicRanges(port), ...chosenRanges(environment['TWIN_RANGES']) },
  };
}

/** @throws TwinError when the text is not two ranges that have nothing in common */
function chosenRanges(text: string | undefined): Partial<PublicRanges> {
  if (text === undefined) return {};
  const [primary = '', floating = '', ...more] = text.split(',');
  const fits = more.length === 0 && [primary, floating].every((range) => toRange(range) !== undefined);
  if (!fits || overlaps(primary, floating))
    throw new TwinError(
      `TWIN_RANGES is "${text}": write a range for servers and one for floating IPs, such as 100.64.0.0/16,100.65.0.0/16.`,
    );
  return { primary, floating };
}

/**
 * Two twins on one machine have different public addresses, chosen by their ports. RFC 2544 sets 198.18.0.0/15
 * aside for tests, RFC 3849 2001:db8::/32 and RFC 5737 198.51.100.0/24 for documentation.
 */
function publicRanges(port: number): PublicRanges {
  const index = (port - DEFAULT_PORT + 64 * 1024) % 64;
  return {
    primary: `198.18.${index * 4}.0/22`,
    floating: `198.19.${index * 4}.0/22`,
    ipv6: `2001:db8:${index.toString(16)}`,
    computer: `198.51.100.${1 + index}`,
  };
}

/** Secrets lie here, so nobody else may look. */
export function makeStateDirectory({ stateDirectory }: Settings): void {
  mkdirSync(stateDirectory, { recursive: true, mode: 0o700 });
}

/** The token of this twin's project, made on first use. */
export function projectToken({ stateDirectory }: Settings): string {
  const file = join(stateDirectory, 'token');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const token = randomBytes(TOKEN_LENGTH)
    .toString('base64')
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(0, TOKEN_LENGTH);
  writeFileSync(file, `${token}\n`, { mode: 0o600 });
  return token;
}

export interface DaemonFile {
  readonly pid: number;
  readonly port: number;
  readonly engine: 'none' | 'nspawn';
  readonly startedAt: string;
}

export function daemonFile({ stateDirectory }: Settings): string {
  return join(stateDirectory, 'daemon.json');
}

/** What the running daemon wrote about itself; absent when none runs. */
export function runningDaemon(settings: Settings): DaemonFile | undefined {
  const file = daemonFile(settings);
  if (!existsSync(file)) return undefined;
  const daemon = JSON.parse(readFileSync(file, 'utf8')) as DaemonFile;
  return isDaemon(daemon.pid) ? daemon : undefined;
}

/** Other twins of this user that run, each one a project: those whose state lies beside this one's. */
export function runningNeighbours(settings: Settings): { readonly name: string; readonly port: number }[] {
  const folder = dirname(settings.stateDirectory);
  return readdirSync(folder).flatMap((name) => {
    const stateDirectory = join(folder, name);
    if (stateDirectory === settings.stateDirectory || !existsSync(join(stateDirectory, 'twin.db'))) return [];
    const daemon = runningDaemon({ ...settings, stateDirectory });
    return daemon ? [{ name, port: daemon.port }] : [];
  });
}

/** A pid may belong to someone else by now. */
function isDaemon(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !existsSync('/proc/self') || readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('daemon.ts');
  } catch {
    return false;
  }
}
