import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { findServerType } from '../catalogue/server-types.ts';
import { fault } from '../errors.ts';
import type { PlacementGroup, PrivateNic, Server } from '../model.ts';
import type { Project } from '../project.ts';
import { firstFree, inside, isAddress, macAddress, toAddress, toRange } from '../ranges.ts';
import { applyFirewall } from './firewalls.ts';
import { shape } from './http.ts';
import { NETWORK_LIMITS, routerAddress } from './networks.ts';
import { createPrimaryIp, requireFreePrimaryIp } from './public-addresses.ts';
import { now, referenced, requireLocation, requireUniqueName } from './references.ts';
import { moveVolume, requireAttachable } from './volumes.ts';

/** Source: https://docs.hetzner.cloud/reference/cloud#servers-create-a-server */
export const SERVER_LIMITS = { userDataBytes: 32_768, perPlacementGroup: 10, networks: 3, aliasIps: 5 };

const HOST_NAME =
  /^(?=.{1,63}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/;
const reference = z.union([z.string(), z.int().transform(String)]);

export const serverName = z.string().regex(HOST_NAME, 'must be a valid host name (RFC 1123)');
export const newServer = z.object({
  name: serverName,
  server_type: reference,
  image: reference,
  location: z.string().nullish(),
  start_after_create: z.boolean().default(true),
  placement_group: shape.id.nullish(),
  ssh_keys: z.array(reference).default([]),
  volumes: z.array(shape.id).default([]),
  automount: z.boolean().optional(),
  networks: z.array(shape.id).default([]),
  firewalls: z.array(z.object({ firewall: shape.id })).default([]),
  user_data: z.string().nullish(),
  labels: shape.labels.default({}),
  public_net: z
    .object({
      enable_ipv4: z.boolean().default(true),
      enable_ipv6: z.boolean().default(true),
      ipv4: shape.id.nullish(),
      ipv6: shape.id.nullish(),
    })
    .prefault({}),
  datacenter: z.undefined('was removed; use location').optional(),
});

const DEFAULT_LOCATION = 'fsn1';

/**
 * Checks and records a new server with everything that it takes along. Only within a change of the store.
 * @throws ApiFault as documented; nothing is kept then
 */
export function createServer(project: Project, wanted: z.infer<typeof newServer>): Server {
  const { store } = project;
  const type = findServerType(wanted.server_type);
  if (!type) throw fault.invalid('server_type', `server type ${wanted.server_type} does not exist`);
  const location = requireLocation(wanted.location ?? DEFAULT_LOCATION).name;
  if (!type.locations.some(({ name }) => name === location)) {
    throw fault.unavailable(`server type ${type.name} is not available in ${location}`);
  }
  const image = project.images.find(({ id, name }) => String(id) === wanted.image || name === wanted.image);
  if (!image) throw fault.invalid('image', `image ${wanted.image} does not exist`);
  if (image.architecture !== type.architecture)
    throw fault.invalid('image', `is for ${image.architecture}, the server type is ${type.architecture}`);
  if (Buffer.byteLength(wanted.user_data ?? '') > SERVER_LIMITS.userDataBytes) {
    throw fault.invalid('user_data', `must be at most ${SERVER_LIMITS.userDataBytes} bytes`);
  }
  requireUniqueName(project, 'servers', wanted.name);
  const { enable_ipv4, enable_ipv6 } = wanted.public_net;
  const hasInterface = enable_ipv4 || enable_ipv6 || wanted.networks.length > 0;
  if (wanted.start_after_create && !hasInterface) {
    throw fault.invalid('public_net', 'a server without any interface cannot be started');
  }
  const id = store.nextId();
  const publicIp = (kind: 'ipv4' | 'ipv6', enabled: boolean): number | null => {
    if (!enabled) return null;
    const given = wanted.public_net[kind];
    if (given) {
      const address = requireFreePrimaryIp(project, given, kind, location);
      return store.put('primary_ips', { ...address, assignee_id: id, assignee_type: 'server' }).id;
    }
    const name = `primary-${kind}-${id}`;
    return createPrimaryIp(project, { name, type: kind, location, auto_delete: true, labels: {}, server: id })
      .id;
  };
  store.put('servers', {
    id,
    name: wanted.name,
    labels: wanted.labels,
    created: now(),
    status: 'initializing',
    server_type: type.name,
    location,
    image: image.id,
    primary_disk_size: type.disk,
    ipv4: publicIp('ipv4', enable_ipv4),
    ipv6: publicIp('ipv6', enable_ipv6),
    private_net: [],
    volumes: [],
    floating_ips: [],
    firewalls: [],
    placement_group: null,
    protection: { delete: false, rebuild: false },
    twin: {
      wanted: wanted.start_after_create,
      userData: wanted.user_data ?? '',
      sshKeys: wanted.ssh_keys.map((key) => sshKeyText(project, key)),
    },
  });
  for (const network of wanted.networks) attachToNetwork(project, id, { network, alias_ips: [] });
  for (const { firewall } of wanted.firewalls) {
    referenced(project, 'firewalls', firewall, 'firewalls');
    if (!enable_ipv4 && !enable_ipv6) {
      throw fault.other(
        422,
        'firewall_server_without_public_net',
        'a firewall guards public interfaces, and the server has none',
      );
    }
    applyFirewall(project, firewall, [id], true);
  }
  for (const volume of wanted.volumes) {
    requireAttachable(project, referenced(project, 'volumes', volume, 'volumes'), id);
    moveVolume(project, volume, id);
  }
  if (wanted.placement_group)
    joinGroup(
      project,
      id,
      referenced(project, 'placement_groups', wanted.placement_group, 'placement_group'),
    );
  const made = store.get('servers', id);
  if (!made) throw new Error('the server vanished while it was made');
  return made;
}

/** What a new server's owner gets when no SSH key was given. */
export function rootPassword(): string {
  return randomBytes(15).toString('base64url');
}

function sshKeyText({ store }: Project, reference: string): string {
  const key = store.all('ssh_keys').find(({ id, name }) => String(id) === reference || name === reference);
  if (!key) throw fault.invalid('ssh_keys', `SSH key ${reference} does not exist`);
  return key.public_key;
}

/** Only within a change of the store. */
export function joinGroup({ store }: Project, serverId: number, group: PlacementGroup): void {
  if (group.servers.length >= SERVER_LIMITS.perPlacementGroup) {
    throw fault.other(
      422,
      'placement_error',
      `placement group ${group.name} has ${group.servers.length} servers already`,
    );
  }
  const server = store.get('servers', serverId);
  if (!server) return;
  store.put('placement_groups', { ...group, servers: [...group.servers, serverId] });
  store.put('servers', { ...server, placement_group: group.id });
}

/** Only within a change of the store. @throws ApiFault when there is no place or the address cannot be had */
export function attachToNetwork(
  project: Project,
  serverId: number,
  wanted: {
    readonly network: number;
    readonly ip?: string | undefined;
    readonly alias_ips: readonly string[];
  },
): void {
  const { store } = project;
  const network = referenced(project, 'networks', wanted.network, 'network');
  const server = store.get('servers', serverId);
  if (!server) return;
  if (server.private_net.some((nic) => nic.network === network.id)) {
    throw fault.other(422, 'server_already_attached', 'the server is attached to the network already');
  }
  if (network.servers.length + network.load_balancers.length >= NETWORK_LIMITS.servers)
    throw fault.limit('server limit of the network exceeded', 'network_servers');
  if (server.private_net.length >= SERVER_LIMITS.networks)
    throw fault.limit('network limit of the server exceeded', 'server_networks');
  const zone = requireLocation(server.location).network_zone;
  const subnets = network.subnets.filter((subnet) => subnet.network_zone === zone);
  if (subnets.length === 0)
    throw fault.other(422, 'no_subnet_available', `the network has no subnet in ${zone}`);
  const taken = takenAddresses(project, network.id);
  const ip = wanted.ip ?? freeIn(subnets.at(-1)?.ip_range ?? '', taken, routerAddress(network));
  for (const address of [ip, ...wanted.alias_ips]) {
    if (!isAddress(address) || !subnets.some((subnet) => inside(address, subnet.ip_range))) {
      throw fault.invalid('ip', `${address} is in no subnet of the network`);
    }
    if (taken.has(address) || address === routerAddress(network))
      throw fault.other(422, 'ip_not_available', `${address} is taken`);
  }
  const nic: PrivateNic = {
    network: network.id,
    ip,
    alias_ips: wanted.alias_ips,
    mac_address: macAddress(network.id, ip),
  };
  store.put('servers', { ...server, private_net: [...server.private_net, nic] });
  store.put('networks', { ...network, servers: [...network.servers, serverId] });
}

export function takenAddresses({ store }: Project, networkId: number): Set<string> {
  const { servers: members = [], load_balancers: balancers = [] } = store.get('networks', networkId) ?? {};
  const nics = members.flatMap(
    (id) => store.get('servers', id)?.private_net.filter((nic) => nic.network === networkId) ?? [],
  );
  const balanced = balancers.flatMap((id) => store.get('load_balancers', id)?.private_net ?? []);
  return new Set([...nics.flatMap((nic) => [nic.ip, ...nic.alias_ips]), ...balanced.map(({ ip }) => ip)]);
}

function freeIn(subnet: string, taken: ReadonlySet<string>, router: string): string {
  const reserved = new Set([...taken, router, toAddress(toRange(subnet)?.first ?? 0)]);
  const address = firstFree(subnet, reserved, 0);
  if (address === undefined) throw fault.other(422, 'ip_not_available', `no address is free in ${subnet}`);
  return address;
}
