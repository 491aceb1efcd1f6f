import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface Image {
  readonly id: number;
  readonly type: 'system' | 'snapshot';
  readonly status: 'available';
  readonly name: string | null;
  readonly description: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly os_flavor: string;
  readonly os_version: string | null;
  readonly architecture: 'x86' | 'arm';
  readonly disk_size: number;
  readonly created: string;
  /** Directory of the machine image; absent where only the API knows it. */
  readonly directory?: string;
}

type SystemImage = readonly [
  id: number,
  name: string,
  description: string,
  architecture: Image['architecture'],
];

/** System images that need no machine: an engine without machines offers them too. Ids as Hetzner's where known. */
const SYSTEM: readonly SystemImage[] = [
  [114690387, 'debian-12', 'Debian 12', 'x86'],
  [114690389, 'debian-12', 'Debian 12', 'arm'],
  [310557660, 'debian-13', 'Debian 13', 'x86'],
  [310557661, 'debian-13', 'Debian 13', 'arm'],
  [161547269, 'ubuntu-24.04', 'Ubuntu 24.04', 'x86'],
  [161547270, 'ubuntu-24.04', 'Ubuntu 24.04', 'arm'],
];

const SYSTEM_DISK_GB = 5;

/** Snapshots that a project here usually has; an engine without machines lists them although nothing could boot. */
const SNAPSHOTS: readonly Image[] = [
  {
    ...systemImage(400_000_001, 'debian-12', 'Debian 12 with Kubernetes 1.35.4', 'x86'),
    type: 'snapshot',
    name: null,
    labels: { kubernetes: '1.35.4' },
  },
];

/**
 * What this twin lists: machine images found on disk, and system images.
 * @param machines whether servers really boot; then nothing is listed as a snapshot that is not on disk
 */
export function findImages(directory: string, machines: boolean): Image[] {
  const names = existsSync(directory)
    ? readdirSync(directory).filter((name) => existsSync(join(directory, name, 'complete')))
    : [];
  const found = names.map((name) => readImage(directory, name));
  const listed = SYSTEM.filter(([id]) => !found.some((image) => image.id === id)).map((known) =>
    systemImage(...known),
  );
  const snapshots = machines ? [] : SNAPSHOTS;
  return [...found.filter((image) => machines || image.type === 'system'), ...listed, ...snapshots].toSorted(
    (a, b) => a.id - b.id,
  );
}

function systemImage(...[id, name, description, architecture]: SystemImage): Image {
  const [flavor = '', version = ''] = name.split('-');
  return {
    id,
    type: 'system',
    status: 'available',
    name,
    description,
    labels: {},
    os_flavor: flavor,
    os_version: version,
    architecture,
    disk_size: SYSTEM_DISK_GB,
    created: '2026-01-01T00:00:00Z',
  };
}

interface ImageFile {
  readonly name: string;
  readonly type: 'system' | 'snapshot';
  readonly description: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly diskGB: number;
}

function readImage(directory: string, name: string): Image {
  const file = JSON.parse(readFileSync(join(directory, name, 'image.json'), 'utf8')) as ImageFile;
  const created = statSync(join(directory, name, 'complete')).mtime.toISOString();
  const known = SYSTEM.find(([, system, , architecture]) => system === file.name && architecture === 'x86');
  if (known) return { ...systemImage(...known), created, directory: name };
  return {
    id: 400_000_000 + (createHash('sha256').update(name).digest().readUInt32BE(0) % 100_000_000),
    type: file.type,
    status: 'available',
    name: file.type === 'system' ? file.name : null,
    description: file.description,
    labels: file.labels,
    os_flavor: 'debian',
    os_version: '12',
    architecture: 'x86',
    disk_size: file.diskGB,
    created,
    directory: name,
  };
}
