import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { Image } from '../catalogue/images.ts';
import { fault } from '../errors.ts';
import type { SavedImage } from '../model.ts';
import type { Project } from '../project.ts';
import { body, defined, type Listing, listRoutes, requireOne, shape } from './http.ts';

export type AnyImage = Image | SavedImage;

/** System images, snapshots that lie ready on this computer, and what servers were saved as. */
export function allImages({ images, store }: Project): readonly AnyImage[] {
  return [...images, ...store.all('images')];
}

export function findImage(project: Project, id: number): AnyImage | undefined {
  return project.store.get('images', id) ?? project.images.find((image) => image.id === id);
}

/** By id, or by the name of a system image of an architecture. */
export function chooseImage(project: Project, nameOrId: string, architecture: string): AnyImage | undefined {
  return (
    (/^\d+$/.test(nameOrId) ? findImage(project, Number(nameOrId)) : undefined) ??
    project.images.find((image) => image.name === nameOrId && image.architecture === architecture) ??
    project.images.find((image) => image.name === nameOrId)
  );
}

/**
 * What says that an image is no longer to be used. `deprecation` is since 2026-09-08 in place of `deprecated`, which
 * is still answered. Source: https://docs.hetzner.cloud/changelog#2026-09-08-removing-the-deprecated-field
 */
const CURRENT = { deprecated: null, deprecation: null, deleted: null };

export function renderImage(image: AnyImage) {
  if ('twin' in image) {
    const { twin: _, ...own } = image;
    return { ...own, rapid_deploy: false, ...CURRENT };
  }
  const { directory: _, ...own } = image;
  return {
    ...own,
    image_size: image.type === 'snapshot' ? image.disk_size : null,
    created_from: null,
    bound_to: null,
    rapid_deploy: image.type === 'system',
    protection: { delete: false },
    ...CURRENT,
  };
}

const changes = z.object({
  description: z.string().min(1).optional(),
  type: z.literal('snapshot').optional(),
  labels: shape.labels.optional(),
});

export function imageRoutes(app: FastifyInstance, project: Project): void {
  const { store, actions } = project;
  const listing: Listing<AnyImage> = {
    plural: 'images',
    singular: 'image',
    noun: 'image',
    all: () => allImages(project),
    filters: ['type', 'status', 'architecture'],
    tests: {
      bound_to: (image, server) => 'bound_to' in image && String(image.bound_to) === server,
      include_deprecated: () => true,
    },
    render: renderImage,
    actionsOf: 'image',
  };
  listRoutes(app, project, listing);
  const requireSaved = (request: FastifyRequest): SavedImage => {
    const image = requireOne(listing, request);
    if ('twin' in image) return image;
    throw fault.invalid('id', `image ${image.id} is not one of the project's own snapshots and backups`);
  };
  const requireFree = (image: SavedImage): void => {
    actions.requireUnlocked('image', image.id);
    // Being saved is an action of the server. Once that has failed, what is left of the image can be removed.
    if (image.status === 'creating' && actions.isBusy('server', image.created_from.id))
      throw fault.locked(`image ${image.id}`);
  };

  app.put('/images/:id', (request) => {
    const image = requireSaved(request);
    requireFree(image);
    const { type, ...wanted } = defined(body(changes, request));
    if (type === 'snapshot' && image.type === 'backup') requireSnapshotLimit(project);
    // A backup that becomes a snapshot outlives its server.
    const kind = type === undefined ? {} : { type, bound_to: null };
    return {
      image: renderImage(store.change(() => store.put('images', { ...image, ...wanted, ...kind }))),
    };
  });
  app.delete('/images/:id', (request, reply) => {
    const image = requireSaved(request);
    if (image.protection.delete) throw fault.protected('image');
    requireFree(image);
    store.change(() => store.remove('images', image.id));
    return reply.code(204).send();
  });
  app.post('/images/:id/actions/change_protection', (request, reply) => {
    const image = requireOne(listing, request);
    if (!('twin' in image) || image.type === 'backup')
      throw fault.other(
        422,
        'unsupported_error',
        `image ${image.id} cannot be protected; the project's own snapshots can`,
      );
    requireFree(image);
    const wanted = body(z.object({ delete: z.boolean().optional() }), request);
    const action = store.change(() => {
      store.put('images', { ...image, protection: { ...image.protection, ...defined(wanted) } });
      return actions.done('change_protection', [{ id: image.id, type: 'image' }]);
    });
    return reply.code(201).send({ action });
  });
}

/** @throws ApiFault `resource_limit_exceeded` when the project has as many snapshots as it may have */
export function requireSnapshotLimit({ store, rules }: Project): void {
  const snapshots = store.all('images').filter(({ type }) => type === 'snapshot').length;
  if (snapshots >= rules.limit('snapshots')) throw fault.limit('snapshot limit exceeded', 'snapshots');
}
