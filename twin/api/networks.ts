import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { fault } from '../errors.ts';
import type { Network } from '../model.ts';
import type { Project } from '../project.ts';
import { inside, isPrivate, toRange } from '../ranges.ts';
import { body, defined, type Listing, listRoutes, requireOne, shape } from './http.ts';
import { leaveNetwork } from './load-balancer-network.ts';
import { leaveLoadBalancersOfNetwork } from './load-balancer-targets.ts';
import { memberRoute } from './network-members.ts';
import { now, requireBelowLimit, requireUniqueName } from './references.ts';
import { newSubnet, route, withRoute, withSubnet } from './subnets.ts';

/** Hetzner's smallest network. Source: https://docs.hetzner.com/cloud/networks/faq/ */
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
  const change = (command: string, before: Network, changed: (network: Network) => Network) => {
    actions.requireUnlocked('network', before.id);
    return store.change(() => {
      const { id } = store.put('networks', changed(before));
      return actions.begin(command, [{ id, type: 'network' }], () => apply(id));
    });
  };

  app.post('/networks', async (request, reply) => {
    const wanted = body(newNetwork, request);
    const range = toRange(wanted.ip_range);
    if (!range || range.prefix > LONGEST_PREFIX || !isPrivate(wanted.ip_range)) {
      throw fault.invalid(
        'ip_range',
        `must be a private range (RFC 1918) of at least /${LONGEST_PREFIX} without host bits`,
      );
    }
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
      const divided = wanted.subnets.reduce((sum, subnet) => withSubnet(project, sum, subnet), empty);
      return store.put(
        'networks',
        wanted.routes.reduce((sum, one) => withRoute(project, sum, one), divided),
      );
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
  app.post('/networks/:id/actions/add_subnet', (request, reply) => {
    const network = requireOne(listing, request);
    const wanted = body(newSubnet, request);
    const action = change('add_subnet', network, (before) => withSubnet(project, before, wanted));
    return reply.code(201).send({ action });
  });
  app.post('/networks/:id/actions/delete_subnet', (request, reply) => {
    const network = requireOne(listing, request);
    const { ip_range } = body(z.object({ ip_range: z.string() }), request);
    if (!network.subnets.some((subnet) => subnet.ip_range === ip_range))
      throw fault.notFound('subnet', ip_range);
    const addresses = [
      ...network.servers.flatMap((id) => store.get('servers', id)?.private_net ?? []),
      ...network.load_balancers.flatMap((id) => store.get('load_balancers', id)?.private_net ?? []),
    ].filter((nic) => nic.network === network.id);
    if (addresses.some((nic) => inside(nic.ip, ip_range)))
      throw fault.service('servers or load balancers are attached to the subnet; detach them first');
    const action = change('delete_subnet', network, (before) => ({
      ...before,
      subnets: before.subnets.filter((subnet) => subnet.ip_range !== ip_range),
    }));
    return reply.code(201).send({ action });
  });
  app.post('/networks/:id/actions/add_route', (request, reply) => {
    const network = requireOne(listing, request);
    const wanted = body(route, request);
    const action = change('add_route', network, (before) => withRoute(project, before, wanted));
    return reply.code(201).send({ action });
  });
  app.post('/networks/:id/actions/delete_route', (request, reply) => {
    const network = requireOne(listing, request);
    const { destination, gateway } = body(route, request);
    const routes = network.routes.filter(
      (existing) => existing.destination !== destination || existing.gateway !== gateway,
    );
    if (routes.length === network.routes.length) throw fault.notFound('route', destination);
    const action = change('delete_route', network, (before) => ({ ...before, routes }));
    return reply.code(201).send({ action });
  });
  app.post('/networks/:id/actions/change_ip_range', (request, reply) => {
    const network = requireOne(listing, request);
    const { ip_range } = body(z.object({ ip_range: z.string() }), request);
    const [before, after] = [toRange(network.ip_range), toRange(ip_range)];
    const longer = before && after && after.first === before.first && after.size >= before.size;
    if (!longer || !isPrivate(ip_range))
      throw fault.invalid('ip_range', `can only be extended at its end, beginning with ${network.ip_range}`);
    const action = change('change_ip_range', network, (old) => ({ ...old, ip_range }));
    return reply.code(201).send({ action });
  });
  app.post('/networks/:id/actions/change_protection', (request, reply) => {
    const network = requireOne(listing, request);
    const wanted = body(z.object({ delete: z.boolean().optional() }), request);
    const protection = { ...network.protection, ...defined(wanted) };
    const action = change('change_protection', network, (before) => ({ ...before, protection }));
    return reply.code(201).send({ action });
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
