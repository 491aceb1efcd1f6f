import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../src/errors.ts';
import { cacheRoot, makeOnce } from '../cache.ts';
import { withProgress } from '../progress.ts';
import { run } from '../run.ts';

/** A disk image that local machines boot from, as the local Hetzner reads it: `image.json`, `rootfs/`, `data/`. */
export interface ImageRecipe {
  readonly name: string;
  readonly type: 'system' | 'snapshot';
  readonly description: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Changes when the image must be made again. */
  readonly recipe: string;
  /** Fills a folder with `rootfs/` and `data/`. */
  readonly make: (place: string) => Promise<void>;
}

/**
 * Directories that must not lie on an overlay: container runtime and kubelet need a plain filesystem. What has a
 * volume of its own is not among them: a mount point that is mounted already would never get its volume.
 */
export const DATA_DIRECTORIES: readonly string[] = ['/var/lib/containerd', '/var/lib/kubelet'];
const DISK_GB = 20;

export function imageFolder(name: string): string {
  return join(cacheRoot(), 'images', name);
}

export function recipeOf(...parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12);
}

/** Whether the image is there, by this very recipe. */
export function isCurrent({ name, recipe }: Pick<ImageRecipe, 'name' | 'recipe'>): boolean {
  const folder = imageFolder(name);
  if (!existsSync(join(folder, 'complete'))) return false;
  return (JSON.parse(readFileSync(join(folder, 'image.json'), 'utf8')) as ImageRecipe).recipe === recipe;
}

/** Makes the image unless it is there; one of an older recipe gives way once its successor is complete. */
export async function ensureImage(image: ImageRecipe): Promise<string> {
  const { make, ...facts } = image;
  const folder = imageFolder(image.name);
  if (isCurrent(image)) return folder;
  if (existsSync(folder)) {
    const old = `${folder}.old`;
    await rm(old, { recursive: true, force: true });
    await rename(folder, old);
    await rm(old, { recursive: true, force: true });
  }
  await makeOnce(folder, async (place) => {
    await mkdir(place, { recursive: true });
    await withProgress(`making the machine image ${image.name}`, () => make(place));
    await writeFile(
      join(place, 'image.json'),
      `${JSON.stringify({ ...facts, diskGB: DISK_GB, data: DATA_DIRECTORIES }, null, 2)}\n`,
    );
    await writeFile(join(place, 'complete'), '');
  });
  return folder;
}

/** @throws UserError with the end of what the program printed */
export async function command(
  program: string,
  args: readonly string[],
  options: { readonly stdin?: string } = {},
): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, options);
  if (code === 0) return stdout;
  const said = `${stdout}\n${stderr}`.trim().split('\n').slice(-10).join('\n');
  throw new UserError(`A machine image could not be made: ${program} ended with ${code}:\n${said}`);
}
