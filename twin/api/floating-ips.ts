import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { findLocation } from '../catalogue/locations.ts';
import { fault } from '../errors.ts';
import type { Action, FloatingIp, Server } from '../model.ts';
import type { Project } from '../project.ts';
import { body, defined, type Listing, listRoutes, requireOne, shape } from './http.ts';
import { freeAddress } from './public-addresses.ts';
import { now, referenced, requireBelowLimit, requireUniqueName } from './references.ts';
import { firstPointers, pointerChange, withPointer } from './reverse-dns.ts';

const newFloating = z.object({
  name: shape.name.nullish(),
  type: z.enum(['ipv4', 'ipv6']),
  home_location: z.union([z.string(), z.int().transform(String)]).nullish(),
  server: shape.id.nullish(),
  description: z.string().nullish(),
  labels: shape.labels.nullish(),
});
const changes = z.object({
  name: shape.name.optional(),
  labels: shape.labels.optional(),
  description: z.string().nullable().optional(),
});

/** Only within a change of the store. */
export function moveFloatingIp({ store }: Project, address: FloatingIp, to: number | null): void {
  const before = address.server === null ? undefined : store.get('servers', address.server);
  if (before)
    store.put('servers', {
      ...before,
      floating_ips: before.floating_ips.filter((id) => id !== address.id),
    });
  const after = to === null ? undefined : store.get('servers', to);
  if (after) store.put('servers', { ...after, floating_ips: [...after.floating_ips, address.id] });
  store.put('floating_ips', { ...address, server: to });
}

export function floatingIpRoutes(app: FastifyInstance, project: Project): void {
  const { store, actions } = project;
  const render = ({ home_location, ...address }: FloatingIp) => ({
    ...address,
    home_location: findLocation(home_location),
  });
  const listing: Listing<FloatingIp> = {
    plural: 'floating_ips',
    singular: 'floating_ip',
    noun: 'floating IP',
    all: () => store.all('floating_ips'),
    find: (id) => store.find('floating_ips', id),
    filters: ['ip', 'type'],
    actionsOf: 'floating_ip',
    render,
  };
  listRoutes(app, project, listing);
  const requireFree = (request: FastifyRequest): FloatingIp => {
    const address = requireOne(listing, request);
    actions.requireUnlocked('floating_ip', address.id);
    return address;
  };
  /** Only within a change of the store. */
  const move = (command: string, address: FloatingIp, to: number | null): Action => {
    const concerned = to ?? address.server;
    moveFloatingIp(project, address, to);
    return actions.begin(
      command,
      [
        { id: address.id, type: 'floating_ip' },
        ...(concerned === null ? [] : [{ id: concerned, type: 'server' }]),
      ],
      () => project.applyFloatingIps(),
    );
  };

  app.post('/floating_ips', (request, reply) => {
    const wanted = body(newFloating, request);
    const { server, home } = placeOf(project, wanted);
    if (wanted.name != null) requireUniqueName(project, 'floating_ips', wanted.name);
    requireBelowLimit(project, 'floating_ips');
    return store.change(() => {
      const id = store.nextId();
      const ip = freeAddress(project, 'floating_ips', wanted.type, id);
      const address = store.put('floating_ips', {
        id,
        name: wanted.name ?? `floating-ip-${id}`,
        type: wanted.type,
        labels: wanted.labels ?? {},
        description: wanted.description ?? null,
        ip,
        home_location: home,
        server: null,
        blocked: false,
        protection: { delete: false },
        dns_ptr: firstPointers(ip),
        created: now(),
      });
      actions.keep();
      const action = server ? move('assign_floating_ip', address, server.id) : null;
      return reply.code(201).send({ floating_ip: render(store.get('floating_ips', id) ?? address), action });
    });
  });
  app.put('/floating_ips/:id', (request) => {
    const address = requireFree(request);
    const wanted = body(changes, request);
    if (wanted.name !== undefined) requireUniqueName(project, 'floating_ips', wanted.name, address.id);
    return {
      floating_ip: render(store.change(() => store.put('floating_ips', { ...address, ...defined(wanted) }))),
    };
  });
  app.delete('/floating_ips/:id', (request, reply) => {
    const address = requireOne(listing, request);
    if (address.protection.delete) throw fault.protected('Floating IP');
    if (address.server !== null)
      throw fault.other(422, 'must_be_unassigned', 'floating IP is assigned to a server; unassign it first');
    actions.requireUnlocked('floating_ip', address.id);
    store.change(() => store.remove('floating_ips', address.id));
    return reply.code(204).send();
  });
  app.post('/floating_ips/:id/actions/assign', (request, reply) => {
    const address = requireFree(request);
    const { server } = body(z.object({ server: shape.id }), request);
    referenced(project, 'servers', server, 'server');
    if (address.server === server)
      throw fault.other(422, 'floating_ip_assigned', `floating IP is assigned to server ${server} already`);
    const action = store.change(() => move('assign_floating_ip', address, server));
    return reply.code(201).send({ action });
  });
  app.post('/floating_ips/:id/actions/unassign', (request, reply) => {
    const address = requireFree(request);
    if (address.server === null)
      throw fault.service('cannot unassign Floating IP because it is not assigned to a server');
    const action = store.change(() => move('unassign_floating_ip', address, null));
    return reply.code(201).send({ action });
  });
  app.post('/floating_ips/:id/actions/change_dns_ptr', (request, reply) => {
    const address = requireFree(request);
    const dns_ptr = withPointer(address.dns_ptr, address.ip, body(pointerChange, request));
    const action = store.change(() => {
      store.put('floating_ips', { ...address, dns_ptr });
      return actions.begin('change_dns_ptr', [{ id: address.id, type: 'floating_ip' }], async () => {});
    });
    return reply.code(201).send({ action });
  });
  app.post('/floating_ips/:id/actions/change_protection', (request, reply) => {
    const address = requireFree(request);
    const protection = body(z.object({ delete: z.boolean() }), request);
    const action = store.change(() => {
      store.put('floating_ips', { ...address, protection });
      return actions.done('change_protection', [{ id: address.id, type: 'floating_ip' }]);
    });
    return reply.code(201).send({ action });
  });
}

/** @throws ApiFault unless the body names a home, or a server that has one, and what it names exists */
function placeOf(
  project: Project,
  wanted: Pick<z.infer<typeof newFloating>, 'home_location' | 'server'>,
): { readonly server: Server | undefined; readonly home: string } {
  const server = wanted.server == null ? undefined : referenced(project, 'servers', wanted.server, 'server');
  const home = findLocation(wanted.home_location ?? server?.location ?? '');
  if (!home)
    throw fault.invalidFields([
      { name: 'server', messages: ['is needed without a home location that exists'] },
      { name: 'home_location', messages: [`location ${wanted.home_location ?? ''} does not exist`] },
    ]);
  return { server, home: home.name };
}
