import type { FastifyInstance } from 'fastify';
import type { Image } from '../catalogue/images.ts';
import { LOCATIONS } from '../catalogue/locations.ts';
import { PRICING } from '../catalogue/pricing.ts';
import { SERVER_TYPES } from '../catalogue/server-types.ts';
import { ApiFault } from '../errors.ts';
import type { Action } from '../model.ts';
import type { Project } from '../project.ts';
import { ACTIONS, type Listing, listRoutes, requireOne, sendList, sendOne } from './http.ts';
import { type Query, values } from './paging.ts';

/** What Hetzner offers, and what happened: everything that is only read. */
export function catalogueRoutes(app: FastifyInstance, project: Project): void {
  const same = <T>(object: T): T => object;
  listRoutes(app, project, {
    plural: 'locations',
    singular: 'location',
    noun: 'location',
    all: () => LOCATIONS,
    render: same,
  });
  listRoutes(app, project, {
    plural: 'server_types',
    singular: 'server_type',
    noun: 'server type',
    all: () => SERVER_TYPES,
    render: same,
  });
  listRoutes<Image>(app, project, {
    plural: 'images',
    singular: 'image',
    noun: 'image',
    all: () => project.images,
    filters: ['type', 'architecture'],
    render: renderImage,
  });
  const every: Listing<Action> = {
    ...ACTIONS,
    all: () => project.store.all('actions'),
    find: (id) => project.store.find('actions', id),
  };
  app.get('/actions', (request, reply) => {
    if (values(request.query as Query, 'id').length === 0) {
      throw new ApiFault(
        410,
        'deprecated_api_endpoint',
        'actions are listed by their ids, or by their resource',
        {
          announcement: 'https://docs.hetzner.cloud/changelog#2025-01-30-listing-arbitrary-actions-removed',
        },
      );
    }
    return sendList(every, request, reply);
  });
  app.get('/actions/:id', (request, reply) => sendOne(every, requireOne(every, request), reply));
  app.get('/pricing', () => ({ pricing: PRICING }));
}

export function renderImage({ directory: _, ...image }: Image) {
  return {
    ...image,
    status: 'available',
    image_size: image.type === 'snapshot' ? image.disk_size : null,
    created_from: null,
    bound_to: null,
    rapid_deploy: image.type === 'system',
    protection: { delete: false },
    deprecated: null,
    deleted: null,
  };
}
