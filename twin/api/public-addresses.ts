import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { findLocation } from '../catalogue/locations.ts';
import { fault } from '../errors.ts';
import type { FloatingIp, PrimaryIp, Server } from '../model.ts';
import type { Project } from '../project.ts';
import { firstFree } from '../ranges.ts';
import { body, type Listing, listRoutes, requireOne, shape } from './http.ts';
import { defined } from './keys-and-groups.ts';
import { isPublicTarget } from './load-balancer-targets.ts';
import { now, referenced, requireLocation, requireUniqueName } from './references.ts';

const newPrimary = z.object({
  name: shape.name,
  type: z.enum(['ipv4', 'ipv6']),
  location: z.string().nullish(),
  assignee_type: z.enum(['server', 'unassigned']).default('server'),
  assignee_id: shape.id.nullish(),
  auto_delete: z.boolean().default(false),
  labels: shape.labels.default({}),
});
const newFloating = z.object({
  name: shape.name.optional(),
  type: z.enum(['ipv4', 'ipv6']),
  home_location: z.string().nullish(),
  server: shape.id.nullish(),
  description: z.string().nullish(),
  labels: shape.labels.default({}),
});
const changes = z.object({ name: shape.name.optional(), labels: shape.labels.optional() });

/** A public address that nobody has. IPv6 is a /64 whose number is the next id. Only within a change of the store. */
export function freeAddress(
  project: Project,
  kind: 'primary_ips' | 'floating_ips',
  type: 'ipv4' | 'ipv6',
  id: number,
): string {
  const { store, ranges } = project;
  if (type === 'ipv6') return `${ranges.ipv6}:${id.toString(16)}::/64`;
  const own = kind === 'primary_ips' ? store.all('load_balancers').map(({ ipv4 }) => ipv4) : [];
  const taken = new Set([...store.all(kind).map(({ ip }) => ip), ...own]);
  const address = firstFree(kind === 'primary_ips' ? ranges.primary : ranges.floating, taken, 1);
  if (address === undefined) throw fault.limit('no address is left', kind);
  return address;
}

/** Only within a change of the store. */
export function createPrimaryIp(
  project: Project,
  wanted: Pick<PrimaryIp, 'name' | 'type' | 'location' | 'auto_delete' | 'labels'> & {
    readonly server: number | null;
  },
): PrimaryIp {
  const { server, ...own } = wanted;
  const id = project.store.nextId();
  return project.store.put('primary_ips', {
    ...own,
    id,
    ip: freeAddress(project, 'primary_ips', wanted.type, id),
    assignee_id: server,
    assignee_type: server === null ? 'unassigned' : 'server',
    blocked: false,
    protection: { delete: false },
    dns_ptr: [],
    created: now(),
  });
}

/** @throws ApiFault unless the address can go to a server of that location */
export function requireFreePrimaryIp(
  project: Project,
  id: number,
  type: 'ipv4' | 'ipv6',
  location: string,
): PrimaryIp {
  const address = referenced(project, 'primary_ips', id, `public_net.${type}`);
  if (address.type !== type)
    throw fault.invalid(`public_net.${type}`, `primary IP ${id} is of type ${address.type}`);
  if (address.assignee_id !== null)
    throw fault.other(422, 'primary_ip_assigned', `primary IP ${id} is assigned already`);
  if (address.location !== location)
    throw fault.invalid(
      `public_net.${type}`,
      `primary IP ${id} is in ${address.location}, not in ${location}`,
    );
  return address;
}

function renderPrimary({ location, ...address }: PrimaryIp) {
  return { ...address, location: findLocation(location) };
}

function renderFloating({ home_location, ...address }: FloatingIp) {
  return { ...address, home_location: findLocation(home_location) };
}

