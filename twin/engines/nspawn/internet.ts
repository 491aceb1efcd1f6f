import type { WantedFloatingIp, WantedServer } from '../engine.ts';
import { attempt, must } from './commands.ts';
import type { Layout } from './layout.ts';
import { configure, makeNamespace, namespaceExists, routes } from './namespaces.ts';

/** Hetzner's gateway of every public interface. */
export const PUBLIC_ROUTER = '172.31.1.1';
export const METADATA = '169.254.169.254';
/** Someone on the Internet: RFC 5737 and RFC 3849 set these aside. */
const WORLD_IPV4 = '203.0.113.10';
const WORLD_IPV6 = '2001:db8:ffff::10';

/** Of a server's public interface: the same at every boot, and in the metadata. */
export function publicMac(server: number): string {
  const [a, b, c] = [16, 8, 0].map((shift) => ((server >> shift) & 0xff).toString(16).padStart(2, '0'));
  return `96:00:00:${a}:${b}:${c}`;
}

/** Name of a server's link on the Internet's side. */
export function publicLink(server: number): string {
  return `p-${server}`;
}

/**
 * The Internet as far as this computer needs one: a router, someone who lives there, and a way for this computer to
 * the twin's public addresses only. Nothing leads from here to the real one.
 */
export async function makeInternet({ inet, world, hostLink, ranges }: Layout): Promise<void> {
  if (!namespaceExists(inet)) {
    await makeNamespace(inet, true);
    await configure(inet, [
      `address add ${PUBLIC_ROUTER}/32 dev lo`,
      `address add ${METADATA}/32 dev lo`,
      `route add unreachable ${ranges.primary}`,
      `route add unreachable ${ranges.floating}`,
    ]);
  }
  if (!namespaceExists(world)) {
    await makeNamespace(world, false);
    await configure(inet, [
      `link add world type veth peer name eth0 netns ${world}`,
      'link set world up',
      'address add fe80::1/64 dev world nodad',
      `route add ${WORLD_IPV4}/32 dev world`,
      `route add ${WORLD_IPV6}/128 dev world`,
    ]);
    await configure(world, [
      `address add ${WORLD_IPV4}/32 dev eth0`,
      `address add ${WORLD_IPV6}/128 dev eth0 nodad`,
      'link set eth0 up',
      `route add default via ${PUBLIC_ROUTER} dev eth0 onlink`,
      'route add default via fe80::1 dev eth0',
    ]);
  }
  if (!(await attempt('ip', ['link', 'show', 'dev', hostLink]))) {
    const own = ranges.computer;
    await must('ip', ['link', 'add', hostLink, 'type', 'veth', 'peer', 'name', 'host', 'netns', inet]);
    await must('ip', ['link', 'set', hostLink, 'up']);
    await must('ip', ['address', 'add', `${own}/32`, 'dev', hostLink]);
    await configure(inet, ['link set host up', `route add ${own}/32 dev host`]);
    for (const range of [ranges.primary, ranges.floating]) {
      const way = ['via', PUBLIC_ROUTER, 'dev', hostLink, 'onlink', 'src', own];
      await must('ip', ['route', 'replace', range, ...way]);
    }
  }
}

/** Lines for the Internet's router that give a server or a load balancer its public link; `eth0` is in its namespace. */
export function publicLinkLines(
  server: Pick<WantedServer, 'id' | 'publicIpv4' | 'publicIpv6'>,
  namespace: string,
): string[] {
  const link = publicLink(server.id);
  return [
    `link add ${link} type veth peer name eth0 address ${publicMac(server.id)} netns ${namespace}`,
    `link set ${link} up`,
    'address add fe80::1/64 dev LINK nodad'.replace('LINK', link),
    ...(server.publicIpv4 === undefined ? [] : [`route replace ${server.publicIpv4}/32 dev ${link}`]),
    ...(server.publicIpv6 === undefined ? [] : [`route replace ${server.publicIpv6} dev ${link}`]),
  ];
}

/** A server's own IPv6 address in its /64. */
export function ownIpv6(range: string): string {
  return range.replace(/\/64$/, '1');
}

/**
 * Routes of floating addresses, as wanted and no others. The address goes by the holder's public one: a route to
 * the link alone would make the router ask for it by ARP and stall for a second.
 */
export async function routeFloatingIps(
  layout: Layout,
  addresses: readonly WantedFloatingIp[],
  holder: (server: number) => WantedServer | undefined,
): Promise<void> {
  const wanted = new Map<string, string>();
  for (const { ip, server } of addresses) {
    const machine = server === undefined ? undefined : holder(server);
    if (!machine) continue;
    const via = ip.includes(':') ? machine.publicIpv6 && ownIpv6(machine.publicIpv6) : machine.publicIpv4;
    if (via)
      wanted.set(ip, `route replace ${ip} via ${via} dev ${publicLink(machine.id)} onlink proto static`);
  }
  const present = [
    ...(await routes(layout.inet, ['proto', 'static'])),
    ...(await routes(layout.inet, ['proto', 'static'], '-6')),
  ];
  await configure(layout.inet, [
    ...wanted.values(),
    ...present
      .filter((destination) => !wanted.has(destination))
      .map((destination) => `route delete ${destination} proto static`),
  ]);
}
