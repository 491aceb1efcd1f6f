import { stringify } from 'yaml';
import { type HostFile, LOGIN_USER } from './host-files.ts';

export interface UserData {
  readonly hostName: string;
  /** The machine's own SSH key, made before it, so that nobody has to trust on first use. */
  readonly hostKey: { readonly private: string; readonly public: string };
  readonly files: readonly HostFile[];
  /** Debian packages that a plain image lacks; an image that has them all needs no mirror. */
  readonly packages: readonly string[];
  /** Commands of the first boot, after the files are there. */
  readonly commands: readonly string[];
}

/** cloud-init's configuration for one machine's first boot. Source: https://cloudinit.readthedocs.io */
export function renderUserData({ hostName, hostKey, files, packages, commands }: UserData): string {
  const authorized =
    files
      .find(({ path }) => path.endsWith('/authorized_keys'))
      ?.content.trim()
      .split('\n') ?? [];
  const config = {
    hostname: hostName,
    manage_etc_hosts: false,
    disable_root: true,
    ssh_pwauth: false,
    ssh_deletekeys: true,
    ssh_genkeytypes: [],
    ssh_keys: { ed25519_private: hostKey.private, ed25519_public: hostKey.public.trim() },
    users: [
      {
        name: LOGIN_USER,
        lock_passwd: true,
        shell: '/bin/bash',
        sudo: 'ALL=(ALL) NOPASSWD:ALL',
        ssh_authorized_keys: authorized,
      },
    ],
    ...(packages.length > 0 ? { package_update: true, packages } : {}),
    // The user's own file comes by `users`: at this stage the user does not exist yet.
    write_files: files
      .filter(({ owner }) => owner === 'root')
      .map(({ path, content, mode }) => ({ path, content, permissions: mode })),
    runcmd: commands.map((command) => ['sh', '-c', command]),
  };
  return `#cloud-config\n${stringify(config, { lineWidth: 0 })}`;
}

const COMMON = [
  'systemctl daemon-reload',
  'systemctl enable nftables',
  'nft -f /etc/nftables.conf',
  'systemctl reload-or-restart ssh',
];

export const GATEWAY_COMMANDS: readonly string[] = [
  ...COMMON,
  'sysctl -q -p /etc/sysctl.d/90-groundup.conf',
  'systemctl enable --now wg-quick@wg0',
];
export const NODE_COMMANDS: readonly string[] = [...COMMON, 'systemctl enable --now groundup-routes'];

/** What Debian's cloud image lacks. */
export const GATEWAY_PACKAGES: readonly string[] = ['nftables', 'wireguard-tools', 'haproxy', 'python3'];
export const NODE_PACKAGES: readonly string[] = [
  'nftables',
  'haproxy',
  'python3',
  'conntrack',
  'containerd',
  'iptables',
];