export function primaryIpRoutes(app: FastifyInstance, project: Project): void {
  const { store, actions } = project;
  const listing: Listing<PrimaryIp> = {
    plural: 'primary_ips',
    singular: 'primary_ip',
    noun: 'primary IP',
    all: () => store.all('primary_ips'),
    find: (id) => store.find('primary_ips', id),
    actionsOf: 'primary_ip',
    filters: ['ip', 'type'],
    render: renderPrimary,
  };
  listRoutes(app, project, listing);
  const resource = (address: PrimaryIp) => [{ id: address.id, type: 'primary_ip' }];
  const stoppedServer = (id: number): Server => {
    const server = referenced(project, 'servers', id, 'assignee_id');
    if (server.status !== 'off') throw fault.other(422, 'server_not_stopped', 'the server must be off');
    return server;
  };

  app.post('/primary_ips', (request, reply) => {
    const wanted = body(newPrimary, request);
    requireUniqueName(project, 'primary_ips', wanted.name);
    const server = wanted.assignee_id ? stoppedServer(wanted.assignee_id) : undefined;
    if (server && server[wanted.type] !== null)
      throw fault.other(422, 'server_has_primary_ip', `the server has an ${wanted.type} already`);
    const location = requireLocation(wanted.location ?? server?.location).name;
    return store.change(() => {
      const { assignee_id: _, assignee_type: __, ...own } = wanted;
      const address = createPrimaryIp(project, { ...own, location, server: server?.id ?? null });
      if (!server) return reply.code(201).send({ primary_ip: renderPrimary(address) });
      store.put('servers', { ...server, [wanted.type]: address.id });
      const action = actions.begin('create_primary_ip', resource(address), () =>
        project.applyServer(server.id),
      );
      return reply.code(201).send({ primary_ip: renderPrimary(address), action });
    });
  });
  app.put('/primary_ips/:id', (request) => {
    const address = requireOne(listing, request);
    const wanted = body(changes.extend({ auto_delete: z.boolean().optional() }), request);
    if (wanted.name !== undefined) requireUniqueName(project, 'primary_ips', wanted.name, address.id);
    return {
      primary_ip: renderPrimary(
        store.change(() => store.put('primary_ips', { ...address, ...defined(wanted) })),
      ),
    };
  });
  app.delete('/primary_ips/:id', (request, reply) => {
    const address = requireOne(listing, request);
    if (address.protection.delete) throw fault.protected('primary IP');
    if (address.assignee_id !== null)
      throw fault.other(422, 'must_be_unassigned', 'primary IP is assigned to a server');
    store.change(() => store.remove('primary_ips', address.id));
    return reply.code(204).send();
  });
  app.post('/primary_ips/:id/actions/assign', (request, reply) => {
    const address = requireOne(listing, request);
    const wanted = body(
      z.object({ assignee_id: shape.id, assignee_type: z.literal('server').default('server') }),
      request,
    );
    const server = stoppedServer(wanted.assignee_id);
    requireFreePrimaryIp(project, address.id, address.type, server.location);
    if (server[address.type] !== null)
      throw fault.other(422, 'server_has_primary_ip', `the server has an ${address.type} already`);
    const action = store.change(() => {
      store.put('primary_ips', { ...address, assignee_id: server.id, assignee_type: 'server' });
      store.put('servers', { ...server, [address.type]: address.id });
      return actions.begin('assign_primary_ip', resource(address), () => project.applyServer(server.id));
    });
    return reply.code(201).send({ action });
  });
  app.post('/primary_ips/:id/actions/unassign', (request, reply) => {
    const address = requireOne(listing, request);
    if (address.assignee_id === null)
      throw fault.other(422, 'primary_ip_not_assigned', 'primary IP is not assigned');
    const server = stoppedServer(address.assignee_id);
    if (address.type === 'ipv4' && isPublicTarget(project, server.id))
      throw fault.other(
        422,
        'server_is_load_balancer_target',
        "server's IPv4 address is a target of a load balancer",
      );
    const action = store.change(() => {
      store.put('primary_ips', { ...address, assignee_id: null, assignee_type: 'unassigned' });
      store.put('servers', { ...server, [address.type]: null });
      return actions.begin('unassign_primary_ip', resource(address), () => project.applyServer(server.id));
    });
    return reply.code(201).send({ action });
  });
  app.post('/primary_ips/:id/actions/change_protection', (request, reply) => {
    const address = requireOne(listing, request);
    const protection = body(z.object({ delete: z.boolean() }), request);
    const action = store.change(() => {
      store.put('primary_ips', { ...address, protection });
      return actions.done('change_protection', resource(address));
    });
    return reply.code(201).send({ action });
  });
}

