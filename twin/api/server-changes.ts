import * as z from 'zod';
import { findServerType } from '../catalogue/server-types.ts';
import { fault } from '../errors.ts';
import type { Server } from '../model.ts';
import type { Project } from '../project.ts';
import { joinGroup } from './create-server.ts';
import { body, defined, shape } from './http.ts';
import { detach } from './networks.ts';
import { referenced } from './references.ts';
import { pointerChange, withServerPointer } from './reverse-dns.ts';
import type { ServerActions } from './server-action.ts';
import { attachToNetwork, requireAliases } from './server-networks.ts';
import { hasInterface } from './server-power.ts';
import { requireCores, requireOrderable } from './server-types.ts';

const nic = z.object({
  network: shape.id,
  ip: z.string().nullish(),
  ip_range: z.string().nullish(),
  alias_ips: z.array(z.string()).default([]),
});

/** What a server belongs to and is made of. Source: https://docs.hetzner.cloud/reference/cloud#server-actions */
export function changeActions(actions: ServerActions): void {
  const { project } = actions;
  const { store } = project;

  actions.route('attach_to_network', 'attach_to_network', (server, request) => {
    const wanted = body(nic, request);
    return { change: () => attachToNetwork(project, server.id, wanted) };
  });
  actions.route('detach_from_network', 'detach_from_network', (server, request) => {
    const { network } = body(z.object({ network: shape.id }), request);
    requireAttached(server, network);
    return { change: () => detach(project, server.id, network) };
  });
  actions.route('change_alias_ips', 'change_alias_ips', (server, request) => {
    const wanted = body(z.object({ network: shape.id, alias_ips: z.array(z.string()) }), request);
    const attached = requireAttached(server, wanted.network);
    const network = referenced(project, 'networks', wanted.network, 'network');
    requireAliases(project, network, server, { ip: attached.ip, alias_ips: wanted.alias_ips });
    const private_net = server.private_net.map((other) =>
      other === attached ? { ...attached, alias_ips: wanted.alias_ips } : other,
    );
    return { change: () => store.put('servers', { ...server, private_net }) };
  });
  actions.route('change_type', 'change_server_type', (server, request) => {
    const wanted = body(
      z.object({ server_type: z.union([z.string(), z.int().transform(String)]), upgrade_disk: z.boolean() }),
      request,
    );
    const unfit = (message: string) => fault.other(422, 'invalid_server_type', message);
    const type = requireOrderable(project, wanted.server_type, server.location, unfit);
    const present = findServerType(server.server_type);
    requireStopped(server);
    if (type.name === server.server_type) throw unfit('the server is of that type already');
    if (type.architecture !== present?.architecture) throw unfit(`${type.name} is of another architecture`);
    if (type.disk < server.primary_disk_size)
      throw unfit(
        `${type.name} has a disk of ${type.disk} GB, the server's has ${server.primary_disk_size} GB`,
      );
    requireCores(project, type, server.id);
    const primary_disk_size = wanted.upgrade_disk ? type.disk : server.primary_disk_size;
    const migrated = { ...server, server_type: type.name, primary_disk_size };
    // Hetzner starts it again, as far as it can be.
    const twin = { ...server.twin, wanted: hasInterface(server) };
    return { change: () => store.put('servers', { ...migrated, status: 'migrating', twin }) };
  });
  actions.instant('change_protection', 'change_protection', (server, request) => {
    const wanted = body(
      z.object({ delete: z.boolean().optional(), rebuild: z.boolean().optional() }),
      request,
    );
    const protection = { ...server.protection, ...defined(wanted) };
    if (protection.delete !== protection.rebuild)
      throw fault.invalid('rebuild', 'must be the same as delete, which protects against both');
    return { change: () => store.put('servers', { ...server, protection }) };
  });
  actions.route('add_to_placement_group', 'add_to_placement_group', (server, request) => {
    const { placement_group } = body(z.object({ placement_group: shape.id }), request);
    const group = referenced(project, 'placement_groups', placement_group, 'placement_group');
    if (server.placement_group !== null)
      throw fault.other(422, 'already_in_placement_group', 'the server is in a placement group already');
    requireStopped(server);
    return { change: () => joinGroup(project, server.id, group) };
  });
  actions.route('remove_from_placement_group', 'remove_from_placement_group', (server) => {
    if (server.placement_group === null)
      throw fault.invalid('placement_group', 'the server is in no placement group');
    return { change: () => leaveGroup(project, server.id) };
  });
  actions.route('change_dns_ptr', 'change_dns_ptr', (server, request) => {
    const address = withServerPointer(project, server, body(pointerChange, request));
    return { change: () => store.put('primary_ips', address) };
  });
}

function requireAttached(server: Server, network: number) {
  const attached = server.private_net.find((one) => one.network === network);
  if (!attached) throw fault.invalid('network', `the server is not attached to network ${network}`);
  return attached;
}

function requireStopped(server: Server): void {
  if (server.status !== 'off')
    throw fault.other(422, 'server_not_stopped', 'the server is running; power it off first');
}

/** Only within a change of the store. */
export function leaveGroup({ store }: Project, serverId: number): void {
  const server = store.get('servers', serverId);
  if (!server || server.placement_group === null) return;
  const group = store.get('placement_groups', server.placement_group);
  if (group)
    store.put('placement_groups', { ...group, servers: group.servers.filter((id) => id !== serverId) });
  store.put('servers', { ...server, placement_group: null });
}
