import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import type { WantedVolume } from '../engine.ts';
import { attempt, must } from './commands.ts';
import type { Layout } from './layout.ts';

const GB = 1024 ** 3;

/** Makes, grows or finds again a volume: a sparse file and the loop device that shows it. */
export async function putVolume(layout: Layout, volume: WantedVolume): Promise<void> {
  const file = layout.volume(volume.id);
  await mkdir(layout.volumes, { recursive: true, mode: 0o700 });
  if (!existsSync(file)) {
    const place = `${file}.new`;
    await rm(place, { force: true });
    await writeFile(place, '', { mode: 0o600 });
    await truncate(place, volume.sizeGB * GB);
    if (volume.format) await must(`mkfs.${volume.format}`, ['-q', place]);
    await rename(place, file);
  }
  const device = (await loopDevice(file)) ?? (await must('losetup', ['--find', '--show', file])).trim();
  if ((await stat(file)).size < volume.sizeGB * GB) {
    await truncate(file, volume.sizeGB * GB);
    await must('losetup', ['--set-capacity', device]);
  }
}

export async function removeVolume(layout: Layout, id: number): Promise<void> {
  const file = layout.volume(id);
  const device = await loopDevice(file);
  if (device) await attempt('losetup', ['--detach', device]);
  await rm(file, { force: true });
}

/** The loop device that shows a file; absent when there is none. */
export async function loopDevice(file: string): Promise<string | undefined> {
  return (await loopDevices()).find(({ backing }) => backing === file)?.device;
}

/** Loop devices of the whole computer with their files. */
export async function loopDevices(): Promise<{ readonly device: string; readonly backing: string }[]> {
  const text = await must('losetup', ['--list', '--json', '--output', 'NAME,BACK-FILE']);
  const { loopdevices } = JSON.parse(text || '{"loopdevices":[]}') as {
    loopdevices: { name: string; 'back-file': string }[];
  };
  return loopdevices.map((row) => ({
    device: row.name,
    backing: row['back-file'].replace(/ \(deleted\)$/, ''),
  }));
}

export interface GuestDevice {
  /** Name in the guest, `sdb` for the first volume. */
  readonly name: string;
  readonly volume: number;
  /** Major and minor number, `7:3`. */
  readonly number: string;
}

/** How a server sees its volumes: Hetzner numbers the disks from sdb on, in the order of attachment. */
export async function guestDevices(layout: Layout, volumes: readonly number[]): Promise<GuestDevice[]> {
  const devices: GuestDevice[] = [];
  for (const [index, volume] of volumes.entries()) {
    const device = await loopDevice(layout.volume(volume));
    if (!device) throw new Error(`volume ${volume} has no device`);
    const number = await readFile(`/sys/class/block/${device.replace('/dev/', '')}/dev`, 'utf8');
    devices.push({ name: `sd${String.fromCharCode(98 + index)}`, volume, number: number.trim() });
  }
  return devices;
}

/** For systemd-tmpfiles: what udev would make of the disks. */
export function renderDeviceRules(devices: readonly GuestDevice[]): string {
  return devices
    .map(
      ({ name, volume, number }) =>
        `b+ /dev/${name} 0660 root disk - ${number}\nL+ /dev/disk/by-id/scsi-0HC_Volume_${volume} - - - - ../../${name}\n`,
    )
    .join('');
}