export function floatingIpRoutes(app: FastifyInstance, project: Project): void {
  const { store, actions } = project;
  const listing: Listing<FloatingIp> = {
    plural: 'floating_ips',
    singular: 'floating_ip',
    noun: 'floating IP',
    all: () => store.all('floating_ips'),
    find: (id) => store.find('floating_ips', id),
    actionsOf: 'floating_ip',
    filters: ['ip', 'type'],
    render: renderFloating,
  };
  listRoutes(app, project, listing);
  /** Only within a change of the store. */
  const move = (address: FloatingIp, to: number | null): void => {
    const before = address.server === null ? undefined : store.get('servers', address.server);
    if (before)
      store.put('servers', {
        ...before,
        floating_ips: before.floating_ips.filter((id) => id !== address.id),
      });
    const after = to === null ? undefined : store.get('servers', to);
    if (after) store.put('servers', { ...after, floating_ips: [...after.floating_ips, address.id] });
    store.put('floating_ips', { ...address, server: to });
  };
  const begin = (command: string, address: FloatingIp) =>
    actions.begin(command, [{ id: address.id, type: 'floating_ip' }], () => project.applyFloatingIps());

  app.post('/floating_ips', (request, reply) => {
    const wanted = body(newFloating, request);
    const server = wanted.server ? referenced(project, 'servers', wanted.server, 'server') : undefined;
    const home = requireLocation(wanted.home_location ?? server?.location, 'home_location').name;
    if (wanted.name !== undefined) requireUniqueName(project, 'floating_ips', wanted.name);
    return store.change(() => {
      const id = store.nextId();
      const address = store.put('floating_ips', {
        id,
        name: wanted.name ?? `floating-ip-${id}`,
        type: wanted.type,
        labels: wanted.labels,
        description: wanted.description ?? null,
        ip: freeAddress(project, 'floating_ips', wanted.type, id),
        home_location: home,
        server: null,
        blocked: false,
        protection: { delete: false },
        dns_ptr: [],
        created: now(),
      });
      if (server) move(address, server.id);
      const shown = renderFloating(store.get('floating_ips', id) ?? address);
      return reply
        .code(201)
        .send({ floating_ip: shown, action: server ? begin('assign_floating_ip', address) : null });
    });
  });
  app.put('/floating_ips/:id', (request) => {
    const address = requireOne(listing, request);
    const wanted = body(changes.extend({ description: z.string().optional() }), request);
    if (wanted.name !== undefined) requireUniqueName(project, 'floating_ips', wanted.name, address.id);
    return {
      floating_ip: renderFloating(
        store.change(() => store.put('floating_ips', { ...address, ...defined(wanted) })),
      ),
    };
  });
  app.delete('/floating_ips/:id', async (request, reply) => {
    const address = requireOne(listing, request);
    if (address.protection.delete) throw fault.protected('floating IP');
    store.change(() => {
      move(address, null);
      store.remove('floating_ips', address.id);
    });
    await project.applyFloatingIps();
    return reply.code(204).send();
  });
  app.post('/floating_ips/:id/actions/assign', (request, reply) => {
    const address = requireOne(listing, request);
    const { server } = body(z.object({ server: shape.id }), request);
    referenced(project, 'servers', server, 'server');
    const action = store.change(() => {
      move(address, server);
      return begin('assign_floating_ip', address);
    });
    return reply.code(201).send({ action });
  });
  app.post('/floating_ips/:id/actions/unassign', (request, reply) => {
    const address = requireOne(listing, request);
    const action = store.change(() => {
      move(address, null);
      return begin('unassign_floating_ip', address);
    });
    return reply.code(201).send({ action });
  });
  app.post('/floating_ips/:id/actions/change_protection', (request, reply) => {
    const address = requireOne(listing, request);
    const protection = body(z.object({ delete: z.boolean() }), request);
    const action = store.change(() => {
      store.put('floating_ips', { ...address, protection });
      return actions.done('change_protection', [{ id: address.id, type: 'floating_ip' }]);
    });
    return reply.code(201).send({ action });
  });
}
