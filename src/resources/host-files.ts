import type { NodePlan, Plan } from '../plan/index.ts';
import { gatewayFirewall, nodeFirewall } from './host-firewall.ts';

/** A file of a machine. First boot writes it by cloud-init, later changes come by a phase: the same text. */
export interface HostFile {
  readonly path: string;
  readonly content: string;
  /** Octal, such as `0600`. */
  readonly mode: string;
  readonly owner: string;
}

/** The user that people and phases log in as; root has no login. */
export const LOGIN_USER = 'groundup';

export interface GatewayKeys {
  /** WireGuard's private key, in base64. */
  readonly privateKey: string;
  /** Public key of this program's own peer. */
  readonly automationPublicKey: string;
}

function file(path: string, content: string, mode = '0644', owner = 'root'): HostFile {
  return { path, content, mode, owner };
}

/**
 * The plan as a machine's first boot hears of it: without people. User data has a limit of 32 KiB, which the keys of a
 * large team exceed; a minute later a phase brings them, as it brings every later change.
 */
export function firstBoot(plan: Plan): Plan {
  return { ...plan, access: { ...plan.access, people: [] } };
}

/** @param sshKey the program's own OpenSSH public key */
export function nodeFiles(plan: Plan, node: NodePlan, sshKey: string): HostFile[] {
  return [
    file('/etc/nftables.conf', nodeFirewall(plan, node), '0755'),
    ...loginFiles(plan, sshKey),
    file('/etc/hosts', hosts(plan, node.name, '127.0.0.1')),
    ...routeFiles(
      [
        `ip route replace ${plan.gateway.vpn.cidr} via ${plan.network.routerIp} dev "$link" onlink`,
        ...(node.public ? [] : [`ip route replace default via ${plan.network.routerIp} dev "$link" onlink`]),
      ],
      node.privateIp,
    ),
  ];
}

/** @param sshKey the program's own OpenSSH public key */
export function gatewayFiles(plan: Plan, keys: GatewayKeys, sshKey: string): HostFile[] {
  return [
    file('/etc/nftables.conf', gatewayFirewall(plan, plan.gateway), '0755'),
    ...loginFiles(plan, sshKey),
    file('/etc/hosts', hosts(plan, plan.gateway.name, plan.gateway.privateIp)),
    file('/etc/sysctl.d/90-groundup.conf', 'net.ipv4.ip_forward = 1\n'),
    file('/etc/wireguard/wg0.conf', wireguardConfig(plan, keys), '0600'),
  ];
}

function loginFiles(plan: Plan, sshKey: string): HostFile[] {
  const keys = [
    `${sshKey.trim()} automation`,
    ...plan.access.people.map((person) => `${person.sshKey} ${person.name}`),
  ];
  const sshd = [
    'PermitRootLogin no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    `AllowUsers ${LOGIN_USER}`,
    'MaxAuthTries 3',
    'X11Forwarding no',
    'AllowAgentForwarding no',
    'LogLevel VERBOSE',
  ];
  return [
    file('/etc/ssh/sshd_config.d/10-groundup.conf', `${sshd.join('\n')}\n`),
    file(`/home/${LOGIN_USER}/.ssh/authorized_keys`, `${keys.join('\n')}\n`, '0600', LOGIN_USER),
  ];
}

function hosts(plan: Plan, own: string, apiAddress: string): string {
  const machines = [plan.gateway, ...plan.nodes].map(({ privateIp, name }) => `${privateIp} ${name}`);
  return [
    '127.0.0.1 localhost',
    '::1 localhost ip6-localhost ip6-loopback',
    `127.0.1.1 ${own}`,
    ...machines.filter((line) => !line.endsWith(` ${own}`)),
    `${apiAddress} ${plan.kubernetes.apiName}`,
    '',
  ].join('\n');
}

/** Routes that Hetzner's DHCP does not give, set again whenever the network comes up. */
function routeFiles(commands: readonly string[], privateIp: string): HostFile[] {
  const script = `#!/bin/sh
# Written by Groundup; changes by hand are lost.
set -eu
link=$(ip -o -4 address show to ${privateIp} | awk 'NR == 1 { print $2 }')
[ -n "$link" ] || { echo "no interface has ${privateIp} yet" >&2; exit 1; }
${commands.join('\n')}
`;
  const unit = `[Unit]
Description=Routes through the private network
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/sbin/groundup-routes
Restart=on-failure
RestartSec=1

[Install]
WantedBy=multi-user.target
`;
  return [
    file('/usr/local/sbin/groundup-routes', script, '0755'),
    file('/etc/systemd/system/groundup-routes.service', unit),
  ];
}

export function wireguardConfig({ gateway, access }: Plan, keys: GatewayKeys): string {
  const { vpn } = gateway;
  const peers = [
    { name: 'automation', wireguardKey: keys.automationPublicKey, vpnIp: vpn.automationIp },
    ...access.people,
  ].map(
    ({ name, wireguardKey, vpnIp }) =>
      `\n# ${name}\n[Peer]\nPublicKey = ${wireguardKey}\nAllowedIPs = ${vpnIp}/32\n`,
  );
  const prefix = vpn.cidr.split('/')[1];
  return `[Interface]
Address = ${vpn.gatewayIp}/${prefix}
ListenPort = ${vpn.port}
MTU = ${vpn.mtu}
PrivateKey = ${keys.privateKey}
${peers.join('')}`;
}
