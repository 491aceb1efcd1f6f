import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../src/errors.ts';
import type { Tool } from './manifest.ts';

const GO_SOURCES = join(import.meta.dirname, 'go');
const LOCK_POLL_MS = 500;

/** Outside any checkout, so that a second one finds everything ready. */
export function cacheRoot(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'groundup');
}

/** Where a tool lies: the folder's name says exactly which version by which recipe. */
export function toolFile(tool: Tool): string {
  return join(cacheRoot(), 'tools', tool.name, `${tool.version}-${recipeHash(tool)}`, 'bin', tool.name);
}

/** Changes with everything that makes the program another one: version, sources, locked modules, flags. */
export function recipeHash(tool: Tool): string {
  const { ask: _, ...recipe } = tool;
  const hash = createHash('sha256').update(JSON.stringify(recipe));
  const folder = join(GO_SOURCES, tool.go.folder);
  for (const name of readdirSync(folder).sort()) {
    if (!name.endsWith('_test.go')) hash.update(name).update(readFileSync(join(folder, name)));
  }
  return hash.digest('hex').slice(0, 12);
}

export function goFolder(tool: Tool): string {
  return join(GO_SOURCES, tool.go.folder);
}

/**
 * Makes a file or folder whole or not at all: `make` fills a place beside it, which then takes the name. Whoever
 * comes second waits for the first and finds the work done; what a killed one left is cleared away.
 */
export async function makeOnce(target: string, make: (place: string) => Promise<void>): Promise<void> {
  if (existsSync(target)) return;
  await mkdir(dirname(target), { recursive: true }).catch(explainSpace);
  await withLock(`${target}.lock`, async () => {
    if (existsSync(target)) return;
    const place = `${target}.${randomBytes(4).toString('hex')}.new`;
    try {
      await make(place);
      await rename(place, target);
    } catch (error) {
      await rm(place, { recursive: true, force: true });
      explainSpace(error);
    }
  });
}

/** @throws UserError instead of a bare ENOSPC */
export function explainSpace(error: unknown): never {
  const full =
    error instanceof Error &&
    /ENOSPC|no space left/i.test(`${'code' in error ? error.code : ''} ${error.message}`);
  if (full)
    throw new UserError(
      `No space is left for the tools in ${cacheRoot()}. Free some (about 12 GB for a first build), or set XDG_CACHE_HOME to another disk.`,
    );
  throw error;
}

async function withLock(file: string, work: () => Promise<void>): Promise<void> {
  for (;;) {
    const handle = await open(file, 'wx').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return undefined;
      return explainSpace(error);
    });
    if (handle) {
      try {
        await handle.writeFile(String(process.pid));
        await handle.close();
        await work();
      } finally {
        await rm(file, { force: true });
      }
      return;
    }
    const holder = Number(await readFile(file, 'utf8').catch(() => ''));
    if (holder > 0 && !isAlive(holder)) await rm(file, { force: true });
    else await sleep(LOCK_POLL_MS);
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
