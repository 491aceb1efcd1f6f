import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { LOCATIONS } from '../catalogue/locations.ts';
import { fault } from '../errors.ts';
import type { Network } from '../model.ts';
import type { Project } from '../project.ts';
import { inside, isAddress, isPrivate, overlaps, toAddress, toRange } from '../ranges.ts';
import { body, type Listing, listRoutes, requireOne, shape } from './http.ts';
import { defined } from './keys-and-groups.ts';
import { leaveNetwork } from './load-balancer-network.ts';
import { leaveLoadBalancersOfNetwork } from './load-balancer-targets.ts';
import { now, requireUniqueName } from './references.ts';

/** Source: https://docs.hetzner.com/cloud/networks/faq/ */
export const NETWORK_LIMITS = {
  servers: 100,
  subnets: 50,
  routes: 100,
  largestPrefix: 24,
  largestSubnetPrefix: 30,
};
/** Address of the Internet's router as every server sees it; never given to anyone. */
const PUBLIC_GATEWAY = '172.31.1.1';

const newSubnet = z.object({
  type: z.enum(['cloud', 'server', 'vswitch']),
  network_zone: z.string(),
  ip_range: z.string().optional(),
  vswitch_id: z.int().nullish(),
});
const route = z.object({ destination: z.string(), gateway: z.string() });
const newNetwork = z.object({
  name: shape.name,
  ip_range: z.string(),
  labels: shape.labels.default({}),
  subnets: z.array(newSubnet).default([]),
  routes: z.array(route).default([]),
  expose_routes_to_vswitch: z.boolean().default(false),
});
const changes = z.object({
  name: shape.name.optional(),
  labels: shape.labels.optional(),
  expose_routes_to_vswitch: z.boolean().optional(),
});

/** The network's first address, Hetzner's router. */
export function routerAddress(network: Pick<Network, 'ip_range'>): string {
  return toAddress((toRange(network.ip_range)?.first ?? 0) + 1);
}

function withSubnet(network: Network, wanted: z.infer<typeof newSubnet>): Network {
  if (network.subnets.length >= NETWORK_LIMITS.subnets)
    throw fault.limit('subnet limit of the network exceeded', 'network_subnets');
  if (!LOCATIONS.some(({ network_zone }) => network_zone === wanted.network_zone)) {
    throw fault.invalid('network_zone', `network zone ${wanted.network_zone} does not exist`);
  }
  if (wanted.type === 'vswitch') throw fault.service('this local Hetzner has no vSwitches');
  const range = wanted.ip_range ?? firstFreeSubnet(network);
  const parsed = toRange(range);
  if (!parsed || parsed.prefix > NETWORK_LIMITS.largestSubnetPrefix)
    throw fault.invalid('ip_range', 'is not a valid range');
  if (
    !inside(toAddress(parsed.first), network.ip_range) ||
    !inside(toAddress(parsed.first + parsed.size - 1), network.ip_range)
  ) {
    throw fault.invalid('ip_range', `${range} is not inside the network ${network.ip_range}`);
  }
  if (network.subnets.some((subnet) => overlaps(subnet.ip_range, range)))
    throw fault.service('ip range overlaps another subnet');
  const subnet = {
    type: wanted.type,
    ip_range: range,
    network_zone: wanted.network_zone,
    gateway: routerAddress(network),
    vswitch_id: null,
  };
  return { ...network, subnets: [...network.subnets, subnet] };
}

function firstFreeSubnet(network: Network): string {
  const whole = toRange(network.ip_range);
  for (let first = whole?.first ?? 0; whole && first < whole.first + whole.size; first += 256) {
    const range = `${toAddress(first)}/24`;
    if (!network.subnets.some((subnet) => overlaps(subnet.ip_range, range))) return range;
  }
  throw fault.other(422, 'no_subnet_available', 'no free subnet in the network');
}

function withRoute(network: Network, wanted: z.infer<typeof route>): Network {
  if (network.routes.length >= NETWORK_LIMITS.routes)
    throw fault.limit('route limit of the network exceeded', 'network_routes');
  const { destination, gateway } = wanted;
  if (!toRange(destination) || (destination !== '0.0.0.0/0' && !isPrivate(destination))) {
    throw fault.invalid('destination', 'must be a private range or 0.0.0.0/0');
  }
  if (!isAddress(gateway) || !inside(gateway, network.ip_range))
    throw fault.invalid('gateway', 'must be an address of the network');
  if (gateway === routerAddress(network) || gateway === PUBLIC_GATEWAY)
    throw fault.invalid('gateway', 'is reserved');
  const others = network.routes
    .map((existing) => existing.destination)
    .filter((other) => other !== '0.0.0.0/0');
  const clash =
    destination === '0.0.0.0/0'
      ? network.routes.some((existing) => existing.destination === destination)
      : others.some((other) => overlaps(other, destination));
  if (clash) throw fault.service('route overlaps another route');
  if (
    destination !== '0.0.0.0/0' &&
    network.subnets.some((subnet) => overlaps(subnet.ip_range, destination))
  ) {
    throw fault.service('route overlaps a subnet');
  }
  return { ...network, routes: [...network.routes, wanted] };
}

