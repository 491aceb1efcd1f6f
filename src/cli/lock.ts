import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { stackDirectory } from './paths.ts';

/**
 * Lets one run at a time change a stack on this machine. A lock whose owner is dead does not count.
 * @returns the function that frees it
 * @throws UserError that names the other run
 */
export function lockStack(stack: string): () => void {
  const directory = stackDirectory(stack);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, 'lock');
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const pid = Number(readFileSync(file, 'utf8'));
    if (pid > 0 && isAlive(pid)) {
      throw new UserError(
        `Another run is changing stack ${stack}: process ${pid}. Wait for it, or end it first.`,
      );
    }
    rmSync(file, { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
