import type { FastifyInstance } from 'fastify';
import ipaddr from 'ipaddr.js';
import * as z from 'zod';
import { fault } from '../errors.ts';
import type { Action, Firewall } from '../model.ts';
import type { Project } from '../project.ts';
import { body, type Listing, listRoutes, requireOne, shape } from './http.ts';
import { defined } from './keys-and-groups.ts';
import { now, referenced, requireUniqueName } from './references.ts';

/** Source: https://docs.hetzner.com/cloud/firewalls/faq/ */
export const FIREWALL_LIMITS = { rules: 50, perServer: 5, perProject: 50, rangesPerRule: 100 };

const range = z.string().refine((text) => ipaddr.isValidCIDR(text), 'is not a range such as 0.0.0.0/0');
const rule = z
  .object({
    direction: z.enum(['in', 'out']),
    protocol: z.enum(['tcp', 'udp', 'icmp', 'esp', 'gre']),
    port: z
      .string()
      .nullish()
      .transform((port) => port ?? null),
    source_ips: z.array(range).max(FIREWALL_LIMITS.rangesPerRule).default([]),
    destination_ips: z.array(range).max(FIREWALL_LIMITS.rangesPerRule).default([]),
    description: z
      .string()
      .max(255)
      .nullish()
      .transform((text) => text ?? null),
  })
  .superRefine(({ direction, protocol, port, source_ips, destination_ips }, context) => {
    const wrong = (field: string, message: string) =>
      context.addIssue({ code: 'custom', path: [field], message });
    const ported = protocol === 'tcp' || protocol === 'udp';
    if (ported && port === null) wrong('port', 'is needed for tcp and udp');
    if (!ported && port !== null) wrong('port', `is not possible with ${protocol}`);
    if (ported && port !== null && port !== 'any' && !validPorts(port))
      wrong('port', 'must be a port, a range such as 80-85, or any');
    if (direction === 'in' && source_ips.length === 0) wrong('source_ips', 'is needed for incoming rules');
    if (direction === 'out' && destination_ips.length === 0)
      wrong('destination_ips', 'is needed for outgoing rules');
  });
const rules = z.array(rule).max(FIREWALL_LIMITS.rules, `at most ${FIREWALL_LIMITS.rules} rules`);
const targets = z.array(
  z.object({
    type: z.enum(['server', 'label_selector']),
    server: z.object({ id: shape.id }).optional(),
    label_selector: z.unknown().optional(),
  }),
);
const newFirewall = z.object({
  name: shape.name,
  labels: shape.labels.default({}),
  rules: rules.default([]),
  apply_to: targets.default([]),
});
const changes = z.object({ name: shape.name.optional(), labels: shape.labels.optional() });

function validPorts(text: string): boolean {
  const ports = text.split('-').map(Number);
  const [from = 0, to = from] = ports;
  return ports.length <= 2 && /^\d+(-\d+)?$/.test(text) && from >= 1 && to >= from && to <= 65_535;
}

/** Servers that a body names. Label selectors are the next floor's. */
function serverIds(project: Project, wanted: z.infer<typeof targets>, field: string): number[] {
  return wanted.map((target) => {
    if (target.type !== 'server' || !target.server)
      throw fault.invalid(field, 'this local Hetzner applies firewalls to servers only');
    const server = referenced(project, 'servers', target.server.id, field);
    if (server.ipv4 === null && server.ipv6 === null) {
      throw fault.other(
        422,
        'firewall_server_without_public_net',
        `server ${server.id} has no public interface`,
      );
    }
    return server.id;
  });
}

/** Joins or parts a firewall and servers, on both sides. Only within a change of the store. */
export function applyFirewall(
  { store }: Project,
  firewallId: number,
  servers: readonly number[],
  apply: boolean,
): void {
  for (const id of servers) {
    const server = store.get('servers', id);
    const firewall = store.get('firewalls', firewallId);
    if (!server || !firewall) continue;
    const others = server.firewalls.filter((other) => other !== firewallId);
    if (apply && others.length >= FIREWALL_LIMITS.perServer)
      throw fault.limit('firewall limit of the server exceeded', 'server_firewalls');
    store.put('servers', { ...server, firewalls: apply ? [...others, firewallId] : others });
    const rest = firewall.applied_to.filter((target) => target.server.id !== id);
    store.put('firewalls', {
      ...firewall,
      applied_to: apply ? [...rest, { type: 'server', server: { id } }] : rest,
    });
  }
}

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
  const begin = (command: string, firewall: Firewall, servers: readonly number[]): Action[] => {
    const resources = [
      { id: firewall.id, type: 'firewall' },
      ...servers.map((id) => ({ id, type: 'server' })),
    ];
    return [actions.begin(command, resources, () => project.applyFirewalls())];
  };

  app.post('/firewalls', (request, reply) => {
    const wanted = body(newFirewall, request);
    requireUniqueName(project, 'firewalls', wanted.name);
    if (store.count('firewalls') >= FIREWALL_LIMITS.perProject)
      throw fault.limit('firewall limit exceeded', 'firewalls');
    const servers = serverIds(project, wanted.apply_to, 'apply_to');
    const { apply_to: _, ...own } = wanted;
    return store.change(() => {
      const firewall = store.put('firewalls', { ...own, id: store.nextId(), applied_to: [], created: now() });
      applyFirewall(project, firewall.id, servers, true);
      const started = servers.length > 0 ? begin('apply_firewall', firewall, servers) : [];
      return reply.code(201).send({ firewall: store.get('firewalls', firewall.id), actions: started });
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
    store.change(() => store.remove('firewalls', firewall.id));
    return reply.code(204).send();
  });
  app.post('/firewalls/:id/actions/set_rules', (request, reply) => {
    const firewall = requireOne(listing, request);
    const wanted = body(z.object({ rules }), request);
    const servers = firewall.applied_to.map((target) => target.server.id);
    const started = store.change(() => {
      store.put('firewalls', { ...firewall, rules: wanted.rules });
      return begin('set_firewall_rules', firewall, servers);
    });
    return reply.code(201).send({ actions: started });
  });
  for (const [path, field, command] of [
    ['apply_to_resources', 'apply_to', 'apply_firewall'],
    ['remove_from_resources', 'remove_from', 'remove_firewall'],
  ] as const) {
    app.post(`/firewalls/:id/actions/${path}`, (request, reply) => {
      const firewall = requireOne(listing, request);
      const wanted = body(z.object({ [field]: targets }), request);
      const servers = serverIds(project, wanted[field] ?? [], field);
      const started = store.change(() => {
        applyFirewall(project, firewall.id, servers, field === 'apply_to');
        return begin(command, firewall, servers);
      });
      return reply.code(201).send({ actions: started });
    });
  }
}
