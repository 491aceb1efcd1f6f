import type { Answer, Api } from './api.ts';
import type { Holdable, Network, Server, World } from './world.ts';

/** Numbers that a step makes its choices by. */
export interface Draw {
  readonly one: number;
  readonly other: number;
  readonly value: number;
}

type Step = (api: Api, world: World, draw: Draw) => Promise<void>;

const NOBODY = 987_654_321;
const NAMES = 12;
/** Fewer than names, so that some networks overlap. */
const RANGES = 5;
const LOCATION = 'fsn1';

/** Something that there is, and now and then something that there is not. */
function pick<T extends { readonly id: number }>(
  things: ReadonlyMap<number, T>,
  draw: number,
): T | undefined {
  const all = [...things.values()];
  return all.length === 0 || draw % 9 === 0 ? undefined : all[draw % all.length];
}

function idOf(thing: { readonly id: number } | undefined): number {
  return thing?.id ?? NOBODY;
}

function isTaken(things: ReadonlyMap<number, { readonly name: string }>, name: string): boolean {
  return [...things.values()].some((thing) => thing.name === name);
}

/**
 * @param refusals codes of which one must come; none: it must succeed
 * @returns whether it succeeded
 */
function settle({ status, code, body }: Answer, what: string, refusals: readonly string[]): boolean {
  const fits = refusals.length === 0 ? status < 300 : refusals.includes(code ?? '');
  if (!fits) {
    const wanted = refusals.length === 0 ? 'success' : refusals.join(' or ');
    throw new Error(
      `${what}: ${status} ${JSON.stringify(body['error'] ?? {})} where the model has ${wanted}`,
    );
  }
  return refusals.length === 0;
}

/** Codes of the conditions that hold. A call that is wrong in two ways may be refused for either. */
function refusals(conditions: Readonly<Record<string, boolean>>): string[] {
  return Object.keys(conditions).filter((code) => conditions[code]);
}

type Plain = 'networks' | 'volumes' | 'floating_ips' | 'firewalls' | 'placement_groups';

/** Creates one of a kind, unless its name is taken. */
function creates(kind: Plain, body: (range: string) => object): Step {
  const singular = kind.slice(0, -1);
  return async (api, world, { one }) => {
    const name = `${singular.replaceAll('_', '-')}-${one % NAMES}`;
    const range = `10.${one % RANGES}.0.0`;
    const answer = await api.write('POST', `/${kind}`, { name, ...body(range) });
    if (!settle(answer, `create ${kind} ${name}`, refusals({ uniqueness_error: isTaken(world[kind], name) })))
      return;
    const id = world.give(kind, (answer.body[singular] as { id: number }).id);
    const thing = { id, name, isProtected: false };
    if (kind === 'volumes') world.volumes.set(id, { ...thing, size: 10 });
    else if (kind === 'networks') world.networks.set(id, { ...thing, range });
    else if (kind === 'firewalls') world.firewalls.set(id, { ...thing, servers: new Set() });
    else world[kind].set(id, thing);
  };
}

/** Deletes one of a kind, unless something keeps it. */
function deletes(kind: Plain, keeps: (world: World, id: number) => Readonly<Record<string, boolean>>): Step {
  return async (api, world, { one }) => {
    const thing = pick<{ id: number; isProtected: boolean }>(world[kind], one);
    const id = idOf(thing);
    const answer = await api.write('DELETE', `/${kind}/${id}`);
    const codes = refusals({
      not_found: !thing,
      protected: thing?.isProtected === true,
      ...keeps(world, id),
    });
    if (!settle(answer, `delete ${kind} ${id}`, codes)) return;
    world[kind].delete(id);
    // Deleting a network detaches its servers: https://docs.hetzner.cloud/reference/cloud#networks-delete-a-network
    if (kind === 'networks') for (const { networks } of world.servers.values()) networks.delete(id);
  };
}

