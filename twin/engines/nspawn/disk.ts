import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cp, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { WantedServer } from '../engine.ts';
import { attempt, must } from './commands.ts';
import { setRootPassword, writeFirstBoot, writeIdentity } from './guest-files.ts';
import type { ImageFile, Layout } from './layout.ts';
import { readDiskFile, writeDiskFile } from './saved-images.ts';

/** What a new disk is made of. */
interface Origin {
  readonly base: string;
  /** The saved image that it is a copy of; absent: the base as it is. */
  readonly saved?: string;
}

function originOf(layout: Layout, image: string): Origin {
  const number = /^image-(\d+)$/.exec(image)?.[1];
  if (number === undefined) return { base: image };
  const saved = layout.savedImage(Number(number));
  const disk = readDiskFile(saved);
  if (!disk) throw new Error(`no machine can boot from image ${number}: its data is not in ${saved}`);
  return { base: disk.base, saved };
}

function baseImage(layout: Layout, base: string): { readonly directory: string; readonly file: ImageFile } {
  const directory = join(layout.images, base);
  if (base === '' || !existsSync(join(directory, 'complete')))
    throw new Error(`no machine can boot from the image "${base}": it is not in ${layout.images}`);
  return { directory, file: JSON.parse(readFileSync(join(directory, 'image.json'), 'utf8')) as ImageFile };
}

/** Whether the server has a disk, and it is not the one that it should have. */
export function hasOtherDisk(layout: Layout, server: WantedServer): boolean {
  const disk = readDiskFile(layout.machine(server.id, 'disk'));
  return disk !== undefined && disk.number !== server.disk;
}

/**
 * The disk of a server: what it wrote lies over the image, so a new one takes no room and no time. The machine must be
 * off when it has another disk.
 */
export async function putDisk(layout: Layout, server: WantedServer): Promise<void> {
  const own = layout.machine(server.id);
  await mountSmall(own);
  if (readDiskFile(join(own, 'disk'))?.number !== server.disk) await makeDisk(layout, server);
  const base = readDiskFile(join(own, 'disk'))?.base ?? server.image;
  await mountOverlay(baseImage(layout, base).directory, join(own, 'disk'), join(own, 'root'));
  await writeOnce(own, server);
}

async function makeDisk(layout: Layout, server: WantedServer): Promise<void> {
  const own = layout.machine(server.id);
  const { base, saved } = originOf(layout, server.image);
  const { directory, file } = baseImage(layout, base);
  const place = join(own, 'disk.new');
  await removeDisk(place);
  await rm(join(own, `${SMALL}.new`), { force: true });
  await mkdir(place);
  const small = server.troubles.includes('disk_full');
  if (small) await mountNewSmall(own, place, saved ?? join(directory, 'data'));
  await mkdir(join(place, 'work'));
  if (saved === undefined) {
    await mkdir(join(place, 'upper'));
    for (const path of file.data) await copyData(join(directory, 'data', path), join(place, 'data', path));
  } else {
    for (const part of ['upper', 'data']) {
      const source = join(saved, part);
      if (existsSync(source)) await must('cp', ['-a', '--reflink=auto', source, place]);
    }
  }
  writeDiskFile(place, { number: server.disk, base });
  for (const mounted of ['root', 'disk']) await removeDisk(join(own, mounted));
  await rm(join(own, SMALL), { force: true });
  if (small) {
    await must('umount', [place]);
    await rename(join(own, `${SMALL}.new`), join(own, SMALL));
  }
  await rename(place, join(own, 'disk'));
  await mountSmall(own);
}

/** A filesystem of its own for a disk that is to be full: on this computer's there is always room. */
const SMALL = 'disk.img';
const SMALL_BYTES = 64 * 1024 * 1024;

/** @param content what it must have room for besides what a machine writes at its first boot */
async function mountNewSmall(own: string, place: string, content: string): Promise<void> {
  const file = join(own, `${SMALL}.new`);
  const bytes = existsSync(content)
    ? Number.parseInt(await must('du', ['--summarize', '--bytes', content]), 10)
    : 0;
  await must('truncate', ['--size', String(SMALL_BYTES + Math.ceil(bytes * 1.2)), file]);
  await must('mkfs.ext4', ['-q', '-m', '0', file]);
  await must('mount', ['-o', 'loop', file, place]);
}

