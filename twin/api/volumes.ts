import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { findLocation } from '../catalogue/locations.ts';
import { fault } from '../errors.ts';
import type { Action, Server, Volume } from '../model.ts';
import type { Project } from '../project.ts';
import { body, defined, type Listing, listRoutes, requireOne, shape } from './http.ts';
import { now, referenced, requireBelowLimit, requireLocation, requireUniqueName } from './references.ts';

const volumeName = z
  .string()
  .regex(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$/, 'must have 1 to 64 letters, digits, -, _ and .');
const newVolume = z.object({
  name: volumeName,
  size: z.int(),
  location: z.union([z.string(), z.int().transform(String)]).nullish(),
  server: shape.id.nullish(),
  automount: z.boolean().nullish(),
  format: z.enum(['ext4', 'xfs']).nullish(),
  labels: shape.labels.nullish(),
});
type NewVolume = z.infer<typeof newVolume>;
const changes = z.object({ name: volumeName.optional(), labels: shape.labels.optional() });

function renderVolume(volume: Volume) {
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
    throw fault.other(
      422,
      'volume_already_attached',
      'volume is attached to a server already; detach it first',
    );
  if (server.location !== volume.location)
    throw fault.invalid('server', `is in ${server.location}, the volume is in ${volume.location}`);
  if (server.volumes.length >= project.rules.limit('server_volumes'))
    throw fault.other(422, 'limit_exceeded_error', `the server has ${server.volumes.length} volumes already`);
}

