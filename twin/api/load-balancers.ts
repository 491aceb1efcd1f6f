import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import ipaddr from 'ipaddr.js';
import * as z from 'zod';
import { LOAD_BALANCER_TYPES } from '../catalogue/load-balancer-types.ts';
import { fault } from '../errors.ts';
import { METRICS } from '../load-balancer-meter.ts';
import type { LoadBalancer, PrimaryIp } from '../model.ts';
import type { Project } from '../project.ts';
import {
  algorithm,
  balancerName,
  createLoadBalancer,
  newBalancer,
  requireType,
  typeName,
} from './create-load-balancer.ts';
import { body, defined, type Listing, listRoutes, requireOne, shape } from './http.ts';
import { attachment, joinNetwork, leaveNetwork } from './load-balancer-network.ts';
import {
  changedService,
  changeService,
  completeService,
  exceeded,
  newService,
  requireFitting,
} from './load-balancer-services.ts';
import {
  newTarget,
  requireAttached,
  targetName,
  withoutTarget,
  withTarget,
} from './load-balancer-targets.ts';
import { metricsRoute } from './metrics.ts';
import { requireUniqueName } from './references.ts';
import { balancerParts, ownAddress, renderLoadBalancer } from './render-load-balancer.ts';
import { pointerChange, withPointer } from './reverse-dns.ts';

const changes = z.object({ name: balancerName.optional(), labels: shape.labels.optional() });

export function loadBalancerRoutes(app: FastifyInstance, project: Project): void {
  listRoutes(app, project, {
    plural: 'load_balancer_types',
    singular: 'load_balancer_type',
    noun: 'load balancer type',
    all: () => LOAD_BALANCER_TYPES,
    render: (type) => type,
  });
  app.register(async (own) => {
    // Nobody is told of a target's health before the engine was asked for it.
    own.addHook('preHandler', async ({ method }) => {
      if (method === 'GET') await project.balancing.observe();
    });
    balancerRoutes(own, project);
  });
}

