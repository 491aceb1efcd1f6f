import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SavedImage } from '../engine.ts';
import { must } from './commands.ts';
import type { Layout } from './layout.ts';
import { whileFrozen } from './machine.ts';

const GB = 1e9;

/** What is kept of a disk, `disk.json` included: whatever a disk is made of but overlayfs' own working directory. */
const PARTS = ['disk.json', 'upper', 'data'];

/**
 * Keeps the disk of a server as an image, whole or not at all. A machine that runs stands still meanwhile, so that
 * the copy is of one moment, as if its power had been cut then.
 */
export async function saveImage(layout: Layout, server: number, image: number): Promise<SavedImage> {
  const target = layout.savedImage(image);
  if (!existsSync(target)) {
    const place = `${target}.new`;
    await rm(place, { recursive: true, force: true });
    await mkdir(place, { recursive: true, mode: 0o700 });
    await whileFrozen(layout, server, async () => {
      for (const part of PARTS) {
        const source = layout.machine(server, 'disk', part);
        // Extended attributes carry what overlayfs knows of deleted and replaced directories.
        if (existsSync(source)) await must('cp', ['-a', '--reflink=auto', source, place]);
      }
    });
    await rename(place, target);
  }
  const [bytes] = (await must('du', ['--summarize', '--bytes', target])).split('\t');
  return { sizeGB: Math.max(0.01, Number((Number(bytes) / GB).toFixed(2))) };
}

export async function keepImages(layout: Layout, images: readonly number[]): Promise<void> {
  if (!existsSync(layout.savedImages)) return;
  const kept = new Set(images.flatMap((image) => [String(image), `${image}.new`]));
  for (const name of readdirSync(layout.savedImages)) {
    if (!kept.has(name)) await rm(join(layout.savedImages, name), { recursive: true, force: true });
  }
}

/** What a disk is and comes from; in its directory, and in that of an image that was saved of it. */
export interface DiskFile {
  /** Counted from 0; see `WantedServer.disk`. */
  readonly number: number;
  /** Directory name of the machine image that it lies over. */
  readonly base: string;
}

export function readDiskFile(directory: string): DiskFile | undefined {
  const file = join(directory, 'disk.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as DiskFile) : undefined;
}

export function writeDiskFile(directory: string, disk: DiskFile): void {
  writeFileSync(join(directory, 'disk.json'), JSON.stringify(disk));
}