/** @throws ApiFault when a size is none of Hetzner's, or there is no room for so many gigabytes more */
function requireSize(project: Project, size: number, location: string, before = 0): void {
  const { rules, store } = project;
  const [least, most] = [rules.limit('volume_min_gb'), rules.limit('volume_max_gb')];
  if (size < least || size > most) throw fault.invalid('size', `must be from ${least} to ${most} GB`);
  const sum = store.all('volumes').reduce((total, volume) => total + volume.size, size - before);
  if (sum > rules.limit('volume_size_gb')) throw fault.limit('volume size limit exceeded', 'volume_size_gb');
  if (!rules.hasVolumeSpace(location))
    throw fault.other(422, 'no_space_left_in_location', `there is no space left in ${location}`);
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
  const requireFree = (request: FastifyRequest): Volume => {
    const volume = requireOne(listing, request);
    actions.requireUnlocked('volume', volume.id);
    return volume;
  };
  const resource = (id: number) => ({ id, type: 'volume' });
  /** Attaching and detaching holds both. Only within a change of the store. */
  const move = (command: string, volume: number, server: number, to: number | null): Action => {
    moveVolume(project, volume, to);
    const both = [resource(volume), { id: server, type: 'server' }];
    return actions.begin(command, both, () => project.applyServer(server), undefined, both);
  };

  app.post('/volumes', (request, reply) => {
    const wanted = body(newVolume, request);
    requireMountable(wanted);
    requireUniqueName(project, 'volumes', wanted.name);
    requireBelowLimit(project, 'volumes');
    const { location, server } = placeOf(project, wanted);
    requireSize(project, wanted.size, location);
    return store.change(() => {
      const { id } = store.put('volumes', {
        id: store.nextId(),
        name: wanted.name,
        size: wanted.size,
        labels: wanted.labels ?? {},
        format: wanted.format ?? null,
        location,
        server: null,
        status: 'creating',
        protection: { delete: false },
        created: now(),
      });
      const action = actions.begin(
        'create_volume',
        [resource(id), ...(server ? [{ id: server.id, type: 'server' }] : [])],
        () => engine.putVolume(project.wantedVolume(id)),
        () => {
          const made = store.get('volumes', id);
          if (made) store.put('volumes', { ...made, status: 'available' });
        },
      );
      const next_actions = server ? [move('attach_volume', id, server.id, server.id)] : [];
      const shown = store.get('volumes', id);
      return reply.code(201).send({ volume: shown && renderVolume(shown), action, next_actions });
    });
  });
  app.put('/volumes/:id', (request) => {
    const volume = requireFree(request);
    const wanted = body(changes, request);
    if (wanted.name !== undefined) requireUniqueName(project, 'volumes', wanted.name, volume.id);
    return {
      volume: renderVolume(store.change(() => store.put('volumes', { ...volume, ...defined(wanted) }))),
    };
  });
  app.delete('/volumes/:id', async (request, reply) => {
    const volume = requireOne(listing, request);
    if (volume.protection.delete) throw fault.protected('volume');
    actions.requireUnlocked('volume', volume.id);
    if (volume.server !== null)
      throw fault.service(`volume with ID '${volume.id}' is still attached to a server`);
    store.change(() => store.remove('volumes', volume.id));
    await engine.removeVolume(volume.id);
    return reply.code(204).send();
  });
  app.post('/volumes/:id/actions/attach', (request, reply) => {
    const volume = requireFree(request);
    const { server } = body(z.object({ server: shape.id, automount: z.boolean().nullish() }), request);
    requireAttachable(project, volume, server);
    actions.requireUnlocked('server', server);
    const action = store.change(() => move('attach_volume', volume.id, server, server));
    return reply.code(201).send({ action });
  });
  app.post('/volumes/:id/actions/detach', (request, reply) => {
    const volume = requireFree(request);
    const { server } = volume;
    if (server === null) throw fault.service('volume is not attached');
    actions.requireUnlocked('server', server);
    const action = store.change(() => move('detach_volume', volume.id, server, null));
    return reply.code(201).send({ action });
  });
  app.post('/volumes/:id/actions/resize', (request, reply) => {
    const volume = requireFree(request);
    const { size } = body(z.object({ size: z.int() }), request);
    if (size <= volume.size) throw fault.invalid('size', `must be above the present ${volume.size} GB`);
    requireSize(project, size, volume.location, volume.size);
    const action = store.change(() => {
      store.put('volumes', { ...volume, size });
      return actions.begin('resize_volume', [resource(volume.id)], () =>
        engine.putVolume(project.wantedVolume(volume.id)),
      );
    });
    return reply.code(201).send({ action });
  });
  app.post('/volumes/:id/actions/change_protection', (request, reply) => {
    const volume = requireFree(request);
    const wanted = body(z.object({ delete: z.boolean().optional() }), request);
    const action = store.change(() => {
      store.put('volumes', { ...volume, protection: { ...volume.protection, ...defined(wanted) } });
      return actions.done('change_protection', [resource(volume.id)]);
    });
    return reply.code(201).send({ action });
  });
}

/** @throws ApiFault when a new volume shall be mounted that has no file system, or nowhere to be mounted */
function requireMountable({ automount, format, server }: NewVolume): void {
  if (automount !== true) return;
  if (format == null)
    throw fault.invalidFields([
      { name: 'format', messages: ['is needed for automount'] },
      { name: 'automount', messages: ['is not possible without format'] },
    ]);
  if (server == null) throw fault.invalid('automount', 'is not possible without server');
}

/** @throws ApiFault unless the body names a location, or a server to which the volume can be attached */
function placeOf(
  project: Project,
  { location, server: id }: NewVolume,
): { readonly location: string; readonly server: Server | undefined } {
  if (id == null) {
    if (location == null)
      throw fault.invalidFields([
        { name: 'server', messages: ['is needed without location'] },
        { name: 'location', messages: ['is needed without server'] },
      ]);
    return { location: requireLocation(location).name, server: undefined };
  }
  const server = referenced(project, 'servers', id, 'server');
  const { name } = requireLocation(location ?? server.location);
  requireAttachable(project, { location: name, server: null }, id);
  project.actions.requireUnlocked('server', id);
  return { location: name, server };
}
