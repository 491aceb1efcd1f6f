import type { PersonPlan, Plan } from '../plan/index.ts';

/** Often enough that no router on the way forgets the path. Source: wg(8), PersistentKeepalive */
export const KEEPALIVE_SECONDS = 25;

export interface GatewayPeer {
  /** WireGuard's public key, 44 characters of base64. */
  readonly publicKey: string;
  /** The gateway's public IPv4 address. */
  readonly publicIp: string;
}

/**
 * A person's own way in, as `wg-quick` reads it. It holds no secret: the private key stays in a file that only its
 * owner ever had, and is read from there when the interface comes up. Source: wg-quick(8)
 */
export function wgQuickFile({ gateway, network }: Plan, person: PersonPlan, peer: GatewayPeer): string {
  const { vpn } = gateway;
  return `# ${person.name}'s way into ${gateway.name}. Before the first use, put your private key where PostUp looks for it.
[Interface]
Address = ${person.vpnIp}/32
MTU = ${vpn.mtu}
PostUp = wg set %i private-key /etc/wireguard/%i.key

[Peer]
PublicKey = ${peer.publicKey}
Endpoint = ${peer.publicIp}:${vpn.port}
AllowedIPs = ${network.cidr}, ${vpn.gatewayIp}/32
PersistentKeepalive = ${KEEPALIVE_SECONDS}
`;
}
