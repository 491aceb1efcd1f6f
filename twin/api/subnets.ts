import * as z from 'zod';
import { LOCATIONS } from '../catalogue/locations.ts';
import { fault } from '../errors.ts';
import type { Network } from '../model.ts';
import type { Project } from '../project.ts';
import { DEFAULT_ROUTE, inside, overlaps, toAddress, toRange } from '../ranges.ts';

/** Hetzner's smallest subnet. Source: https://docs.hetzner.cloud/reference/cloud#network-actions-add-a-subnet-to-a-network */
const LONGEST_SUBNET_PREFIX = 30;
/** The only zone whose networks can be coupled with a vSwitch. Source: https://docs.hetzner.com/cloud/networks/faq/ */
const VSWITCH_ZONE = 'eu-central';

export const newSubnet = z.object({
  type: z.enum(['cloud', 'server', 'vswitch']),
  network_zone: z.string(),
  ip_range: z.string().nullish(),
  vswitch_id: z.int().positive().nullish(),
});
type NewSubnet = z.infer<typeof newSubnet>;

/** The network's first address, Hetzner's router. */
export function routerAddress(network: Pick<Network, 'ip_range'>): string {
  return toAddress((toRange(network.ip_range)?.first ?? 0) + 1);
}

/**
 * @param path where in the body the subnet is, such as `subnets.0.`
 * @throws ApiFault when the subnet cannot be part of the network
 */
export function withSubnet(project: Project, network: Network, wanted: NewSubnet, path = ''): Network {
  if (network.subnets.length >= project.rules.limit('network_subnets'))
    throw fault.limit('subnet limit of the network exceeded', 'network_subnets');
  requireZone(network, wanted.network_zone, `${path}network_zone`);
  const range = wanted.ip_range ?? firstFreeSubnet(network);
  const parsed = toRange(range);
  const refuse = (message: string) => fault.invalid(`${path}ip_range`, message);
  if (!parsed || parsed.prefix > LONGEST_SUBNET_PREFIX)
    throw refuse(`must be a range of at least /${LONGEST_SUBNET_PREFIX} without host bits`);
  const last = toAddress(parsed.first + parsed.size - 1);
  if (![toAddress(parsed.first), last].every((address) => inside(address, network.ip_range)))
    throw refuse(`${range} is not inside the network ${network.ip_range}`);
  if (network.subnets.some((subnet) => overlaps(subnet.ip_range, range)))
    throw refuse('overlaps another subnet of the network');
  const crossed = network.routes.find(
    ({ destination }) => destination !== DEFAULT_ROUTE && overlaps(destination, range),
  );
  if (crossed) throw refuse(`overlaps the route to ${crossed.destination}`);
  const subnet = {
    type: wanted.type,
    ip_range: range,
    network_zone: wanted.network_zone,
    // Dedicated servers are a switch of their own, whose gateway into the network is the subnet's first address.
    gateway: wanted.type === 'vswitch' ? toAddress(parsed.first + 1) : routerAddress(network),
    vswitch_id: vswitch(project, network, wanted, path),
  };
  return { ...network, subnets: [...network.subnets, subnet] };
}

function requireZone(network: Network, zone: string, field: string): void {
  if (!LOCATIONS.some(({ network_zone }) => network_zone === zone))
    throw fault.invalid(field, `network zone ${zone} does not exist`);
  const present = network.subnets.find(({ network_zone }) => network_zone !== zone);
  if (present)
    throw fault.invalid(field, `must be ${present.network_zone}, as of the network's other subnets`);
}

function vswitch(
  { store, rules }: Project,
  network: Network,
  wanted: NewSubnet,
  path: string,
): number | null {
  const { type, network_zone, vswitch_id: id } = wanted;
  if (type !== 'vswitch') {
    if (id != null) throw fault.invalid(`${path}vswitch_id`, 'is only for subnets of type vswitch');
    return null;
  }
  if (id == null) throw fault.invalid(`${path}vswitch_id`, 'is needed for subnets of type vswitch');
  if (network_zone !== VSWITCH_ZONE)
    throw fault.invalid(`${path}network_zone`, `must be ${VSWITCH_ZONE} for subnets of type vswitch`);
  if (!rules.knowsVswitch(id)) throw fault.service('vswitch not found');
  const uses = ({ subnets }: Network) => subnets.some(({ vswitch_id }) => vswitch_id === id);
  if (uses(network) || store.all('networks').some(uses))
    throw fault.other(422, 'vswitch_id_already_used', 'vswitch id already used by another network');
  return id;
}

/** Where a subnet goes that names no range: the first /24 that is free. */
function firstFreeSubnet(network: Network): string {
  const whole = toRange(network.ip_range);
  const taken = [
    ...network.subnets.map(({ ip_range }) => ip_range),
    ...network.routes.map(({ destination }) => destination).filter((one) => one !== DEFAULT_ROUTE),
  ];
  for (let first = whole?.first ?? 0; whole && first < whole.first + whole.size; first += 256) {
    const range = `${toAddress(first)}/24`;
    if (!taken.some((other) => overlaps(other, range))) return range;
  }
  throw fault.other(422, 'no_subnet_available', 'no range of /24 is free in the network; write ip_range');
}

/** @throws ApiFault unless the network has such a subnet and nobody has an address of it. Returns the network without. */
export function withoutSubnet({ store }: Project, network: Network, range: string): Network {
  if (!network.subnets.some((subnet) => subnet.ip_range === range)) throw fault.notFound('subnet', range);
  const isHere = (nic: {
    readonly network: number;
    readonly ip: string;
    readonly alias_ips?: readonly string[];
  }) =>
    nic.network === network.id &&
    [nic.ip, ...(nic.alias_ips ?? [])].some((address) => inside(address, range));
  // Terraform's provider knows these two by their words, and waits.
  if (network.servers.some((id) => store.get('servers', id)?.private_net.some(isHere)))
    throw fault.service('cannot remove subnet because servers are attached to it');
  if (network.load_balancers.some((id) => store.get('load_balancers', id)?.private_net.some(isHere)))
    throw fault.service('cannot remove subnet because network has attached resources');
  return { ...network, subnets: network.subnets.filter((subnet) => subnet.ip_range !== range) };
}
