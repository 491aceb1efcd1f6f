import { fault } from '../errors.ts';
import type { Network, PrivateNic, Server, Subnet } from '../model.ts';
import type { Project } from '../project.ts';
import {
  firstFree,
  inside,
  isAddress,
  macAddress,
  overlaps,
  PUBLIC_GATEWAY,
  toAddress,
  toRange,
} from '../ranges.ts';
import { referenced, requireLocation } from './references.ts';
import { routerAddress } from './subnets.ts';

export interface Attachment {
  readonly network: number;
  readonly ip?: string | null | undefined;
  /** A subnet's range, to choose the address from. */
  readonly ip_range?: string | null | undefined;
  readonly alias_ips: readonly string[];
}

/** Only within a change of the store. @throws ApiFault when there is no place or an address cannot be had */
export function attachToNetwork(project: Project, serverId: number, wanted: Attachment): void {
  const { store, rules } = project;
  const network = referenced(project, 'networks', wanted.network, 'network');
  const server = store.get('servers', serverId);
  if (!server) return;
  if (server.private_net.some((nic) => nic.network === network.id))
    throw fault.other(422, 'server_already_attached', 'the server is attached to the network already');
  if (network.servers.length + network.load_balancers.length >= rules.limit('network_servers'))
    throw fault.limit('server limit of the network exceeded', 'network_servers');
  if (server.private_net.length >= rules.limit('server_networks'))
    throw fault.limit('network limit of the server exceeded', 'server_networks');
  const crossing = server.private_net
    .map((nic) => store.get('networks', nic.network))
    .find((other) => other && overlaps(other.ip_range, network.ip_range));
  if (crossing)
    throw fault.other(
      422,
      'networks_overlap',
      `the server is in network ${crossing.id}, whose range overlaps`,
    );
  const subnets = subnetsFor(network, server, wanted.ip_range ?? undefined);
  const taken = takenAddresses(project, network.id);
  const ip = wanted.ip ?? freeIn(subnets, taken, routerAddress(network));
  requireAddresses(network, subnets, taken, [ip], 'ip');
  requireAliases(project, network, server, { ip, alias_ips: wanted.alias_ips });
  const nic: PrivateNic = {
    network: network.id,
    ip,
    alias_ips: wanted.alias_ips,
    mac_address: macAddress(network.id, ip),
  };
  store.put('servers', { ...server, private_net: [...server.private_net, nic] });
  store.put('networks', { ...network, servers: [...network.servers, serverId] });
}

/** @throws ApiFault when the server cannot have these alias addresses beside its own one */
export function requireAliases(
  project: Project,
  network: Network,
  server: Server,
  { ip, alias_ips }: { readonly ip: string; readonly alias_ips: readonly string[] },
): void {
  const most = project.rules.limit('server_alias_ips');
  if (alias_ips.length > most)
    throw fault.limit(`a server has at most ${most} alias IPs`, 'server_alias_ips');
  const own = server.private_net.find((nic) => nic.network === network.id)?.alias_ips ?? [];
  const taken = new Set([...takenAddresses(project, network.id), ip]);
  for (const address of own) taken.delete(address);
  if (new Set(alias_ips).size < alias_ips.length) throw fault.invalid('alias_ips', 'names an address twice');
  requireAddresses(network, subnetsFor(network, server), taken, alias_ips, 'alias_ips');
}

/** Every private address of a network that someone has, or that nobody can have. */
export function takenAddresses({ store }: Project, networkId: number): Set<string> {
  const { servers: members = [], load_balancers: balancers = [] } = store.get('networks', networkId) ?? {};
  const nics = members.flatMap(
    (id) => store.get('servers', id)?.private_net.filter((nic) => nic.network === networkId) ?? [],
  );
  const balanced = balancers.flatMap((id) => store.get('load_balancers', id)?.private_net ?? []);
  const own = nics.flatMap((nic) => [nic.ip, ...nic.alias_ips]);
  return new Set([...own, ...balanced.map(({ ip }) => ip), PUBLIC_GATEWAY]);
}

function subnetsFor(network: Network, server: Server, range?: string): readonly Subnet[] {
  const zone = requireLocation(server.location).network_zone;
  const subnets = network.subnets.filter(
    (subnet) =>
      subnet.network_zone === zone &&
      subnet.type !== 'vswitch' &&
      (range === undefined || subnet.ip_range === range),
  );
  if (subnets.length > 0) return subnets;
  const which = range === undefined ? '' : ` with the range ${range}`;
  throw fault.other(422, 'no_subnet_available', `the network has no subnet in ${zone}${which}`);
}

function requireAddresses(
  network: Network,
  subnets: readonly Subnet[],
  taken: ReadonlySet<string>,
  addresses: readonly string[],
  field: string,
): void {
  for (const address of addresses) {
    if (!isAddress(address) || !subnets.some((subnet) => inside(address, subnet.ip_range)))
      throw fault.invalid(field, `${address} is in no subnet that the server can have an address of`);
    if (taken.has(address) || address === routerAddress(network))
      throw fault.other(422, 'ip_not_available', `${address} is taken`);
  }
}

/** From the subnet that was added last, as Hetzner chooses (terraform-provider-hcloud, issue 672); then the others. */
function freeIn(subnets: readonly Subnet[], taken: ReadonlySet<string>, router: string): string {
  for (const { ip_range } of subnets.toReversed()) {
    const reserved = new Set([...taken, router, toAddress(toRange(ip_range)?.first ?? 0)]);
    const address = firstFree(ip_range, reserved, 0);
    if (address !== undefined) return address;
  }
  throw fault.other(422, 'no_subnet_available', 'no address is free in the subnets of the network');
}
