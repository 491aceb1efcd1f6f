import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toolPath } from '../../tools/index.ts';
import type { AccessBundle } from '../cluster/index.ts';
import { UserError } from '../errors.ts';
import { isAlive, withLock } from './lock.ts';
import { stackDirectory } from './paths.ts';

const IDLE_MINUTES = 10;
const START_MS = 10_000;

interface Running {
  readonly pid: number;
  /** `127.0.0.1:PORT`, SOCKS5. */
  readonly proxy: string;
  /** Hash of what it was started with: another gateway or key needs another tunnel. */
  readonly access: string;
}

function record(stack: string): string {
  return join(stackDirectory(stack), 'tunnel.json');
}

function remembered(stack: string): Running | undefined {
  const file = record(stack);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Running) : undefined;
}

/** A pid may belong to someone else by now. */
function runs({ pid }: Running): boolean {
  return isAlive(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('tunnel');
}

/** The proxy of the stack's tunnel, when one runs. */
export function runningTunnel(stack: string): string | undefined {
  const running = remembered(stack);
  return running && runs(running) ? running.proxy : undefined;
}

/**
 * The stack's tunnel, started when it does not run. All commands share it, because WireGuard knows one address per
 * key; it ends by itself when nobody has used it for ten minutes.
 * @returns the SOCKS5 proxy, `127.0.0.1:PORT`
 */
export function ensureTunnel(stack: string, access: AccessBundle): Promise<string> {
  const wanted = createHash('sha256').update(JSON.stringify(access.tunnel)).digest('hex');
  return withLock(join(stackDirectory(stack), 'tunnel.lock'), START_MS, async () => {
    const running = remembered(stack);
    if (running && runs(running)) {
      if (running.access === wanted) return running.proxy;
      process.kill(running.pid, 'SIGTERM');
    }
    // The port stays, so that a kubeconfig in someone's shell stays true; a taken one is replaced.
    const started =
      (running && (await start(stack, access, running.proxy))) ?? (await start(stack, access, '127.0.0.1:0'));
    if (!started) throw new UserError(`The tunnel did not start; ${logFile(stack)} says why.`);
    writeFileSync(record(stack), JSON.stringify({ ...started, access: wanted }), { mode: 0o600 });
    return started.proxy;
  });
}

function logFile(stack: string): string {
  return join(stackDirectory(stack), 'logs', 'tunnel.log');
}

async function start(
  stack: string,
  { tunnel }: AccessBundle,
  listen: string,
): Promise<Omit<Running, 'access'> | undefined> {
  mkdirSync(join(stackDirectory(stack), 'logs'), { recursive: true, mode: 0o700 });
  const log = openSync(logFile(stack), 'a', 0o600);
  const child = spawn(await toolPath('tunnel'), ['serve', '-'], {
    detached: true,
    cwd: '/',
    stdio: ['pipe', 'pipe', log],
  });
  closeSync(log);
  const { stdin, stdout, pid } = child;
  // The keys go by a pipe: neither arguments nor files hold them.
  stdin?.on('error', () => {}).end(JSON.stringify({ ...tunnel, listen, idleMinutes: IDLE_MINUTES }));
  const line = await new Promise<string | undefined>((resolve) => {
    stdout?.setEncoding('utf8').once('data', (text: string) => resolve(text));
    child.once('error', () => resolve(undefined)).once('exit', () => resolve(undefined));
  });
  stdout?.destroy();
  child.unref();
  if (line === undefined || pid === undefined) return undefined;
  return { pid, proxy: (JSON.parse(line) as { listening: string }).listening };
}

/** Ends the stack's tunnel. Returns whether one ran. */
export function closeTunnel(stack: string): boolean {
  const running = remembered(stack);
  rmSync(record(stack), { force: true });
  if (!running || !runs(running)) return false;
  process.kill(running.pid, 'SIGTERM');
  return true;
}