/** A new name for one of a kind, unless another one has it. */
function renames(kind: Plain | 'servers'): Step {
  const singular = kind.slice(0, -1).replaceAll('_', '-');
  return async (api, world, { one, other }) => {
    const thing = pick<{ id: number; name: string }>(world[kind], one);
    const name = `${singular}-${other % NAMES}`;
    const answer = await api.call('PUT', `/${kind}/${idOf(thing)}`, { name });
    const taken = isTaken(world[kind], name) && thing?.name !== name;
    if (
      settle(
        answer,
        `rename ${kind} ${idOf(thing)} ${name}`,
        refusals({ not_found: !thing, uniqueness_error: taken }),
      ) &&
      thing
    )
      thing.name = name;
  };
}

function protects(kind: 'servers' | 'networks' | 'volumes' | 'floating_ips'): Step {
  return async (api, world, { one, value }) => {
    const thing = pick<{ id: number; isProtected: boolean }>(world[kind], one);
    const wanted = value % 3 === 0;
    // A server's two protections are one: https://docs.hetzner.cloud/reference/cloud#server-actions-change-server-protection
    const body = kind === 'servers' ? { delete: wanted, rebuild: wanted } : { delete: wanted };
    const answer = await api.write('POST', `/${kind}/${idOf(thing)}/actions/change_protection`, body);
    if (settle(answer, `protect ${kind} ${idOf(thing)}`, refusals({ not_found: !thing })) && thing)
      thing.isProtected = wanted;
  };
}

/** Gives a volume or a floating IP to a server, and takes it away. */
function holds(kind: 'volumes' | 'floating_ips', verb: 'attach' | 'assign'): Step {
  return async (api, world, { one, other }) => {
    const thing: Holdable | undefined = pick<Holdable>(world[kind], one);
    const server = pick(world.servers, other);
    const answer = await api.write('POST', `/${kind}/${idOf(thing)}/actions/${verb}`, {
      server: idOf(server),
    });
    const held = kind === 'volumes' && thing?.server !== undefined;
    const codes = refusals({
      not_found: !thing,
      invalid_input: !server,
      volume_already_attached: held,
      // A floating IP moves from server to server, but not to the one that it is at.
      floating_ip_assigned:
        kind === 'floating_ips' && thing !== undefined && thing.server === server?.id && server !== undefined,
    });
    if (settle(answer, `${verb} ${kind} ${idOf(thing)} to ${idOf(server)}`, codes) && thing && server)
      thing.server = server.id;
  };
}

function releases(kind: 'volumes' | 'floating_ips', verb: 'detach' | 'unassign'): Step {
  return async (api, world, { one }) => {
    const thing: Holdable | undefined = pick<Holdable>(world[kind], one);
    const answer = await api.write('POST', `/${kind}/${idOf(thing)}/actions/${verb}`);
    const free = thing !== undefined && thing.server === undefined;
    if (
      settle(
        answer,
        `${verb} ${kind} ${idOf(thing)}`,
        refusals({ not_found: !thing, service_error: free }),
      ) &&
      thing
    )
      delete thing.server;
  };
}

function powers(verb: 'poweron' | 'poweroff' | 'reset'): Step {
  return async (api, world, { one }) => {
    const server = pick(world.servers, one);
    const answer = await api.write('POST', `/servers/${idOf(server)}/actions/${verb}`);
    const off = verb === 'reset' && server?.isOn === false;
    if (
      settle(answer, `${verb} ${idOf(server)}`, refusals({ not_found: !server, service_error: off })) &&
      server
    )
      server.isOn = verb !== 'poweroff';
  };
}

async function createsServer(api: Api, world: World, { one, other, value }: Draw): Promise<void> {
  const name = `server-${one % NAMES}`;
  const network = value % 2 === 0 ? pick(world.networks, other) : undefined;
  const volume = value % 3 === 0 ? pick(world.volumes, value) : undefined;
  const answer = await api.write('POST', '/servers', {
    name,
    server_type: 'cpx22',
    image: 'debian-12',
    location: LOCATION,
    start_after_create: value % 5 !== 0,
    ...(network ? { networks: [network.id] } : {}),
    ...(volume ? { volumes: [volume.id], automount: false } : {}),
  });
  const codes = refusals({
    uniqueness_error: isTaken(world.servers, name),
    volume_already_attached: volume?.server !== undefined,
    invalid_input: volume?.server !== undefined,
  });
  if (!settle(answer, `create server ${name}`, codes)) return;
  const id = world.give('servers', (answer.body['server'] as { id: number }).id);
  const networks = new Set(network ? [network.id] : []);
  world.servers.set(id, { id, name, isProtected: false, isOn: value % 5 !== 0, networks });
  if (volume) volume.server = id;
}

