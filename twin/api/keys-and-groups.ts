import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { fault } from '../errors.ts';
import type { PlacementGroup, SshKey } from '../model.ts';
import type { Project } from '../project.ts';
import { body, defined, type Listing, listRoutes, requireOne, shape } from './http.ts';
import { fingerprintOf } from './public-key.ts';
import { now, requireBelowLimit, requireUniqueName } from './references.ts';

const changes = z.object({ name: shape.name.optional(), labels: shape.labels.optional() });
const newKey = z.object({ name: shape.name, public_key: z.string(), labels: shape.labels.default({}) });
const newGroup = z.object({ name: shape.name, type: z.literal('spread'), labels: shape.labels.default({}) });

export function sshKeyRoutes(app: FastifyInstance, project: Project): void {
  const { store } = project;
  const listing: Listing<SshKey> = {
    plural: 'ssh_keys',
    singular: 'ssh_key',
    noun: 'SSH key',
    all: () => store.all('ssh_keys'),
    find: (id) => store.find('ssh_keys', id),
    filters: ['fingerprint'],
    render: (key) => key,
  };
  listRoutes(app, project, listing);
  app.post('/ssh_keys', (request, reply) => {
    const wanted = body(newKey, request);
    const fingerprint = fingerprintOf(wanted.public_key);
    requireUniqueName(project, 'ssh_keys', wanted.name);
    if (store.all('ssh_keys').some((key) => key.fingerprint === fingerprint))
      throw fault.unique('public_key', 'SSH key with the same fingerprint already exists');
    requireBelowLimit(project, 'ssh_keys');
    const key = store.change(() =>
      store.put('ssh_keys', {
        ...wanted,
        public_key: wanted.public_key.trim(),
        id: store.nextId(),
        fingerprint,
        created: now(),
      }),
    );
    return reply.code(201).send({ ssh_key: key });
  });
  app.put('/ssh_keys/:id', (request) => {
    const key = requireOne(listing, request);
    const wanted = body(changes, request);
    if (wanted.name !== undefined) requireUniqueName(project, 'ssh_keys', wanted.name, key.id);
    return { ssh_key: store.change(() => store.put('ssh_keys', { ...key, ...defined(wanted) })) };
  });
  app.delete('/ssh_keys/:id', (request, reply) => {
    const key = requireOne(listing, request);
    store.change(() => store.remove('ssh_keys', key.id));
    return reply.code(204).send();
  });
}

export function placementGroupRoutes(app: FastifyInstance, project: Project): void {
  const { store } = project;
  const listing: Listing<PlacementGroup> = {
    plural: 'placement_groups',
    singular: 'placement_group',
    noun: 'placement group',
    all: () => store.all('placement_groups'),
    find: (id) => store.find('placement_groups', id),
    filters: ['type'],
    render: (group) => group,
  };
  listRoutes(app, project, listing);
  app.post('/placement_groups', (request, reply) => {
    const wanted = body(newGroup, request);
    requireUniqueName(project, 'placement_groups', wanted.name);
    requireBelowLimit(project, 'placement_groups');
    const group = store.change(() =>
      store.put('placement_groups', { ...wanted, id: store.nextId(), servers: [], created: now() }),
    );
    return reply.code(201).send({ placement_group: group, action: null });
  });
  app.put('/placement_groups/:id', (request) => {
    const group = requireOne(listing, request);
    const wanted = body(changes, request);
    if (wanted.name !== undefined) requireUniqueName(project, 'placement_groups', wanted.name, group.id);
    return {
      placement_group: store.change(() => store.put('placement_groups', { ...group, ...defined(wanted) })),
    };
  });
  app.delete('/placement_groups/:id', (request, reply) => {
    const group = requireOne(listing, request);
    if (group.servers.length > 0)
      throw fault.other(422, 'resource_in_use', 'placement group is still used by servers');
    store.change(() => store.remove('placement_groups', group.id));
    return reply.code(204).send();
  });
}
