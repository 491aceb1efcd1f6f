import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { fault } from '../errors.ts';
import type { Action, Firewall } from '../model.ts';
import type { Project } from '../project.ts';
import { requireRulesFit, rules } from './firewall-rules.ts';
import { applyTo, guarded, removeFrom, targets } from './firewall-targets.ts';
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
  const listing: Listing<Firewall> = {
    plural: 'firewalls',
    singular: 'firewall',
    noun: 'firewall',
    all: () => store.all('firewalls'),
    find: (id) => store.find('firewalls', id),
    actionsOf: 'firewall',
    render: (firewall) => firewall,
  };
  listRoutes(app, project, listing);

  /** One action per server that is concerned, and at least one. Only within a change of the store. */
  const begin = (command: string, id: number, servers: readonly number[]): Action[] => {
    const firewall = { id, type: 'firewall' };
    const concerned = servers.map((server) => [firewall, { id: server, type: 'server' }]);
    return (concerned.length > 0 ? concerned : [[firewall]]).map((resources) =>
      actions.begin(command, resources, () => project.applyFirewalls()),
    );
  };
  const guardedBy = (id: number): number[] => {
    const firewall = store.get('firewalls', id);
    return firewall ? guarded(firewall) : [];
  };

  app.post('/firewalls', (request, reply) => {
    const wanted = body(newFirewall, request);
    requireRulesFit(project, wanted.rules);
    requireUniqueName(project, 'firewalls', wanted.name);
    requireBelowLimit(project, 'firewalls');
    const { apply_to, ...own } = wanted;
    return store.change(() => {
      const { id } = store.put('firewalls', { ...own, id: store.nextId(), applied_to: [], created: now() });
      applyTo(project, id, apply_to, 'apply_to');
      const started = [
        ...begin('set_firewall_rules', id, []),
        ...(apply_to.length > 0 ? begin('apply_firewall', id, guardedBy(id)) : []),
      ];
      return reply.code(201).send({ firewall: store.get('firewalls', id), actions: started });
    });
  });
  app.put('/firewalls/:id', (request) => {
    const firewall = requireOne(listing, request);
    const wanted = body(changes, request);
    if (wanted.name !== undefined) requireUniqueName(project, 'firewalls', wanted.name, firewall.id);
    return { firewall: store.change(() => store.put('firewalls', { ...firewall, ...defined(wanted) })) };
  });
  app.delete('/firewalls/:id', (request, reply) => {
    const firewall = requireOne(listing, request);
    if (firewall.applied_to.length > 0) throw fault.other(422, 'resource_in_use', 'firewall is still in use');
    actions.requireUnlocked('firewall', firewall.id);
    store.change(() => store.remove('firewalls', firewall.id));
    return reply.code(204).send();
  });
  app.post('/firewalls/:id/actions/set_rules', (request, reply) => {
    const firewall = requireOne(listing, request);
    const wanted = body(z.object({ rules }), request);
    requireRulesFit(project, wanted.rules);
    actions.requireUnlocked('firewall', firewall.id);
    const started = store.change(() => {
      store.put('firewalls', { ...firewall, rules: wanted.rules });
      return begin('set_firewall_rules', firewall.id, guarded(firewall));
    });
    return reply.code(201).send({ actions: started });
  });
  app.post('/firewalls/:id/actions/apply_to_resources', (request, reply) => {
    const { id } = requireOne(listing, request);
    const { apply_to } = body(z.object({ apply_to: targets }), request);
    actions.requireUnlocked('firewall', id);
    const before = guardedBy(id);
    const started = store.change(() => {
      applyTo(project, id, apply_to, 'apply_to');
      if (apply_to.length === 0) return [];
      return begin(
        'apply_firewall',
        id,
        guardedBy(id).filter((server) => !before.includes(server)),
      );
    });
    return reply.code(201).send({ actions: started });
  });
  app.post('/firewalls/:id/actions/remove_from_resources', (request, reply) => {
    const { id } = requireOne(listing, request);
    const { remove_from } = body(z.object({ remove_from: targets }), request);
    actions.requireUnlocked('firewall', id);
    const before = guardedBy(id);
    const started = store.change(() => {
      removeFrom(project, id, remove_from);
      if (remove_from.length === 0) return [];
      return begin(
        'remove_firewall',
        id,
        before.filter((server) => !guardedBy(id).includes(server)),
      );
    });
    return reply.code(201).send({ actions: started });
  });
}
