import * as z from 'zod';
import { LOCATIONS } from '../catalogue/locations.ts';
import { fault } from '../errors.ts';
import type { Network } from '../model.ts';
import type { Project } from '../project.ts';
import { inside, isAddress, isPrivate, overlaps, toAddress, toRange } from '../ranges.ts';

/** Hetzner's smallest subnet. Source: https://docs.hetzner.com/cloud/networks/faq/ */
const LONGEST_SUBNET_PREFIX = 30;
/** The only zone whose networks can be coupled with a vSwitch. Source: https://docs.hetzner.com/cloud/networks/connect-dedi-vswitch/ */
const VSWITCH_ZONE = 'eu-central';
/** Address of the Internet's router as every server sees it; never given to anyone. */
const PUBLIC_GATEWAY = '172.31.1.1';
const DEFAULT_ROUTE = '0.0.0.0/0';

export const newSubnet = z.object({
  type: z.enum(['cloud', 'server', 'vswitch']),
  network_zone: z.string(),
  ip_range: z.string().optional(),
  vswitch_id: z.int().positive().nullish(),
});
export const route = z.object({ destination: z.string(), gateway: z.string() });

/** The network's first address, Hetzner's router. */
export function routerAddress(network: Pick<Network, 'ip_range'>): string {
  return toAddress((toRange(network.ip_range)?.first ?? 0) + 1);
}

/** @throws ApiFault when the subnet cannot be part of the network */
export function withSubnet(project: Project, network: Network, wanted: z.infer<typeof newSubnet>): Network {
  if (network.subnets.length >= project.rules.limit('network_subnets'))
    throw fault.limit('subnet limit of the network exceeded', 'network_subnets');
  requireZone(network, wanted.network_zone);
  const range = wanted.ip_range ?? firstFreeSubnet(network);
  const parsed = toRange(range);
  if (!parsed || parsed.prefix > LONGEST_SUBNET_PREFIX)
    throw fault.invalid('ip_range', `must be a range of at most /${LONGEST_SUBNET_PREFIX} without host bits`);
  const last = toAddress(parsed.first + parsed.size - 1);
  if (![toAddress(parsed.first), last].every((address) => inside(address, network.ip_range)))
    throw fault.invalid('ip_range', `${range} is not inside the network ${network.ip_range}`);
  if (inside(PUBLIC_GATEWAY, range))
    throw fault.invalid('ip_range', `contains ${PUBLIC_GATEWAY}, which is reserved`);
  if (network.subnets.some((subnet) => overlaps(subnet.ip_range, range)))
    throw fault.invalid('ip_range', 'overlaps another subnet of the network');
  const crossed = network.routes.find(
    ({ destination }) => destination !== DEFAULT_ROUTE && overlaps(destination, range),
  );
  if (crossed) throw fault.invalid('ip_range', `overlaps the route to ${crossed.destination}`);
  const subnet = {
    type: wanted.type,
    ip_range: range,
    network_zone: wanted.network_zone,
    // Dedicated servers are a switch of their own, whose gateway into the network is the subnet's first address.
    gateway: wanted.type === 'vswitch' ? toAddress(parsed.first + 1) : routerAddress(network),
    vswitch_id: vswitch(project, wanted),
  };
  return { ...network, subnets: [...network.subnets, subnet] };
}

function requireZone(network: Network, zone: string): void {
  if (!LOCATIONS.some(({ network_zone }) => network_zone === zone))
    throw fault.invalid('network_zone', `network zone ${zone} does not exist`);
  const present = network.subnets.find(({ network_zone }) => network_zone !== zone);
  if (present)
    throw fault.invalid('network_zone', `must be ${present.network_zone}, as of the network's other subnets`);
}

function vswitch({ store }: Project, wanted: z.infer<typeof newSubnet>): number | null {
  if (wanted.type !== 'vswitch') {
    if (wanted.vswitch_id != null) throw fault.invalid('vswitch_id', 'is only for subnets of type vswitch');
    return null;
  }
  if (wanted.vswitch_id == null) throw fault.invalid('vswitch_id', 'is needed for subnets of type vswitch');
  if (wanted.network_zone !== VSWITCH_ZONE)
    throw fault.invalid('network_zone', `must be ${VSWITCH_ZONE} for subnets of type vswitch`);
  const taken = store
    .all('networks')
    .some(({ subnets }) => subnets.some(({ vswitch_id }) => vswitch_id === wanted.vswitch_id));
  if (taken) throw fault.other(422, 'vswitch_id_already_used', 'the vSwitch is part of a network already');
  return wanted.vswitch_id;
}

function firstFreeSubnet(network: Network): string {
  const whole = toRange(network.ip_range);
  for (let first = whole?.first ?? 0; whole && first < whole.first + whole.size; first += 256) {
    const range = `${toAddress(first)}/24`;
    const taken = [
      ...network.subnets.map(({ ip_range }) => ip_range),
      ...network.routes.map(({ destination }) => destination),
    ];
    if (!taken.some((other) => other !== DEFAULT_ROUTE && overlaps(other, range))) return range;
  }
  throw fault.other(422, 'no_subnet_available', 'no range of /24 is free in the network; write ip_range');
}

/** @throws ApiFault when the route cannot be part of the network */
export function withRoute(project: Project, network: Network, wanted: z.infer<typeof route>): Network {
  if (network.routes.length >= project.rules.limit('network_routes'))
    throw fault.limit('route limit of the network exceeded', 'network_routes');
  const { destination, gateway } = wanted;
  if (!toRange(destination) || (destination !== DEFAULT_ROUTE && !isPrivate(destination)))
    throw fault.invalid('destination', `must be a private range without host bits, or ${DEFAULT_ROUTE}`);
  if (!isAddress(gateway) || !inside(gateway, network.ip_range))
    throw fault.invalid('gateway', `must be an address of the network ${network.ip_range}`);
  if (gateway === routerAddress(network) || gateway === PUBLIC_GATEWAY)
    throw fault.invalid('gateway', 'is reserved for the router; write the address of a server');
  if (network.subnets.some(({ type, ip_range }) => type === 'vswitch' && inside(gateway, ip_range)))
    throw fault.invalid('gateway', 'cannot be behind a vSwitch');
  if (
    network.routes.some(
      (other) => other.destination === destination || crosses(other.destination, destination),
    )
  )
    throw fault.invalid('destination', 'overlaps another route of the network');
  if (network.subnets.some(({ ip_range }) => crosses(ip_range, destination)))
    throw fault.invalid('destination', 'overlaps a subnet of the network');
  return { ...network, routes: [...network.routes, wanted] };
}

/** Everything else is more special than the default route, which therefore stands in nobody's way. */
function crosses(one: string, other: string): boolean {
  return one !== DEFAULT_ROUTE && other !== DEFAULT_ROUTE && overlaps(one, other);
}
