import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { fault } from '../errors.ts';
import type { Network } from '../model.ts';
import type { Project } from '../project.ts';
import { isPrivate, overlaps, toRange } from '../ranges.ts';
import { body, defined, type Listing, listRoutes, requireOne, shape } from './http.ts';
import { leaveNetwork } from './load-balancer-network.ts';
import { leaveLoadBalancersOfNetwork } from './load-balancer-targets.ts';
import { memberRoute } from './network-members.ts';
import { route, withoutRoute, withRoute } from './network-routes.ts';
import { now, requireBelowLimit, requireUniqueName } from './references.ts';
import { newSubnet, withoutSubnet, withSubnet } from './subnets.ts';

/** Hetzner's smallest network. Source: https://docs.hetzner.cloud/reference/cloud#networks-create-a-network */
const LONGEST_PREFIX = 24;

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
  memberRoute(app, project, listing);

  const apply = async (id: number) => {
    const network = store.get('networks', id);
    if (network) await engine.putNetwork({ id, ipRange: network.ip_range, routes: network.routes });
  };
  /** One change at a time, as at Hetzner: another one meanwhile is a conflict. */
  const requireFree = (request: FastifyRequest): Network => {
    const network = requireOne(listing, request);
    actions.requireUnlocked('network', network.id);
    return network;
  };
  const action = (command: string, changed: (network: Network, request: FastifyRequest) => Network) => {
    app.post(`/networks/:id/actions/${command}`, (request, reply) => {
      const network = changed(requireFree(request), request);
      const started = store.change(() => {
        store.put('networks', network);
        return actions.begin(command, [{ id: network.id, type: 'network' }], () => apply(network.id));
      });
      return reply.code(201).send({ action: started });
    });
  };

  app.post('/networks', async (request, reply) => {
    const wanted = body(newNetwork, request);
    requireNetworkRange(wanted.ip_range);
    requireUniqueName(project, 'networks', wanted.name);
    requireBelowLimit(project, 'networks');
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
      const divided = wanted.subnets.reduce(
        (sum, subnet, index) => withSubnet(project, sum, subnet, `subnets.${index}.`),
        empty,
      );
      const routed = wanted.routes.reduce(
        (sum, one, index) => withRoute(project, sum, one, `routes.${index}.`),
        divided,
      );
      return store.put('networks', routed);
    });
    await apply(network.id);
    return reply.code(201).send({ network });
  });
  app.put('/networks/:id', (request) => {
    const network = requireFree(request);
    const wanted = body(changes, request);
    if (wanted.name !== undefined) requireUniqueName(project, 'networks', wanted.name, network.id);
    return { network: store.change(() => store.put('networks', { ...network, ...defined(wanted) })) };
  });
  app.delete('/networks/:id', async (request, reply) => {
    const network = requireOne(listing, request);
    if (network.protection.delete) throw fault.other(423, 'protected', 'network is delete protected');
    actions.requireUnlocked('network', network.id);
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

  action('add_subnet', (network, request) => withSubnet(project, network, body(newSubnet, request)));
  action('delete_subnet', (network, request) =>
    withoutSubnet(project, network, body(z.object({ ip_range: z.string() }), request).ip_range),
  );
  action('add_route', (network, request) => withRoute(project, network, body(route, request)));
  action('delete_route', (network, request) => withoutRoute(network, body(route, request)));
  action('change_ip_range', (network, request) => {
    const { ip_range } = body(z.object({ ip_range: z.string() }), request);
    requireExtension(project, network, ip_range);
    return { ...network, ip_range };
  });
  action('change_protection', (network, request) => {
    const wanted = body(z.object({ delete: z.boolean().optional() }), request);
    return { ...network, protection: { ...network.protection, ...defined(wanted) } };
  });
}

function requireNetworkRange(text: string): void {
  const range = toRange(text);
  if (!range || range.prefix > LONGEST_PREFIX || !isPrivate(text))
    throw fault.invalid(
      'ip_range',
      `must be a private range (RFC 1918) of at least /${LONGEST_PREFIX} without host bits`,
    );
}

/** @throws ApiFault unless a range is the network's, or goes on where it ends, and no member is beyond it already */
function requireExtension({ store }: Project, network: Network, text: string): void {
  requireNetworkRange(text);
  const [before, after] = [toRange(network.ip_range), toRange(text)];
  if (!before || !after || after.first !== before.first || after.size < before.size)
    throw fault.invalid('ip_range', `can only be extended at its end, beginning with ${network.ip_range}`);
  const others = network.servers
    .flatMap((id) => store.get('servers', id)?.private_net ?? [])
    .flatMap((nic) => (nic.network === network.id ? [] : (store.get('networks', nic.network) ?? [])));
  const crossed = others.find((other) => overlaps(other.ip_range, text));
  if (crossed)
    throw fault.other(
      422,
      'networks_overlap',
      `a server of the network is also in network ${crossed.id}, whose range overlaps`,
    );
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