function balancerRoutes(app: FastifyInstance, project: Project): void {
  const { store, actions, balancing } = project;
  const listing: Listing<LoadBalancer> = {
    plural: 'load_balancers',
    singular: 'load_balancer',
    noun: 'load balancer',
    all: () => store.all('load_balancers'),
    find: (id) => store.find('load_balancers', id),
    actionsOf: 'load_balancer',
    render: (balancer) => renderLoadBalancer(project, balancer),
    dependsOn: (balancer) => balancerParts(project, balancer),
  };
  listRoutes(app, project, listing);
  metricsRoute(app, listing, METRICS, ({ id }, type, times) =>
    project.balancing.meter.series(id, type, times),
  );

  const resource = (id: number) => ({ id, type: 'load_balancer' });
  const requireFree = (request: FastifyRequest): LoadBalancer => {
    const balancer = requireOne(listing, request);
    actions.requireUnlocked('load_balancer', balancer.id);
    return balancer;
  };
  /** Commits a change and lets the engine follow. */
  const follow = (
    reply: FastifyReply,
    command: string,
    { id }: LoadBalancer,
    change: () => void,
    others: readonly { readonly id: number; readonly type: string }[] = [],
  ) => {
    const action = store.change(() => {
      change();
      return actions.begin(command, [resource(id), ...others], () => balancing.apply(id));
    });
    return reply.code(201).send({ action });
  };
  const put = (balancer: LoadBalancer) => () => {
    store.put('load_balancers', balancer);
  };

  app.post('/load_balancers', (request, reply) => {
    const wanted = body(newBalancer, request);
    return store.change(() => {
      const balancer = createLoadBalancer(project, wanted);
      const action = actions.begin('create_load_balancer', [resource(balancer.id)], () =>
        balancing.apply(balancer.id),
      );
      return reply.code(201).send({ load_balancer: renderLoadBalancer(project, balancer), action });
    });
  });
  app.put('/load_balancers/:id', (request) => {
    const balancer = requireFree(request);
    const wanted = body(changes, request);
    if (wanted.name !== undefined) requireUniqueName(project, 'load_balancers', wanted.name, balancer.id);
    const changed = store.change(() => store.put('load_balancers', { ...balancer, ...defined(wanted) }));
    return { load_balancer: renderLoadBalancer(project, changed) };
  });
  app.delete('/load_balancers/:id', (request, reply) => {
    const balancer = requireOne(listing, request);
    if (balancer.protection.delete) throw fault.protected('load balancer');
    actions.requireUnlocked('load_balancer', balancer.id);
    const action = store.change(() => {
      removeLoadBalancer(project, balancer);
      return actions.begin('delete_load_balancer', [resource(balancer.id)], () =>
        balancing.remove(balancer.id),
      );
    });
    return reply.code(201).send({ action });
  });

  const action = '/load_balancers/:id/actions';
  app.post(`${action}/add_service`, (request, reply) => {
    const balancer = requireFree(request);
    const services = [...balancer.services, completeService(body(newService, request))];
    requireFitting(project, services, requireType(balancer.load_balancer_type), 412);
    return follow(reply, 'add_service', balancer, put({ ...balancer, services }));
  });
  app.post(`${action}/update_service`, (request, reply) => {
    const balancer = requireFree(request);
    const wanted = body(changedService, request);
    requireService(balancer, wanted.listen_port);
    const services = balancer.services.map((service) =>
      service.listen_port === wanted.listen_port ? changeService(service, wanted) : service,
    );
    requireFitting(project, services, requireType(balancer.load_balancer_type), 422);
    return follow(reply, 'update_service', balancer, put({ ...balancer, services }));
  });
  app.post(`${action}/delete_service`, (request, reply) => {
    const balancer = requireFree(request);
    const { listen_port } = body(z.object({ listen_port: z.int() }), request);
    requireService(balancer, listen_port);
    const services = balancer.services.filter((service) => service.listen_port !== listen_port);
    return follow(reply, 'delete_service', balancer, put({ ...balancer, services }));
  });
  app.post(`${action}/add_target`, (request, reply) => {
    const balancer = requireFree(request);
    const type = requireType(balancer.load_balancer_type);
    const changed = withTarget(project, balancer, body(newTarget, request), type);
    return follow(reply, 'add_target', balancer, put(changed));
  });
  app.post(`${action}/remove_target`, (request, reply) => {
    const balancer = requireFree(request);
    const changed = withoutTarget(balancer, body(targetName, request));
    return follow(reply, 'remove_target', balancer, put(changed));
  });
  app.post(`${action}/attach_to_network`, (request, reply) => {
    const balancer = requireFree(request);
    const wanted = body(attachment, request);
    return follow(reply, 'attach_to_network', balancer, () => joinNetwork(project, balancer, wanted), [
      { id: wanted.network, type: 'network' },
    ]);
  });
  app.post(`${action}/detach_from_network`, (request, reply) => {
    const balancer = requireFree(request);
    const { network } = body(z.object({ network: shape.id }), request);
    if (!balancer.private_net.some((nic) => nic.network === network))
      throw fault.invalid('network', 'the load balancer is not attached to the network');
    const leave = () => leaveNetwork(project, balancer.id, network);
    return follow(reply, 'detach_from_network', balancer, leave, [{ id: network, type: 'network' }]);
  });
  app.post(`${action}/enable_public_interface`, (request, reply) => {
    const balancer = requireFree(request);
    return follow(reply, 'enable_public_interface', balancer, put({ ...balancer, public_enabled: true }));
  });
  app.post(`${action}/disable_public_interface`, (request, reply) => {
    const balancer = requireFree(request);
    requireAttached(balancer);
    requirePrivateTargets(balancer);
    return follow(reply, 'disable_public_interface', balancer, put({ ...balancer, public_enabled: false }));
  });
  app.post(`${action}/change_algorithm`, (request, reply) => {
    const balancer = requireFree(request);
    const wanted = body(algorithm, request);
    return follow(reply, 'change_algorithm', balancer, put({ ...balancer, algorithm: wanted }));
  });
  app.post(`${action}/change_type`, (request, reply) => {
    const balancer = requireFree(request);
    const type = requireType(body(z.object({ load_balancer_type: typeName }), request).load_balancer_type);
    const excess = exceeded(balancer.services, balancer.targets, type);
    if (excess)
      throw fault.other(
        422,
        'invalid_load_balancer_type',
        `load balancer type ${type.name} has at most ${excess.most} ${excess.what}`,
      );
    return follow(
      reply,
      'change_load_balancer_type',
      balancer,
      put({ ...balancer, load_balancer_type: type.name }),
    );
  });
  app.post(`${action}/change_dns_ptr`, (request, reply) => {
    const balancer = requireFree(request);
    const wanted = body(pointerChange, request);
    const address = requireAddress(project, balancer, wanted.ip);
    const dns_ptr = withPointer(address.dns_ptr, address.ip, { ...wanted, ip: ownAddress(address) });
    return follow(reply, 'change_dns_ptr', balancer, () => {
      store.put('primary_ips', { ...address, dns_ptr });
    });
  });
  app.post(`${action}/change_protection`, (request, reply) => {
    const balancer = requireFree(request);
    const wanted = body(z.object({ delete: z.boolean().optional() }), request);
    const protection = { ...balancer.protection, ...defined(wanted) };
    return follow(reply, 'change_protection', balancer, put({ ...balancer, protection }));
  });
}

/** @throws ApiFault unless the load balancer has that address */
function requireAddress({ store }: Project, balancer: LoadBalancer, text: string): PrimaryIp {
  const wanted = ipaddr.isValid(text) ? ipaddr.parse(text).toString() : undefined;
  const own = [balancer.ipv4, balancer.ipv6]
    .flatMap((id) => store.get('primary_ips', id) ?? [])
    .find((address) => ipaddr.parse(ownAddress(address)).toString() === wanted);
  if (!own) throw fault.invalid('ip', `${text} is no address of the load balancer`);
  return own;
}

function requireService(balancer: LoadBalancer, listenPort: number): void {
  if (!balancer.services.some(({ listen_port }) => listen_port === listenPort))
    throw fault.other(404, 'not_found', `load balancer service with listen port '${listenPort}' not found`);
}

function requirePrivateTargets({ targets }: LoadBalancer): void {
  if (targets.some((target) => target.type !== 'ip' && !target.use_private_ip))
    throw fault.other(
      422,
      'targets_without_use_private_ip',
      'load balancer has targets that use the public IP instead of the private IP',
    );
}

/** Takes a load balancer and what goes with it out of the project. Only within a change of the store. */
function removeLoadBalancer(project: Project, balancer: LoadBalancer): void {
  const { store } = project;
  for (const { network } of balancer.private_net) leaveNetwork(project, balancer.id, network);
  for (const id of [balancer.ipv4, balancer.ipv6]) {
    const address = store.get('primary_ips', id);
    if (address?.auto_delete) store.remove('primary_ips', id);
    else if (address)
      store.put('primary_ips', { ...address, assignee_id: null, assignee_type: 'unassigned' });
  }
  store.remove('load_balancers', balancer.id);
}
