import type { GatewayPlan, NodePlan, Plan } from '../plan/index.ts';

/**
 * Hetzner's cloud firewall guards public interfaces only, so every machine has one of its own. It is one table that
 * is replaced as a whole; what Kubernetes adds to nftables stays untouched.
 */
function ruleset(chains: readonly string[]): string {
  return `#!/usr/sbin/nft -f
# Written by Groundup; changes by hand are lost.
table inet groundup
delete table inet groundup
table inet groundup {
${chains.join('\n\n')}
}
`;
}

const BASICS = [
  'ct state established,related accept',
  'ct state invalid drop',
  'iif lo accept',
  'ip protocol icmp accept',
  'ip6 nexthdr icmpv6 accept',
];

function chain(name: string, hook: string, policy: 'accept' | 'drop', rules: readonly string[]): string {
  return [
    `  chain ${name} {`,
    `    type ${hook}; policy ${policy};`,
    ...rules.map((rule) => `    ${rule}`),
    '  }',
  ].join('\n');
}

/** From the VPN to SSH and the API; from the private network everything, since pods and etcd talk across nodes. */
export function nodeFirewall({ network, gateway, kubernetes }: Plan, node: NodePlan): string {
  return ruleset([
    chain('input', 'filter hook input priority filter', 'drop', [
      ...BASICS,
      `ip saddr ${gateway.vpn.cidr} tcp dport { 22, 443, 6443 } accept`,
      `ip saddr { ${network.cidr}, ${kubernetes.podCidr} } accept`,
      ...(node.public ? ['tcp dport 443 accept'] : []),
    ]),
  ]);
}

/** WireGuard from anywhere; inside the VPN SSH and the API; it routes people in and the private network out. */
export function gatewayFirewall({ network }: Plan, { vpn }: GatewayPlan): string {
  return ruleset([
    chain('input', 'filter hook input priority filter', 'drop', [
      ...BASICS,
      `udp dport ${vpn.port} accept`,
      'iifname "wg0" tcp dport { 22, 6443 } accept',
      `ip saddr ${network.cidr} tcp dport 6443 accept`,
    ]),
    chain('forward', 'filter hook forward priority filter', 'drop', [
      'ct state established,related accept',
      `iifname "wg0" ip daddr ${network.cidr} accept`,
      `ip saddr ${network.cidr} ip daddr != { ${network.cidr}, ${vpn.cidr} } accept`,
    ]),
    chain('postrouting', 'nat hook postrouting priority srcnat', 'accept', [
      `ip saddr ${network.cidr} ip daddr != { ${network.cidr}, ${vpn.cidr} } masquerade`,
    ]),
  ]);
}
