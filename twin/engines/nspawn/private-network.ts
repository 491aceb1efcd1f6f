import { firstFree } from '../../ranges.ts';
import type { WantedNetwork, WantedNic, WantedServer } from '../engine.ts';
import { METADATA } from './internet.ts';
import type { Layout } from './layout.ts';
import { configure, makeNamespace, namespaceExists, removeLink, routes } from './namespaces.ts';

/** Bytes that Hetzner's private networks carry. */
const MTU = 1450;
/** Hetzner's names of private interfaces count from here. */
const FIRST_INTERFACE = 7;

/** Name of a server's link on a private network's side. */
export function privateLink(server: number): string {
  return `v-${server}`;
}

export function interfaceName(index: number): string {
  return `enp${FIRST_INTERFACE + index}s0`;
}

/** The router that every packet of the network passes: its first address. */
export function routerOf(ipRange: string): string {
  return firstFree(ipRange, new Set(), 1) ?? '';
}

/**
 * One private network: a router without a switch. Servers hang on links of their own and see nothing of each other
 * below layer 3, as at Hetzner. Unknown addresses end here, instead of leaving by a default route.
 */
export async function putNetwork(layout: Layout, network: WantedNetwork): Promise<void> {
  const namespace = layout.network(network.id);
  if (!namespaceExists(namespace)) {
    await makeNamespace(namespace, true);
    await configure(namespace, [
      `address add ${routerOf(network.ipRange)}/32 dev lo`,
      `address add ${METADATA}/32 dev lo`,
    ]);
  }
  const wanted = new Map(network.routes.map((route) => [shorten(route.destination), route.gateway]));
  const present = await routes(namespace, ['proto', 'static']);
  await configure(namespace, [
    `route replace unreachable ${network.ipRange} metric 1000`,
    ...present
      .filter((destination) => !wanted.has(destination))
      .map((destination) => `route delete ${destination} proto static`),
  ]);
  for (const [destination, gateway] of wanted) await routeByServer(layout, network.id, destination, gateway);
}

/** `ip` shows a single address without its prefix, and everything as `default`. */
function shorten(destination: string): string {
  return destination === '0.0.0.0/0' ? 'default' : destination.replace(/\/32$/, '');
}

/** A route through a server exists as long as that server is on: before, its packets go nowhere. */
async function routeByServer(layout: Layout, network: number, destination: string, gateway: string) {
  const server = layout
    .serverIds()
    .map((id) => layout.wanted(id))
    .find((wanted) => wanted?.privateNics.some((nic) => nic.network === network && nic.ip === gateway));
  if (!server) return;
  const lines = [
    `route replace ${destination} via ${gateway} dev ${privateLink(server.id)} onlink proto static`,
  ];
  await configure(layout.network(network), lines).catch(() => {
    // The server is off; its routes come back with it.
  });
}

/** Gives a server, or a load balancer, its link to one network, with its address routed to it. */
export async function connectNic(
  layout: Layout,
  server: Pick<WantedServer, 'id'>,
  nic: WantedNic,
  index: number,
): Promise<void> {
  const link = privateLink(server.id);
  const name = interfaceName(index);
  await configure(layout.network(nic.network), [
    `link add ${link} mtu ${MTU} type veth peer name ${name} address ${nic.mac} mtu ${MTU} netns ${layout.namespace(server.id)}`,
    `link set ${link} up`,
    `route replace ${nic.ip}/32 dev ${link}`,
  ]);
}

/** Alias addresses go by the server's own one. */
export async function routeAliases(layout: Layout, server: WantedServer, nic: WantedNic): Promise<void> {
  const namespace = layout.network(nic.network);
  const selector = ['dev', privateLink(server.id), 'proto', 'boot'];
  const present = (await routes(namespace, selector)).filter((address) => address !== nic.ip);
  await configure(namespace, [
    ...present
      .filter((address) => !nic.aliasIps.includes(address))
      .map((address) => `route delete ${address}/32 dev ${privateLink(server.id)}`),
    ...nic.aliasIps.map(
      (address) => `route replace ${address}/32 via ${nic.ip} dev ${privateLink(server.id)} onlink`,
    ),
  ]);
}

export async function disconnectNic(layout: Layout, server: number, network: number): Promise<void> {
  await removeLink(layout.network(network), privateLink(server));
}
