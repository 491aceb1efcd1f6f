import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../errors.ts';
import { stackDirectory } from './paths.ts';

const POLL_MS = 100;

/** Either the function that frees the lock, or the process that holds it. */
type Attempt = { readonly free: () => void } | { readonly owner: number };

/** A lock whose owner is dead does not count. */
function tryLock(file: string): Attempt {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return { free: () => rmSync(file, { force: true }) };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const owner = Number(readOwner(file));
    if (owner > 0 && isAlive(owner)) return { owner };
    rmSync(file, { force: true });
  }
}

function readOwner(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/**
 * Lets one run at a time change a stack on this machine.
 * @returns the function that frees it
 * @throws UserError that names the other run
 */
export function lockStack(stack: string): () => void {
  const attempt = tryLock(join(stackDirectory(stack), 'lock'));
  if ('free' in attempt) return attempt.free;
  throw new UserError(
    `Another run is changing stack ${stack}: process ${attempt.owner}. Wait for it, or end it first.`,
  );
}

/**
 * Waits for its turn.
 * @throws UserError after `patienceMs`, naming the process that holds the lock
 */
export async function withLock<T>(file: string, patienceMs: number, work: () => Promise<T>): Promise<T> {
  for (const deadline = Date.now() + patienceMs; ; await sleep(POLL_MS)) {
    const attempt = tryLock(file);
    if ('free' in attempt) {
      try {
        return await work();
      } finally {
        attempt.free();
      }
    }
    if (Date.now() > deadline)
      throw new UserError(`Process ${attempt.owner} holds ${file} for too long; end it first.`);
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
