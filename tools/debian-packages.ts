import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../src/errors.ts';
import { withProgress } from './progress.ts';
import { run } from './run.ts';

/** Programs of Debian that local machines need, with the packages that bring them. */
export const MACHINE_PROGRAMS: Readonly<Record<string, string>> = {
  'systemd-nspawn': 'systemd-container',
  mmdebstrap: 'mmdebstrap',
  nft: 'nftables',
  ip: 'iproute2',
  losetup: 'mount',
  'mkfs.ext4': 'e2fsprogs',
  'mkfs.xfs': 'xfsprogs',
  nmap: 'nmap',
  ssh: 'openssh-client',
  nc: 'netcat-openbsd',
  'wg-quick': 'wireguard-tools',
  'wireguard-go': 'wireguard-go',
};

/** Packages whose programs are missing here. */
export function missingPackages(): string[] {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'];
  return Object.entries(MACHINE_PROGRAMS)
    .filter(([program]) => !folders.some((folder) => existsSync(join(folder, program))))
    .map(([, name]) => name);
}

/** @throws UserError when packages are missing and cannot be installed from here */
export async function ensurePackages(): Promise<void> {
  const missing = missingPackages();
  if (missing.length === 0) return;
  const command = `apt-get install ${missing.join(' ')}`;
  if (process.getuid?.() !== 0 || (await run('apt-get', ['--version'])).code !== 0)
    throw new UserError(`Local machines need ${missing.join(', ')}. Install them as root: ${command}`);
  await withProgress(`installing ${missing.join(' ')}`, async () => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['update', '-qq'], { env });
    const { code, stderr } = await run(
      'apt-get',
      ['install', '-y', '-qq', '--no-install-recommends', ...missing],
      { env },
    );
    if (code !== 0)
      throw new UserError(`${command} failed:\n${stderr.trim().split('\n').slice(-8).join('\n')}`);
  });
}
