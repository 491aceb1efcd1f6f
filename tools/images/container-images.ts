import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { command } from './image.ts';

/** A container image from scratch: one layer of files, nothing else in it. */
export interface ContainerImage {
  /** Full name with tag, as a pod asks for it. */
  readonly reference: string;
  /** Path in the image to file on this computer. */
  readonly files: Readonly<Record<string, string>>;
  readonly entrypoint?: readonly string[];
  /** Path in the image to program of the machine image, which brings the libraries that it needs. */
  readonly programs?: Readonly<Record<string, string>>;
  /** Other files and folders of the machine image. */
  readonly data?: readonly string[];
}

/** Writes images as one archive in Docker's format, which every runtime imports. */
export async function writeArchive(
  images: readonly ContainerImage[],
  rootfs: string,
  archive: string,
): Promise<void> {
  const work = `${archive}.parts`;
  await mkdir(work, { recursive: true });
  const manifest = [];
  for (const image of images) manifest.push(await writeParts(image, rootfs, work));
  await writeFile(join(work, 'manifest.json'), JSON.stringify(manifest));
  await command('tar', ['-C', work, '-cf', archive, '.']);
  await rm(work, { recursive: true });
}

async function writeParts(image: ContainerImage, rootfs: string, work: string) {
  const layer = join(work, 'layer');
  for (const folder of ['tmp', 'etc', 'run']) await mkdir(join(layer, folder), { recursive: true });
  for (const [path, file] of Object.entries(image.files)) {
    await mkdir(dirname(join(layer, path)), { recursive: true });
    await copyFile(file, join(layer, path));
  }
  const programs = Object.entries(image.programs ?? {});
  const needed = await librariesOf([...new Set(programs.map(([, program]) => program))], rootfs);
  const same = [...needed, ...(image.data ?? [])].map((file) => [file, file] as const);
  for (const [path, file] of [...programs, ...same]) {
    await mkdir(dirname(join(layer, path)), { recursive: true });
    await command('cp', ['--recursive', '--dereference', join(rootfs, file), join(layer, path)]);
  }
  const flags = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'];
  await command('tar', [...flags, '-C', layer, '-cf', `${layer}.tar`, '.']);
  await rm(layer, { recursive: true });
  const digest = await sha256(`${layer}.tar`);
  await mkdir(join(work, digest), { recursive: true });
  await command('mv', [`${layer}.tar`, join(work, digest, 'layer.tar')]);
  const config = JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    created: '1970-01-01T00:00:00Z',
    config: {
      Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      WorkingDir: '/',
      ...(image.entrypoint ? { Entrypoint: image.entrypoint } : {}),
    },
    rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
    history: [{ created: '1970-01-01T00:00:00Z', created_by: basename(image.reference) }],
  });
  const name = `${createHash('sha256').update(config).digest('hex')}.json`;
  await writeFile(join(work, name), config);
  return { Config: name, RepoTags: [image.reference], Layers: [`${digest}/layer.tar`] };
}

async function librariesOf(programs: readonly string[], rootfs: string): Promise<string[]> {
  if (programs.length === 0) return [];
  const listed = await command('chroot', [rootfs, 'ldd', ...programs]);
  return [...new Set([...listed.matchAll(/(\/\S+) \(0x/g)].map(([, path]) => path ?? ''))];
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** The container runtime of the machine image takes the archive into a store of its own. */
const IMPORT = `
mount --make-rprivate /
mount --bind "$STORE" "$ROOTFS/var/lib/containerd"
mount -t proc proc "$ROOTFS/proc"
mount --rbind /sys "$ROOTFS/sys"
mount --rbind /dev "$ROOTFS/dev"
mount -t tmpfs tmpfs "$ROOTFS/run"
mount -t tmpfs tmpfs "$ROOTFS/mnt"
touch "$ROOTFS/mnt/images.tar"
mount --bind "$ARCHIVE" "$ROOTFS/mnt/images.tar"
exec chroot "$ROOTFS" sh -ec '
  containerd >/run/containerd.log 2>&1 &
  runtime=$!
  for attempt in $(seq 150); do if ctr version >/dev/null 2>&1; then break; fi; sleep 0.1; done
  ctr --namespace k8s.io images import /mnt/images.tar
  for image in $(ctr --namespace k8s.io images list --quiet); do
    ctr --namespace k8s.io images label "$image" io.cri-containerd.pinned=pinned >/dev/null
  done
  kill "$runtime"
  wait || true
'`;

/** @param store a folder that becomes `/var/lib/containerd` of every machine */
export async function importArchive(archive: string, rootfs: string, store: string): Promise<void> {
  const script = `ARCHIVE='${archive}' ROOTFS='${rootfs}' STORE='${store}'\n${IMPORT}`;
  await command('unshare', ['--mount', '--pid', '--fork', '--kill-child', 'bash', '-ec', script]);
}
