import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { findLocation } from '../catalogue/locations.ts';
import { fault } from '../errors.ts';
import type { Action, PrimaryIp, Server } from '../model.ts';
import type { Project } from '../project.ts';
import { legacyDatacenter, locationOf } from './datacenters.ts';
import { body, defined, type Listing, listRoutes, requireOne, shape } from './http.ts';
import { isPublicTarget } from './load-balancer-targets.ts';
import { freeAddress } from './public-addresses.ts';
import { now, referenced, requireBelowLimit, requireUniqueName } from './references.ts';
import { firstPointers, pointerChange, withPointer } from './reverse-dns.ts';

const place = z.union([z.string(), z.int().transform(String)]).nullish();
const newPrimary = z.object({
  name: shape.name,
  type: z.enum(['ipv4', 'ipv6']),
  location: place,
  datacenter: place,
  assignee_type: z.enum(['server', 'unassigned']).default('server'),
  assignee_id: shape.id.nullish(),
  auto_delete: z.boolean().nullish(),
  labels: shape.labels.default({}),
});
const changes = z.object({
  name: shape.name.optional(),
  labels: shape.labels.optional(),
  auto_delete: z.boolean().optional(),
});

/** Only within a change of the store. @throws ApiFault when the project has enough of them */
export function createPrimaryIp(
  project: Project,
  wanted: Pick<PrimaryIp, 'name' | 'type' | 'location' | 'auto_delete' | 'labels'> & {
    readonly server: number | null;
  },
): PrimaryIp {
  requireBelowLimit(project, 'primary_ips');
  const { server, ...own } = wanted;
  const id = project.store.nextId();
  const ip = freeAddress(project, 'primary_ips', wanted.type, id);
  return project.store.put('primary_ips', {
    ...own,
    id,
    ip,
    assignee_id: server,
    assignee_type: server === null ? 'unassigned' : 'server',
    blocked: false,
    protection: { delete: false },
    dns_ptr: firstPointers(ip),
    created: now(),
  });
}

/** For what is new. @throws ApiFault unless the address can go to something of that location */
export function requireFreePrimaryIp(
  project: Project,
  id: number,
  type: 'ipv4' | 'ipv6',
  location: string,
): PrimaryIp {
  const address = referenced(project, 'primary_ips', id, `public_net.${type}`);
  if (address.type !== type)
    throw fault.other(412, 'primary_ip_version_mismatch', `primary IP ${id} is of type ${address.type}`);
  if (address.assignee_id !== null)
    throw fault.other(422, 'primary_ip_assigned', 'primary ip already assigned to another server');
  if (address.location !== location)
    throw fault.other(
      422,
      'primary_ip_datacenter_mismatch',
      `primary IP ${id} is in ${address.location}, not in ${location}`,
    );
  return address;
}