async function deletesServer(api: Api, world: World, { one }: Draw): Promise<void> {
  const server = pick(world.servers, one);
  const answer = await api.write('DELETE', `/servers/${idOf(server)}`);
  const codes = refusals({ not_found: !server, protected: server?.isProtected === true });
  if (settle(answer, `delete server ${idOf(server)}`, codes) && server) world.forget(server.id);
}

function overlaps(world: World, server: Server | undefined, { range }: Network): boolean {
  return [...(server?.networks ?? [])].some((id) => world.networks.get(id)?.range === range);
}

/** A server joins a network, or leaves it. */
function moves(verb: 'attach_to_network' | 'detach_from_network'): Step {
  return async (api, world, { one, other }) => {
    const server = pick(world.servers, one);
    const network = pick(world.networks, other);
    const inside = server !== undefined && network !== undefined && server.networks.has(network.id);
    const answer = await api.write('POST', `/servers/${idOf(server)}/actions/${verb}`, {
      network: idOf(network),
    });
    const joins = verb === 'attach_to_network';
    const codes = refusals({
      not_found: !server || !network,
      invalid_input: !network || (!joins && !inside),
      server_already_attached: joins && inside,
      networks_overlap: joins && !inside && network !== undefined && overlaps(world, server, network),
      resource_limit_exceeded: joins && !inside && (server?.networks.size ?? 0) >= 3,
    });
    if (!settle(answer, `${verb} ${idOf(server)} ${idOf(network)}`, codes) || !server || !network) return;
    if (joins) server.networks.add(network.id);
    else server.networks.delete(network.id);
  };
}

async function joinsGroup(api: Api, world: World, { one, other }: Draw): Promise<void> {
  const server: Server | undefined = pick(world.servers, one);
  const group = pick(world.placement_groups, other);
  const path = `/servers/${idOf(server)}/actions/add_to_placement_group`;
  const answer = await api.write('POST', path, { placement_group: idOf(group) });
  const codes = refusals({
    not_found: !server || !group,
    invalid_input: !group || server?.group !== undefined,
    server_not_stopped: server?.isOn === true,
    already_in_placement_group: server?.group !== undefined,
    placement_group_member_limit_reached: group !== undefined && world.holders(group.id).length >= 10,
  });
  if (settle(answer, `${path} ${idOf(group)}`, codes) && server && group) server.group = group.id;
}

async function leavesGroup(api: Api, world: World, { one }: Draw): Promise<void> {
  const server: Server | undefined = pick(world.servers, one);
  const path = `/servers/${idOf(server)}/actions/remove_from_placement_group`;
  const answer = await api.write('POST', path);
  const alone = server !== undefined && server.group === undefined;
  if (settle(answer, path, refusals({ not_found: !server, invalid_input: alone })) && server)
    delete server.group;
}

function guards(verb: 'apply_to_resources' | 'remove_from_resources'): Step {
  return async (api, world, { one, other }) => {
    const firewall = pick(world.firewalls, one);
    const server = pick(world.servers, other);
    const target = [{ type: 'server', server: { id: idOf(server) } }];
    const applies = verb === 'apply_to_resources';
    const answer = await api.write('POST', `/firewalls/${idOf(firewall)}/actions/${verb}`, {
      [applies ? 'apply_to' : 'remove_from']: target,
    });
    const applied = firewall !== undefined && server !== undefined && firewall.servers.has(server.id);
    const guarding = [...world.firewalls.values()].filter(({ servers }) => servers.has(idOf(server))).length;
    const codes = refusals({
      not_found: !firewall || !server,
      invalid_input: !server,
      firewall_resource_not_found: !server || (!applies && !applied),
      firewall_already_removed: !applies && !applied,
      firewall_already_applied: applies && applied,
      resource_limit_exceeded: applies && !applied && guarding >= 5,
    });
    if (!settle(answer, `${verb} ${idOf(firewall)} ${idOf(server)}`, codes) || !firewall || !server) return;
    if (applies) firewall.servers.add(server.id);
    else firewall.servers.delete(server.id);
  };
}

