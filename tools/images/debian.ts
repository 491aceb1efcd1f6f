import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../src/errors.ts';
import { command, DATA_DIRECTORIES, type ImageRecipe, recipeOf } from './image.ts';

/** Hetzner's Debian image has the first line; the second stands for what machines cannot fetch here. */
const PACKAGES = [
  ...[
    'systemd',
    'systemd-sysv',
    'dbus',
    'openssh-server',
    'cloud-init',
    'iproute2',
    'iputils-ping',
    'netbase',
    'sudo',
  ],
  ...['ca-certificates', 'procps', 'python3', 'kmod', 'ethtool', 'e2fsprogs', 'xfsprogs', 'curl', 'tcpdump'],
  ...[
    'wireguard-tools',
    'wireguard-go',
    'haproxy',
    'nftables',
    'iptables',
    'ipset',
    'conntrack',
    'containerd',
    'runc',
  ],
  ...['socat', 'netcat-openbsd', 'iperf3', 'libfaketime'],
];

/** Of no use in a container, or busy at a bad moment. */
const MASKED = [
  ...['systemd-udevd.service', 'systemd-udev-trigger.service', 'getty.target', 'console-getty.service'],
  ...['apt-daily.timer', 'apt-daily-upgrade.timer', 'dpkg-db-backup.timer', 'e2scrub_all.timer'],
  ...[
    'e2scrub_reap.service',
    'fstrim.timer',
    'systemd-pstore.service',
    'systemd-networkd-wait-online.service',
  ],
];
const ENABLED = ['systemd-networkd.service', 'ssh.service'];
const DISABLED = ['haproxy.service', 'nftables.service', 'containerd.service'];

export const DEBIAN: ImageRecipe = {
  name: 'debian-12',
  type: 'system',
  description: 'Debian 12',
  labels: {},
  recipe: recipeOf(PACKAGES, MASKED, ENABLED, DISABLED, DATA_DIRECTORIES, 1),
  make: async (place) => {
    const root = join(place, 'rootfs');
    const include = `--include=${PACKAGES.join(',')}`;
    await command('mmdebstrap', ['--quiet', '--variant=minbase', include, 'bookworm', root, '-'], {
      stdin: aptSources(),
    });
    await rm(join(root, 'etc/apt/sources.list'), { force: true });
    for (const folder of ['etc/apt/sources.list.d', 'var/lib/apt/lists', 'var/cache/apt']) {
      await rm(join(root, folder), { recursive: true, force: true });
    }
    for (const name of readdirSync(join(root, 'etc/ssh')).filter((file) => file.startsWith('ssh_host_'))) {
      await rm(join(root, 'etc/ssh', name));
    }
    await writeFile(join(root, 'etc/machine-id'), '');
    await command('systemctl', [`--root=${root}`, '--quiet', 'mask', ...MASKED]);
    await command('systemctl', [`--root=${root}`, '--quiet', 'disable', ...DISABLED]);
    await command('systemctl', [`--root=${root}`, '--quiet', 'enable', ...ENABLED]);
    for (const folder of DATA_DIRECTORIES) {
      await rm(join(root, folder), { recursive: true, force: true });
      await mkdir(join(root, folder), { recursive: true });
      await mkdir(join(place, 'data', folder), { recursive: true });
    }
  },
};

/** This computer's own package sources decide which mirror is asked. */
function aptSources(): string {
  const folder = '/etc/apt/sources.list.d';
  const files = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  const modern = files.filter((name) => name.endsWith('.sources'));
  const classic = ['/etc/apt/sources.list', ...files.filter((name) => name.endsWith('.list'))];
  const separator = modern.length > 0 ? '\n\n' : '\n';
  const texts = (modern.length > 0 ? modern : classic.filter(existsSync))
    .flatMap((name) => readFileSync(name, 'utf8').split(separator))
    .filter((entry) => /^(?:Suites:|deb\s).*\bbookworm(?:\s|$)/m.test(entry) || /-security/.test(entry));
  if (texts.length === 0)
    throw new UserError(
      'No package sources were found in /etc/apt: machine images are made on Debian or Ubuntu.',
    );
  return texts.join(separator);
}
