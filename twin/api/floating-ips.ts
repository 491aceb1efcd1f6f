import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { findLocation } from '../catalogue/locations.ts';
import { fault } from '../errors.ts';
import type { FloatingIp } from '../model.ts';
import type { Project } from '../project.ts';
import { body, defined, type Listing, listRoutes, requireOne, shape } from './http.ts';
import { freeAddress } from './public-addresses.ts';
import { now, referenced, requireBelowLimit, requireLocation, requireUniqueName } from './references.ts';
import { firstPointers, pointerChange, withPointer } from './reverse-dns.ts';

const newFloating = z.object({
  name: shape.name.optional(),
  type: z.enum(['ipv4', 'ipv6']),
  home_location: z.union([z.string(), z.int().transform(String)]).nullish(),
  server: shape.id.nullish(),
  description: z.string().nullish(),
  labels: shape.labels.default({}),
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
  const begin = (command: string, id: number, server: number | null) =>
    actions.begin(
      command,
      [{ id, type: 'floating_ip' }, ...(server === null ? [] : [{ id: server, type: 'server' }])],
      () => project.applyFloatingIps(),
    );

  app.post('/floating_ips', (request, reply) => {
    const wanted = body(newFloating, request);
    const server =
      wanted.server == null ? undefined : referenced(project, 'servers', wanted.server, 'server');
    const home = requireLocation(wanted.home_location ?? server?.location, 'home_location').name;
    if (wanted.name !== undefined) requireUniqueName(project, 'floating_ips', wanted.name);
    requireBelowLimit(project, 'floating_ips');
    return store.change(() => {
      const id = store.nextId();
      const ip = freeAddress(project, 'floating_ips', wanted.type, id);
      const address = store.put('floating_ips', {
        id,
        name: wanted.name ?? `floating-ip-${id}`,
        type: wanted.type,
        labels: wanted.labels,
        description: wanted.description ?? null,
        ip,
        home_location: home,
        server: null,
        blocked: false,
        protection: { delete: false },
        dns_ptr: firstPointers(ip),
        created: now(),
      });
      if (server) moveFloatingIp(project, address, server.id);
      return reply.code(201).send({
        floating_ip: render(store.get('floating_ips', id) ?? address),
        action: server ? begin('assign_floating_ip', id, server.id) : null,
      });
    });
  });
  app.put('/floating_ips/:id', (request) => {
    const address = requireOne(listing, request);
    const wanted = body(changes, request);
    if (wanted.name !== undefined) requireUniqueName(project, 'floating_ips', wanted.name, address.id);
    return {
      floating_ip: render(store.change(() => store.put('floating_ips', { ...address, ...defined(wanted) }))),
    };
  });
  app.delete('/floating_ips/:id', (request, reply) => {
    const address = requireOne(listing, request);
    if (address.protection.delete) throw fault.protected('floating IP');
    if (address.server !== null)
      throw fault.other(422, 'must_be_unassigned', 'floating IP is assigned to a server; unassign it first');
    actions.requireUnlocked('floating_ip', address.id);
    store.change(() => store.remove('floating_ips', address.id));
    return reply.code(204).send();
  });
  app.post('/floating_ips/:id/actions/assign', (request, reply) => {
    const address = requireOne(listing, request);
    const { server } = body(z.object({ server: shape.id }), request);
    referenced(project, 'servers', server, 'server');
    actions.requireUnlocked('floating_ip', address.id);
    const action = store.change(() => {
      moveFloatingIp(project, address, server);
      return begin('assign_floating_ip', address.id, server);
    });
    return reply.code(201).send({ action });
  });
  app.post('/floating_ips/:id/actions/unassign', (request, reply) => {
    const address = requireOne(listing, request);
    actions.requireUnlocked('floating_ip', address.id);
    if (address.server === null) throw fault.service('floating IP is not assigned');
    const action = store.change(() => {
      moveFloatingIp(project, address, null);
      return begin('unassign_floating_ip', address.id, address.server);
    });
    return reply.code(201).send({ action });
  });
  app.post('/floating_ips/:id/actions/change_dns_ptr', (request, reply) => {
    const address = requireOne(listing, request);
    const dns_ptr = withPointer(address.dns_ptr, address.ip, body(pointerChange, request));
    const action = store.change(() => {
      store.put('floating_ips', { ...address, dns_ptr });
      return actions.begin('change_dns_ptr', [{ id: address.id, type: 'floating_ip' }], async () => {});
    });
    return reply.code(201).send({ action });
  });
  app.post('/floating_ips/:id/actions/change_protection', (request, reply) => {
    const address = requireOne(listing, request);
    const wanted = body(z.object({ delete: z.boolean().optional() }), request);
    const action = store.change(() => {
      store.put('floating_ips', { ...address, protection: { ...address.protection, ...defined(wanted) } });
      return actions.done('change_protection', [{ id: address.id, type: 'floating_ip' }]);
    });
    return reply.code(201).send({ action });
  });
}