export function primaryIpRoutes(app: FastifyInstance, project: Project): void {
  const { store, actions, rules } = project;
  const render = ({ location, ...address }: PrimaryIp) => ({
    ...address,
    location: findLocation(location),
    ...legacyDatacenter(project, location),
  });
  const listing: Listing<PrimaryIp> = {
    plural: 'primary_ips',
    singular: 'primary_ip',
    noun: 'primary IP',
    all: () => store.all('primary_ips'),
    find: (id) => store.find('primary_ips', id),
    filters: ['ip', 'type'],
    actionsOf: 'primary_ip',
    dependsOn: () => [rules.epoch],
    render,
  };
  listRoutes(app, project, listing);
  const resource = (id: number) => [{ id, type: 'primary_ip' }];
  const requireFree = (request: FastifyRequest): PrimaryIp => {
    const address = requireOne(listing, request);
    actions.requireUnlocked('primary_ip', address.id);
    return address;
  };
  const stoppedServer = (id: number): Server => {
    const server = referenced(project, 'servers', id, 'assignee_id');
    actions.requireUnlocked('server', id);
    if (server.status !== 'off')
      throw fault.other(422, 'server_not_stopped', 'the server is running; power it off first');
    return server;
  };
  const requireRoom = (server: Server, type: 'ipv4' | 'ipv6') => {
    if (server[type] !== null)
      throw fault.other(422, `server_has_${type}`, `the server has an ${type} address already`);
  };
  /** The server changes with its address, so both are held. Only within a change of the store. */
  const move = (command: string, address: PrimaryIp, server: Server, isAssigned: boolean): Action => {
    const assignee = isAssigned
      ? ({ assignee_id: server.id, assignee_type: 'server' } as const)
      : ({ assignee_id: null, assignee_type: 'unassigned' } as const);
    store.put('primary_ips', { ...address, ...assignee });
    store.put('servers', { ...server, [address.type]: isAssigned ? address.id : null });
    const both = [...resource(address.id), { id: server.id, type: 'server' }];
    // A server without public interface has no firewall yet: it must stand before the interface is there.
    const work = async () => {
      await project.applyFirewalls();
      await project.applyServer(server.id);
    };
    return actions.begin(command, both, work, undefined, both);
  };

  app.post('/primary_ips', (request, reply) => {
    const wanted = body(newPrimary, request);
    requireUniqueName(project, 'primary_ips', wanted.name);
    const server = wanted.assignee_id == null ? undefined : stoppedServer(wanted.assignee_id);
    if (server) requireRoom(server, wanted.type);
    const location = placeOf(project, wanted, server);
    return store.change(() => {
      const { name, type, auto_delete, labels } = wanted;
      const own = { name, type, auto_delete: auto_delete ?? false, labels, location, server: null };
      const address = createPrimaryIp(project, own);
      actions.keep();
      const action = server ? move('assign_primary_ip', address, server, true) : null;
      const made = store.get('primary_ips', address.id) ?? address;
      return reply.code(201).send({ primary_ip: render(made), action });
    });
  });
  app.put('/primary_ips/:id', (request) => {
    const address = requireFree(request);
    const wanted = body(changes, request);
    if (wanted.name !== undefined) requireUniqueName(project, 'primary_ips', wanted.name, address.id);
    if (wanted.auto_delete === true && address.protection.delete)
      throw fault.invalid('auto_delete', 'is not possible while deletion is protected');
    return {
      primary_ip: render(store.change(() => store.put('primary_ips', { ...address, ...defined(wanted) }))),
    };
  });
  app.delete('/primary_ips/:id', (request, reply) => {
    const address = requireOne(listing, request);
    if (address.protection.delete) throw fault.protected('Primary IP');
    if (address.assignee_id !== null)
      throw fault.other(422, 'must_be_unassigned', 'primary IP is assigned; unassign it first');
    actions.requireUnlocked('primary_ip', address.id);
    store.change(() => store.remove('primary_ips', address.id));
    return reply.code(204).send();
  });
  app.post('/primary_ips/:id/actions/assign', (request, reply) => {
    const address = requireFree(request);
    const wanted = body(
      z.object({ assignee_id: shape.id, assignee_type: z.literal('server').default('server') }),
      request,
    );
    if (address.assignee_id !== null)
      throw fault.other(
        422,
        'primary_ip_already_assigned',
        'primary IP is assigned already; unassign it first',
      );
    const server = stoppedServer(wanted.assignee_id);
    requireRoom(server, address.type);
    if (address.location !== server.location)
      throw fault.invalid(
        'assignee_id',
        `is in ${server.location}, the primary IP is in ${address.location}`,
      );
    const action = store.change(() => move('assign_primary_ip', address, server, true));
    return reply.code(201).send({ action });
  });
  app.post('/primary_ips/:id/actions/unassign', (request, reply) => {
    const address = requireFree(request);
    if (address.assignee_id === null) throw fault.service('primary IP is not assigned');
    if (address.assignee_type === 'load_balancer')
      throw fault.other(
        422,
        'unsupported_error',
        'primary IP stays with its load balancer as long as there is one; delete the load balancer',
      );
    const server = stoppedServer(address.assignee_id);
    if (address.type === 'ipv4' && isPublicTarget(project, server.id))
      throw fault.other(
        422,
        'server_is_load_balancer_target',
        "the server's IPv4 address is a target of a load balancer; remove the target first",
      );
    const action = store.change(() => move('unassign_primary_ip', address, server, false));
    return reply.code(201).send({ action });
  });
  app.post('/primary_ips/:id/actions/change_dns_ptr', (request, reply) => {
    const address = requireFree(request);
    const dns_ptr = withPointer(address.dns_ptr, address.ip, body(pointerChange, request));
    const action = store.change(() => {
      store.put('primary_ips', { ...address, dns_ptr });
      return actions.begin('change_dns_ptr', resource(address.id), async () => {});
    });
    return reply.code(201).send({ action });
  });
  app.post('/primary_ips/:id/actions/change_protection', (request, reply) => {
    const address = requireFree(request);
    const protection = body(z.object({ delete: z.boolean() }), request);
    if (protection.delete && address.auto_delete)
      throw fault.invalid('delete', 'is not possible while auto_delete is on');
    const action = store.change(() => {
      store.put('primary_ips', { ...address, protection });
      return actions.done('change_protection', resource(address.id));
    });
    return reply.code(201).send({ action });
  });
}

/** @throws ApiFault unless the body says where: by a location, or by the server that is to have the address */
function placeOf(project: Project, wanted: z.infer<typeof newPrimary>, server: Server | undefined): string {
  if (!server && wanted.location == null && wanted.datacenter == null)
    throw fault.invalidFields([
      { name: 'assignee_id', messages: ['is needed without location'] },
      { name: 'location', messages: ['is needed without assignee_id'] },
    ]);
  const location = locationOf(project, wanted, server?.location);
  if (server && server.location !== location)
    throw fault.invalid('location', `is ${location}, and the server is in ${server.location}`);
  return location;
}
