import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { findLocation } from '../catalogue/locations.ts';
import { fault } from '../errors.ts';
import type { Volume } from '../model.ts';
import type { Project } from '../project.ts';
import { body, type Listing, listRoutes, requireOne, shape } from './http.ts';
import { defined } from './keys-and-groups.ts';
import { now, referenced, requireLocation, requireUniqueName } from './references.ts';

/** Source: https://docs.hetzner.com/cloud/volumes/overview/ and the CSI driver's constant. */
export const VOLUME_LIMITS = { minGB: 10, maxGB: 10_240, perServer: 16 };

const size = z.int().min(VOLUME_LIMITS.minGB).max(VOLUME_LIMITS.maxGB);
const newVolume = z.object({
  name: shape.name,
  size,
  location: z.string().nullish(),
  server: shape.id.nullish(),
  automount: z.boolean().optional(),
  format: z.enum(['ext4', 'xfs']).nullish(),
  labels: shape.labels.default({}),
});
const changes = z.object({ name: shape.name.optional(), labels: shape.labels.optional() });

export function renderVolume(volume: Volume) {
  return {
    ...volume,
    location: findLocation(volume.location),
    linux_device: `/dev/disk/by-id/scsi-0HC_Volume_${volume.id}`,
  };
}

/** Joins or parts a volume and its server, on both sides. Only within a change of the store. */
export function moveVolume({ store }: Project, volumeId: number, to: number | null): void {
  const volume = store.get('volumes', volumeId);
  if (!volume) return;
  const before = volume.server === null ? undefined : store.get('servers', volume.server);
  if (before) store.put('servers', { ...before, volumes: before.volumes.filter((id) => id !== volumeId) });
  const after = to === null ? undefined : store.get('servers', to);
  if (after) store.put('servers', { ...after, volumes: [...after.volumes, volumeId] });
  store.put('volumes', { ...volume, server: to });
}

/** @throws ApiFault when the volume cannot go to that server */
export function requireAttachable(
  project: Project,
  volume: Pick<Volume, 'location' | 'server'>,
  serverId: number,
): void {
  const server = referenced(project, 'servers', serverId, 'server');
  if (volume.server !== null)
    throw fault.other(422, 'volume_already_attached', 'volume is attached to a server already');
  if (server.location !== volume.location)
    throw fault.invalid('server', `is in ${server.location}, the volume is in ${volume.location}`);
  if (server.volumes.length >= VOLUME_LIMITS.perServer)
    throw fault.limit('volume limit of the server exceeded', 'server_volumes');
}

export function volumeRoutes(app: FastifyInstance, project: Project): void {
  const { store, engine, actions } = project;
  const listing: Listing<Volume> = {
    plural: 'volumes',
    singular: 'volume',
    noun: 'volume',
    all: () => store.all('volumes'),
    find: (id) => store.find('volumes', id),
    actionsOf: 'volume',
    filters: ['status'],
    render: renderVolume,
  };
  listRoutes(app, project, listing);

  app.post('/volumes', (request, reply) => {
    const wanted = body(newVolume, request);
    requireUniqueName(project, 'volumes', wanted.name);
    const server = wanted.server ? referenced(project, 'servers', wanted.server, 'server') : undefined;
    const location = requireLocation(wanted.location ?? server?.location).name;
    if (server) requireAttachable(project, { location, server: null }, server.id);
    return store.change(() => {
      const volume = store.put('volumes', {
        id: store.nextId(),
        name: wanted.name,
        size: wanted.size,
        labels: wanted.labels,
        format: wanted.format ?? null,
        location,
        server: null,
        status: 'creating',
        protection: { delete: false },
        created: now(),
      });
      if (server) moveVolume(project, volume.id, server.id);
      const action = actions.begin(
        'create_volume',
        [{ id: volume.id, type: 'volume' }],
        async () => {
          await engine.putVolume(project.wantedVolume(volume.id));
          if (server) await project.applyServer(server.id);
        },
        () => {
          const made = store.get('volumes', volume.id);
          if (made) store.put('volumes', { ...made, status: 'available' });
        },
      );
      const shown = store.get('volumes', volume.id) ?? volume;
      return reply.code(201).send({ volume: renderVolume(shown), action, next_actions: [] });
    });
  });
  app.put('/volumes/:id', (request) => {
    const volume = requireOne(listing, request);
    const wanted = body(changes, request);
    if (wanted.name !== undefined) requireUniqueName(project, 'volumes', wanted.name, volume.id);
    return {
      volume: renderVolume(store.change(() => store.put('volumes', { ...volume, ...defined(wanted) }))),
    };
  });
  app.delete('/volumes/:id', async (request, reply) => {
    const volume = requireOne(listing, request);
    if (volume.protection.delete) throw fault.protected('volume');
    if (volume.server !== null) throw fault.service('volume is attached to a server');
    actions.requireUnlocked('volume', volume.id);
    store.change(() => store.remove('volumes', volume.id));
    await engine.removeVolume(volume.id);
    return reply.code(204).send();
  });
  app.post('/volumes/:id/actions/attach', (request, reply) => {
    const volume = requireOne(listing, request);
    const wanted = body(z.object({ server: shape.id, automount: z.boolean().optional() }), request);
    requireAttachable(project, volume, wanted.server);
    const resources = [volumeResource(volume), { id: wanted.server, type: 'server' }];
    const action = store.change(() => {
      moveVolume(project, volume.id, wanted.server);
      return actions.begin('attach_volume', resources, () => project.applyServer(wanted.server));
    });
    return reply.code(201).send({ action });
  });
  app.post('/volumes/:id/actions/detach', (request, reply) => {
    const volume = requireOne(listing, request);
    const { server } = volume;
    if (server === null) throw fault.service('volume is not attached');
    const action = store.change(() => {
      moveVolume(project, volume.id, null);
      return actions.begin('detach_volume', [volumeResource(volume), { id: server, type: 'server' }], () =>
        project.applyServer(server),
      );
    });
    return reply.code(201).send({ action });
  });
  app.post('/volumes/:id/actions/resize', (request, reply) => {
    const volume = requireOne(listing, request);
    const wanted = body(z.object({ size }), request);
    if (wanted.size <= volume.size)
      throw fault.invalid('size', `must be above the present ${volume.size} GB`);
    const action = store.change(() => {
      store.put('volumes', { ...volume, size: wanted.size });
      return actions.begin('resize_volume', [volumeResource(volume)], () =>
        engine.putVolume(project.wantedVolume(volume.id)),
      );
    });
    return reply.code(201).send({ action });
  });
  app.post('/volumes/:id/actions/change_protection', (request, reply) => {
    const volume = requireOne(listing, request);
    const protection = body(z.object({ delete: z.boolean() }), request);
    const action = store.change(() => {
      store.put('volumes', { ...volume, protection });
      return actions.done('change_protection', [volumeResource(volume)]);
    });
    return reply.code(201).send({ action });
  });
}

function volumeResource(volume: Volume) {
  return { id: volume.id, type: 'volume' };
}