/** Mounts it where a disk has one, after this computer's restart as well. */
async function mountSmall(own: string): Promise<void> {
  const disk = join(own, 'disk');
  if (!existsSync(join(own, SMALL)) || (await attempt('mountpoint', ['-q', disk]))) return;
  await mkdir(disk, { recursive: true });
  await must('mount', ['-o', 'loop', join(own, SMALL), disk]);
}

/** Leaves not a byte. */
async function fill(disk: string): Promise<void> {
  await attempt('sh', ['-c', 'cat /dev/zero >"$1"', 'sh', join(disk, 'ballast')]);
}

/** Mounts what lies in `layers` (`upper` and `work`) over an image, unless it is mounted already. */
export async function mountOverlay(image: string, layers: string, root: string): Promise<void> {
  if (await attempt('mountpoint', ['-q', root])) return;
  await mkdir(root, { recursive: true });
  const [lower, upper, work] = [join(image, 'rootfs'), join(layers, 'upper'), join(layers, 'work')];
  const options = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
  await must('mount', ['-t', 'overlay', 'overlay', '-o', options, root]);
}

/** What the first boot of a disk finds: once for each disk, whatever stopped us before. */
async function writeOnce(own: string, server: WantedServer): Promise<void> {
  const written = join(own, 'disk', 'written');
  if (existsSync(written)) return;
  const root = join(own, 'root');
  // A copy of a server's disk keeps its identity, as it does at Hetzner; cloud-init gives it new keys and a new name.
  if (!/^image-/.test(server.image)) writeIdentity(root, server.name);
  writeFirstBoot(root, server);
  if (server.password !== undefined) await setRootPassword(root, server.password);
  writeFileSync(written, '');
  if (existsSync(join(own, SMALL))) await fill(join(own, 'disk'));
}

/**
 * A data directory of the image for one machine. What is never written twice (content of images) is linked and
 * takes no room; databases are copied. On another filesystem everything is copied.
 */
async function copyData(source: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  if (!existsSync(source)) {
    await mkdir(target, { recursive: true });
    return;
  }
  if (!(await attempt('cp', ['-al', source, target]))) {
    await rm(target, { recursive: true, force: true });
    await must('cp', ['-a', '--reflink=auto', source, target]);
    return;
  }
  for (const entry of await readdir(target, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.db')) continue;
    const database = join(entry.parentPath, entry.name);
    await cp(database, `${database}.own`);
    await rename(`${database}.own`, database);
  }
}

/** Arguments of systemd-nspawn for the directories that must not lie on an overlay. */
export function dataBinds(layout: Layout, server: WantedServer): string[] {
  const disk = layout.machine(server.id, 'disk');
  const base = readDiskFile(disk)?.base ?? server.image;
  return baseImage(layout, base).file.data.map((path) => `--bind=${join(disk, 'data', path)}:${path}`);
}

/** Also removes what is mounted there and inside, deepest first. */
export async function removeDisk(directory: string): Promise<void> {
  await unmountBelow(directory);
  await rm(directory, { recursive: true, force: true });
}

/** The rescue system: the plain image with nothing over it but what lets its owner in. */
export async function makeRescueRoot(layout: Layout, server: WantedServer): Promise<void> {
  const { rescue } = server;
  const own = layout.machine(server.id, 'rescue');
  await removeDisk(own);
  if (!rescue) return;
  for (const part of ['upper', 'work']) await mkdir(join(own, part), { recursive: true });
  const root = join(own, 'root');
  await mountOverlay(baseImage(layout, RESCUE_IMAGE).directory, own, root);
  writeIdentity(root, 'rescue');
  writeFirstBoot(root, { ...server, name: 'rescue', userData: '', sshKeys: rescue.sshKeys });
  await setRootPassword(root, rescue.password);
}

const RESCUE_IMAGE = 'debian-12';

export async function unmountBelow(directory: string): Promise<void> {
  const points = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((point) => point === directory || point.startsWith(`${directory}/`))
    .reverse();
  for (const point of points) await must('umount', ['--lazy', point]);
}