export function networkRoutes(app: FastifyInstance, project: Project): void {
  const { store, engine, actions } = project;
  const listing: Listing<Network> = {
    plural: 'networks',
    singular: 'network',
    noun: 'network',
    all: () => store.all('networks'),
    find: (id) => store.find('networks', id),
    actionsOf: 'network',
    render: (network) => network,
  };
  listRoutes(app, project, listing);

  const apply = async (id: number) => {
    const network = store.get('networks', id);
    if (network) await engine.putNetwork({ id, ipRange: network.ip_range, routes: network.routes });
  };
  const changed = (command: string, network: Network) =>
    store.change(() => {
      store.put('networks', network);
      return actions.begin(command, [{ id: network.id, type: 'network' }], () => apply(network.id));
    });

  app.post('/networks', async (request, reply) => {
    const wanted = body(newNetwork, request);
    const range = toRange(wanted.ip_range);
    if (!range || range.prefix > NETWORK_LIMITS.largestPrefix || !isPrivate(wanted.ip_range)) {
      throw fault.invalid('ip_range', `must be a private range of at least /${NETWORK_LIMITS.largestPrefix}`);
    }
    requireUniqueName(project, 'networks', wanted.name);
    const network = store.change(() => {
      const empty: Network = {
        ...wanted,
        id: store.nextId(),
        subnets: [],
        routes: [],
        servers: [],
        load_balancers: [],
        protection: { delete: false },
        created: now(),
      };
      return store.put('networks', wanted.routes.reduce(withRoute, wanted.subnets.reduce(withSubnet, empty)));
    });
    await apply(network.id);
    return reply.code(201).send({ network });
  });
  app.put('/networks/:id', (request) => {
    const network = requireOne(listing, request);
    const wanted = body(changes, request);
    if (wanted.name !== undefined) requireUniqueName(project, 'networks', wanted.name, network.id);
    return { network: store.change(() => store.put('networks', { ...network, ...defined(wanted) })) };
  });
  app.delete('/networks/:id', async (request, reply) => {
    const network = requireOne(listing, request);
    if (network.protection.delete) throw fault.protected('network');
    const members = network.servers;
    store.change(() => {
      for (const id of network.load_balancers) leaveNetwork(project, id, network.id);
      for (const id of members) detach(project, id, network.id);
      store.remove('networks', network.id);
    });
    for (const id of members) await project.applyServer(id);
    await engine.removeNetwork(network.id);
    return reply.code(204).send();
  });
  app.post('/networks/:id/actions/add_subnet', (request, reply) => {
    const network = withSubnet(requireOne(listing, request), body(newSubnet, request));
    return reply.code(201).send({ action: changed('add_subnet', network) });
  });
  app.post('/networks/:id/actions/delete_subnet', (request, reply) => {
    const network = requireOne(listing, request);
    const { ip_range } = body(z.object({ ip_range: z.string() }), request);
    if (!network.subnets.some((subnet) => subnet.ip_range === ip_range))
      throw fault.notFound('subnet', ip_range);
    const used = network.servers.some((id) =>
      store
        .get('servers', id)
        ?.private_net.some((nic) => nic.network === network.id && inside(nic.ip, ip_range)),
    );
    const balanced = network.load_balancers.some((id) =>
      store.get('load_balancers', id)?.private_net.some((nic) => inside(nic.ip, ip_range)),
    );
    if (balanced) throw fault.service('load balancers are attached to the subnet');
    if (used) throw fault.service('servers are attached to the subnet');
    const subnets = network.subnets.filter((subnet) => subnet.ip_range !== ip_range);
    return reply.code(201).send({ action: changed('delete_subnet', { ...network, subnets }) });
  });
  app.post('/networks/:id/actions/add_route', (request, reply) => {
    const network = withRoute(requireOne(listing, request), body(route, request));
    return reply.code(201).send({ action: changed('add_route', network) });
  });
  app.post('/networks/:id/actions/delete_route', (request, reply) => {
    const network = requireOne(listing, request);
    const { destination, gateway } = body(route, request);
    const routes = network.routes.filter(
      (existing) => existing.destination !== destination || existing.gateway !== gateway,
    );
    if (routes.length === network.routes.length) throw fault.notFound('route', destination);
    return reply.code(201).send({ action: changed('delete_route', { ...network, routes }) });
  });
  app.post('/networks/:id/actions/change_ip_range', (request, reply) => {
    const network = requireOne(listing, request);
    const { ip_range } = body(z.object({ ip_range: z.string() }), request);
    const [before, after] = [toRange(network.ip_range), toRange(ip_range)];
    if (
      !before ||
      !after ||
      after.first !== before.first ||
      after.size < before.size ||
      !isPrivate(ip_range)
    ) {
      throw fault.invalid('ip_range', 'can only be extended at its end');
    }
    return reply.code(201).send({ action: changed('change_ip_range', { ...network, ip_range }) });
  });
  app.post('/networks/:id/actions/change_protection', (request, reply) => {
    const network = requireOne(listing, request);
    const protection = body(z.object({ delete: z.boolean() }), request);
    return reply.code(201).send({ action: changed('change_protection', { ...network, protection }) });
  });
}

/** Takes a server out of a network, on both sides. Only within a change of the store. */
export function detach(project: Project, serverId: number, networkId: number): void {
  const { store } = project;
  leaveLoadBalancersOfNetwork(project, serverId, networkId);
  const server = store.get('servers', serverId);
  const network = store.get('networks', networkId);
  if (server)
    store.put('servers', {
      ...server,
      private_net: server.private_net.filter((nic) => nic.network !== networkId),
    });
  if (network)
    store.put('networks', { ...network, servers: network.servers.filter((id) => id !== serverId) });
}
