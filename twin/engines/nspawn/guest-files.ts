import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import type { WantedServer } from '../engine.ts';
import { must } from './commands.ts';
import { METADATA, ownIpv6, PUBLIC_ROUTER } from './internet.ts';
import { interfaceName, routerOf } from './private-network.ts';

/** Hetzner's own resolvers, as its images have them. */
export const RESOLVERS = ['185.12.64.1', '185.12.64.2'];

/** What cloud-init does here: everything of a Hetzner server but what needs a mirror or a disk. */
const MODULES = {
  cloud_init_modules: [
    'seed_random',
    'bootcmd',
    'write-files',
    'set_hostname',
    'update_hostname',
    'update_etc_hosts',
    'users-groups',
    'ssh',
  ],
  cloud_config_modules: ['set-passwords', 'runcmd'],
  cloud_final_modules: [
    'scripts-per-once',
    'scripts-per-boot',
    'scripts-per-instance',
    'scripts-user',
    'final-message',
  ],
};

function put(root: string, path: string, content: string, mode = 0o644): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  rmSync(file, { force: true });
  writeFileSync(file, content, { mode });
}

/** What makes a machine of a plain image another one than its siblings. */
export function writeIdentity(root: string, name: string): void {
  put(root, 'etc/machine-id', `${randomBytes(16).toString('hex')}\n`, 0o444);
  put(root, 'etc/hostname', `${name}\n`);
  put(root, 'etc/hosts', `127.0.0.1 localhost\n::1 localhost\n127.0.1.1 ${name}\n`);
}

/** What a new disk needs before its first boot: above all the user data, where cloud-init looks for it. */
export function writeFirstBoot(root: string, server: WantedServer): void {
  put(root, 'etc/resolv.conf', RESOLVERS.map((address) => `nameserver ${address}\n`).join(''));
  const seed = 'var/lib/cloud/seed/nocloud';
  put(
    root,
    `${seed}/meta-data`,
    stringify({
      'instance-id': String(server.id),
      'local-hostname': server.name,
      'public-keys': server.sshKeys,
    }),
  );
  put(root, `${seed}/user-data`, server.userData === '' ? '#cloud-config\n{}\n' : server.userData, 0o600);
  put(
    root,
    'etc/cloud/cloud.cfg.d/90-hetzner.cfg',
    stringify({
      datasource_list: ['NoCloud'],
      network: { config: 'disabled' },
      disable_root: false,
      users: ['default'],
      system_info: { default_user: { name: 'root', lock_passwd: false } },
      ...MODULES,
    }),
  );
  for (const [key, value] of Object.entries(KERNEL_SETTINGS)) put(root, settingFile(key), `${value}\n`);
  put(root, unitFile('twin-machine.service'), MACHINE_UNIT);
  enable(root, 'twin-machine.service', 'sysinit.target');
}

const PASSWORD_LOGIN = 'etc/ssh/sshd_config.d/10-root-password.conf';

/** On a disk that is mounted here. */
export async function setRootPassword(root: string, password: string): Promise<void> {
  put(root, PASSWORD_LOGIN, 'PermitRootLogin yes\nPasswordAuthentication yes\n');
  await must('chroot', [root, 'chpasswd'], `root:${password}\n`);
}

/** The same within a machine that runs; the password comes by standard input, where nobody sees it. */
export const SET_ROOT_PASSWORD = [
  'sh',
  '-ec',
  `chpasswd
   printf 'PermitRootLogin yes\nPasswordAuthentication yes\n' >/${PASSWORD_LOGIN}
   systemctl try-reload-or-restart ssh`,
];

/** nspawn shows control groups read-only and keeps mounts private; a server of Hetzner does neither. */
const MACHINE_UNIT = `[Unit]
Description=Make this container as free as a server
DefaultDependencies=no
Before=sysinit.target systemd-tmpfiles-setup-dev.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'for root in /sys/fs/cgroup /sys/fs/cgroup/*; do if mountpoint -q "$root"; then mount -o remount,rw,bind "$root" || true; fi; done; mount --make-rshared /'
`;

const FAKE_TIME = 'usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1';

const CLOCK_UNIT = `[Unit]
Description=Let the clock of this machine be wrong
DefaultDependencies=no
After=systemd-networkd.service
Before=sysinit.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'echo /${FAKE_TIME} >/run/preload'
`;

function unitFile(unit: string): string {
  return `etc/systemd/system/${unit}`;
}

function wantedBy(unit: string, target: string): string {
  return `etc/systemd/system/${target}.wants/${unit}`;
}

function enable(root: string, unit: string, target: string): void {
  const link = join(root, wantedBy(unit, target));
  mkdirSync(dirname(link), { recursive: true });
  // It leads nowhere on this computer, so a look whether it is there would find nothing.
  rmSync(link, { force: true });
  symlinkSync(`/${unitFile(unit)}`, link);
}

