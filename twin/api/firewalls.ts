import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { ApiFault, fault } from '../errors.ts';
import { appliedTo, guardedBy } from '../firewalling.ts';
import type { Firewall } from '../model.ts';
import type { Project } from '../project.ts';
import { requireRulesFit, rules } from './firewall-rules.ts';
import { applyToTargets, begin, removeFromTargets, type Target, targets } from './firewall-targets.ts';
import { body, defined, type Listing, listRoutes, requireOne, shape } from './http.ts';
import { now, requireBelowLimit, requireUniqueName } from './references.ts';

const newFirewall = z.object({
  name: shape.name,
  labels: shape.labels.default({}),
  rules: rules.default([]),
  apply_to: targets.default([]),
});
const changes = z.object({ name: shape.name.optional(), labels: shape.labels.optional() });

export function firewallRoutes(app: FastifyInstance, project: Project): void {
  const { store, actions } = project;
  const render = ({ selectors, ...firewall }: Firewall) => ({
    ...firewall,
    applied_to: appliedTo(project, { ...firewall, selectors }),
  });
  const listing: Listing<Firewall> = {
    plural: 'firewalls',
    singular: 'firewall',
    noun: 'firewall',
    all: () => store.all('firewalls'),
    find: (id) => store.find('firewalls', id),
    actionsOf: 'firewall',
    // Who is selected depends on the labels of all servers, and on what else guards them.
    dependsOn: () => [store.all('servers'), store.all('firewalls'), project.rules.epoch],
    render,
  };
  listRoutes(app, project, listing);
  const requireFree = (request: FastifyRequest): Firewall => {
    const firewall = requireOne(listing, request);
    actions.requireUnlocked('firewall', firewall.id);
    return firewall;
  };

  app.post('/firewalls', (request, reply) => {
    const { apply_to, ...wanted } = body(newFirewall, request);
    requireRulesFit(project, wanted.rules);
    requireUniqueName(project, 'firewalls', wanted.name);
    requireBelowLimit(project, 'firewalls');
    requireEachOnce(apply_to);
    return store.change(() => {
      const { id } = store.put('firewalls', { ...wanted, id: store.nextId(), selectors: [], created: now() });
      actions.keep();
      const started = [
        ...begin(project, 'set_firewall_rules', id, []),
        ...asCreation(() => applyToTargets(project, id, apply_to)),
      ];
      const firewall = store.get('firewalls', id);
      return reply.code(201).send({ firewall: firewall && render(firewall), actions: started });
    });
  });
  app.put('/firewalls/:id', (request) => {
    const firewall = requireFree(request);
    const wanted = body(changes, request);
    if (wanted.name !== undefined) requireUniqueName(project, 'firewalls', wanted.name, firewall.id);
    return {
      firewall: render(store.change(() => store.put('firewalls', { ...firewall, ...defined(wanted) }))),
    };
  });
  app.delete('/firewalls/:id', (request, reply) => {
    const firewall = requireFree(request);
    if (appliedTo(project, firewall).length > 0)
      throw fault.other(422, 'resource_in_use', `firewall with ID ${firewall.id} is still in use`);
    store.change(() => store.remove('firewalls', firewall.id));
    return reply.code(204).send();
  });
  app.post('/firewalls/:id/actions/set_rules', (request, reply) => {
    const firewall = requireFree(request);
    const wanted = body(z.object({ rules }), request);
    requireRulesFit(project, wanted.rules);
    const servers = guardedBy(project, firewall.id);
    const started = store.change(() => {
      store.put('firewalls', { ...firewall, rules: wanted.rules });
      return [
        ...begin(project, 'set_firewall_rules', firewall.id, []),
        ...(servers.length > 0 ? begin(project, 'apply_firewall', firewall.id, servers) : []),
      ];
    });
    return reply.code(201).send({ actions: started });
  });
  app.post('/firewalls/:id/actions/apply_to_resources', (request, reply) => {
    const { id } = requireFree(request);
    const { apply_to } = body(z.object({ apply_to: targets }), request);
    return reply.code(201).send({ actions: store.change(() => applyToTargets(project, id, apply_to)) });
  });
  app.post('/firewalls/:id/actions/remove_from_resources', (request, reply) => {
    const { id } = requireFree(request);
    const { remove_from } = body(z.object({ remove_from: targets }), request);
    return reply.code(201).send({ actions: store.change(() => removeFromTargets(project, id, remove_from)) });
  });
}

/** @throws ApiFault when a new firewall shall be applied to a server more than once */
function requireEachOnce(wanted: readonly Target[]): void {
  const servers = wanted.flatMap((target) => (target.type === 'server' ? [target.server.id] : []));
  const twice = servers.find((id, index) => servers.indexOf(id) < index);
  if (twice !== undefined)
    throw fault.other(422, 'server_already_added', `server ${twice} is named more than once`);
}

/** Two refusals are documented otherwise for creating a firewall than for applying one. */
function asCreation<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ApiFault)) throw error;
    if (error.code === 'firewall_resource_not_found') throw fault.other(422, error.code, error.message);
    if (error.code === 'private_net_only_server')
      throw fault.other(422, 'incompatible_network_type', error.message);
    throw error;
  }
}