async function resizes(api: Api, world: World, { one, value }: Draw): Promise<void> {
  const volume = pick(world.volumes, one);
  const size = 10 + (value % 40);
  const answer = await api.write('POST', `/volumes/${idOf(volume)}/actions/resize`, { size });
  const codes = refusals({ not_found: !volume, invalid_input: volume !== undefined && size <= volume.size });
  if (settle(answer, `resize volume ${idOf(volume)} to ${size}`, codes) && volume) volume.size = size;
}

/** What nobody may ask for, whatever there is: refused, and nothing comes of it. */
function nonsense(path: string, body: object): Step {
  return async (api) => {
    settle(await api.write('POST', path, body), `POST ${path} ${JSON.stringify(body)}`, ['invalid_input']);
  };
}

const networkOf = (range: string) => ({
  ip_range: `${range}/16`,
  subnets: [{ type: 'cloud', ip_range: `${range}/24`, network_zone: 'eu-central' }],
});

export const STEPS: Readonly<Record<string, Step>> = {
  'create server': createsServer,
  'delete server': deletesServer,
  'rename server': renames('servers'),
  'protect server': protects('servers'),
  poweron: powers('poweron'),
  poweroff: powers('poweroff'),
  reset: powers('reset'),
  'create network': creates('networks', networkOf),
  'delete network': deletes('networks', () => ({})),
  'rename network': renames('networks'),
  'protect network': protects('networks'),
  'attach to network': moves('attach_to_network'),
  'detach from network': moves('detach_from_network'),
  'create volume': creates('volumes', () => ({ size: 10, location: LOCATION })),
  'delete volume': deletes('volumes', (world, id) => ({
    service_error: world.volumes.get(id)?.server !== undefined,
  })),
  'rename volume': renames('volumes'),
  'protect volume': protects('volumes'),
  'attach volume': holds('volumes', 'attach'),
  'detach volume': releases('volumes', 'detach'),
  'resize volume': resizes,
  'create floating IP': creates('floating_ips', () => ({ type: 'ipv4', home_location: LOCATION })),
  'delete floating IP': deletes('floating_ips', (world, id) => ({
    must_be_unassigned: world.floating_ips.get(id)?.server !== undefined,
  })),
  'rename floating IP': renames('floating_ips'),
  'protect floating IP': protects('floating_ips'),
  'assign floating IP': holds('floating_ips', 'assign'),
  'unassign floating IP': releases('floating_ips', 'unassign'),
  'create firewall': creates('firewalls', () => ({})),
  'delete firewall': deletes('firewalls', (world, id) => ({
    resource_in_use: (world.firewalls.get(id)?.servers.size ?? 0) > 0,
  })),
  'rename firewall': renames('firewalls'),
  'apply firewall': guards('apply_to_resources'),
  'remove firewall': guards('remove_from_resources'),
  'create placement group': creates('placement_groups', () => ({ type: 'spread' })),
  'delete placement group': deletes('placement_groups', (world, id) => ({
    resource_in_use: world.holders(id).length > 0,
  })),
  'rename placement group': renames('placement_groups'),
  'join placement group': joinsGroup,
  'leave placement group': leavesGroup,
  'server without type': nonsense('/servers', { name: 'x', image: 'debian-12' }),
  'server with a name that is none': nonsense('/servers', {
    name: '-_-',
    server_type: 'cpx22',
    image: 'debian-12',
  }),
  'volume without room': nonsense('/volumes', { name: 'x', size: 1, location: LOCATION }),
  'public private network': nonsense('/networks', { name: 'x', ip_range: '8.8.0.0/16' }),
};