/** Interfaces and disks as they are now; written before each boot and whenever they change. */
export function writeWiring(
  root: string,
  server: WantedServer,
  networkRange: (id: number) => string,
  deviceRules: string,
): void {
  const files = wiringFiles(server, networkRange);
  for (const index of [0, 1, 2]) {
    const path = `etc/systemd/network/10-${interfaceName(index)}.network`;
    const content = files.get(path);
    if (content === undefined) rmSync(join(root, path), { force: true });
    else put(root, path, content);
  }
  const eth0 = files.get('etc/systemd/network/10-eth0.network');
  if (eth0 === undefined) rmSync(join(root, 'etc/systemd/network/10-eth0.network'), { force: true });
  else put(root, 'etc/systemd/network/10-eth0.network', eth0);
  put(root, 'etc/tmpfiles.d/hetzner-volumes.conf', deviceRules);
}

/** As its network configuration sees it when none of its interfaces comes up. */
export function withoutCables({ publicIpv4: _, publicIpv6: __, ...server }: WantedServer): WantedServer {
  return { ...server, privateNics: [] };
}

const PRELOADED = 'etc/ld.so.preload';
const CLOCK = 'twin-clock.service';

/**
 * Sets a machine's clock a day back, or right again. It shares this computer's clock, so it is told another time by
 * libfaketime: whatever asks the C library believes it, and statically linked programs do not. Init and networkd do not
 * bear that library, so the list of what is preloaded is filled once both run.
 * @throws Error when the image has no libfaketime
 */
export function writeClock(root: string, skewed: boolean): void {
  if (!skewed) {
    const paths = [PRELOADED, 'etc/faketimerc', unitFile(CLOCK), wantedBy(CLOCK, 'sysinit.target')];
    for (const path of paths) rmSync(join(root, path), { force: true });
    return;
  }
  if (!existsSync(join(root, FAKE_TIME)))
    throw new Error(
      'the machine image has no libfaketime, so no clock of a machine can be wrong: make machines',
    );
  put(root, 'etc/faketimerc', '-1d\n');
  rmSync(join(root, PRELOADED), { force: true });
  symlinkSync('/run/preload', join(root, PRELOADED));
  put(root, unitFile(CLOCK), CLOCK_UNIT);
  enable(root, CLOCK, 'sysinit.target');
}

function wiringFiles(server: WantedServer, networkRange: (id: number) => string): Map<string, string> {
  const files = new Map<string, string>();
  if (server.publicIpv4 !== undefined || server.publicIpv6 !== undefined) {
    const lines = ['[Match]', 'Name=eth0', '', '[Network]', 'IPv6AcceptRA=no'];
    if (server.publicIpv4 !== undefined) lines.push(`Address=${server.publicIpv4}/32`);
    if (server.publicIpv6 !== undefined) lines.push(`Address=${ownIpv6(server.publicIpv6)}/64`);
    if (server.publicIpv4 !== undefined) {
      lines.push('', '[Route]', `Destination=${PUBLIC_ROUTER}/32`, 'Scope=link');
      lines.push('', '[Route]', `Gateway=${PUBLIC_ROUTER}`, 'GatewayOnLink=yes');
    }
    if (server.publicIpv6 !== undefined) lines.push('', '[Route]', 'Gateway=fe80::1');
    files.set('etc/systemd/network/10-eth0.network', `${lines.join('\n')}\n`);
  }
  for (const [index, nic] of server.privateNics.entries()) {
    const range = networkRange(nic.network);
    const router = routerOf(range);
    const lines = [
      ['[Match]', `Name=${interfaceName(index)}`],
      ['[Network]', `Address=${nic.ip}/32`, 'IPv6AcceptRA=no', 'LinkLocalAddressing=no'],
      ['[Route]', `Destination=${router}/32`, 'Scope=link'],
      ...[range, `${METADATA}/32`].map((destination) => [
        '[Route]',
        `Destination=${destination}`,
        `Gateway=${router}`,
        'GatewayOnLink=yes',
      ]),
    ];
    files.set(
      `etc/systemd/network/10-${interfaceName(index)}.network`,
      `${lines.map((section) => section.join('\n')).join('\n\n')}\n`,
    );
  }
  return files;
}

/** The same as the file says, for a machine that already runs. */
export function liveNicLines(ipRange: string, ip: string, name: string): string[] {
  const router = routerOf(ipRange);
  return [
    `link set ${name} up`,
    `address replace ${ip}/32 dev ${name}`,
    `route replace ${router}/32 dev ${name} scope link`,
    `route replace ${ipRange} via ${router} dev ${name} onlink`,
    `route replace ${METADATA}/32 via ${router} dev ${name} onlink`,
  ];
}

/**
 * Settings of the whole kernel that kubelet wants in a certain state. A guest must not change this computer's, so it
 * sees files that already say what it wants: https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/
 */
const KERNEL_SETTINGS: Readonly<Record<string, string>> = {
  'vm/overcommit_memory': '1',
  'vm/panic_on_oom': '0',
  'kernel/panic': '10',
  'kernel/panic_on_oops': '1',
  'kernel/keys/root_maxkeys': '1000000',
  'kernel/keys/root_maxbytes': '25000000',
};

const SETTINGS_DIRECTORY = 'usr/local/lib/twin';

function settingFile(key: string): string {
  return join(SETTINGS_DIRECTORY, key.replaceAll('/', '.'));
}

/** Arguments of systemd-nspawn that lay these files over the real ones; it looks for them inside the guest. */
export function kernelSettingBinds(): string[] {
  return Object.keys(KERNEL_SETTINGS).map((key) => `--bind-ro=/${settingFile(key)}:/proc/sys/${key}`);
}
