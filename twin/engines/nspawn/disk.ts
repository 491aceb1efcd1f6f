import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { WantedServer } from '../engine.ts';
import { attempt, must } from './commands.ts';
import { writeFirstBoot } from './guest-files.ts';
import type { ImageFile, Layout } from './layout.ts';

function imageOf(layout: Layout, image: string): { readonly directory: string; readonly file: ImageFile } {
  const directory = join(layout.images, image);
  if (image === '' || !existsSync(join(directory, 'complete')))
    throw new Error(`no machine can boot from the image "${image}": it is not in ${layout.images}`);
  return { directory, file: JSON.parse(readFileSync(join(directory, 'image.json'), 'utf8')) as ImageFile };
}

/** The disk of a server: what it wrote lies over the image, so a new one takes no room and no time. */
export async function putDisk(layout: Layout, server: WantedServer): Promise<void> {
  const own = layout.machine(server.id);
  const { directory, file } = imageOf(layout, server.image);
  const fresh = !existsSync(join(own, 'disk'));
  if (fresh) {
    const place = join(own, 'disk.new');
    await rm(place, { recursive: true, force: true });
    for (const part of ['upper', 'work']) await mkdir(join(place, part), { recursive: true });
    for (const path of file.data) await copyData(join(directory, 'data', path), join(place, 'data', path));
    await rename(place, join(own, 'disk'));
  }
  await mountRoot(own, directory);
  if (!existsSync(join(own, 'root', 'var/lib/cloud/seed/nocloud/user-data'))) {
    writeFirstBoot(join(own, 'root'), server);
  }
}

async function mountRoot(own: string, image: string): Promise<void> {
  const root = join(own, 'root');
  if (await attempt('mountpoint', ['-q', root])) return;
  await mkdir(root, { recursive: true });
  const [lower, upper, work] = [join(image, 'rootfs'), join(own, 'disk/upper'), join(own, 'disk/work')];
  await must('mount', [
    '-t',
    'overlay',
    'overlay',
    '-o',
    `lowerdir=${lower},upperdir=${upper},workdir=${work}`,
    root,
  ]);
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
  return imageOf(layout, server.image).file.data.map(
    (path) => `--bind=${layout.machine(server.id, 'disk/data', path)}:${path}`,
  );
}

/** Also removes what is mounted inside, deepest first. */
export async function removeDisk(directory: string): Promise<void> {
  await unmountBelow(directory);
  await rm(directory, { recursive: true, force: true });
}

export async function unmountBelow(directory: string): Promise<void> {
  const points = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((point) => point.startsWith(`${directory}/`))
    .reverse();
  for (const point of points) await must('umount', ['--lazy', point]);
}
