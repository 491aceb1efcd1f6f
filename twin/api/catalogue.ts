import type { FastifyInstance } from 'fastify';
import type { Image } from '../catalogue/images.ts';
import { LOCATIONS } from '../catalogue/locations.ts';
import { PRICING } from '../catalogue/pricing.ts';
import { SERVER_TYPES } from '../catalogue/server-types.ts';
import type { Action } from '../model.ts';
import type { Project } from '../project.ts';
import { listRoutes } from './http.ts';

/** What Hetzner offers, and what happened: everything that is only read. */
export function catalogueRoutes(app: FastifyInstance, project: Project): void {
  const same = <T>(object: T): T => object;
  listRoutes(app, {
    plural: 'locations',
    singular: 'location',
    noun: 'location',
    all: () => LOCATIONS,
    render: same,
  });
  listRoutes(app, {
    plural: 'server_types',
    singular: 'server_type',
    noun: 'server type',
    all: () => SERVER_TYPES,
    render: same,
  });
  listRoutes<Image>(app, {
    plural: 'images',
    singular: 'image',
    noun: 'image',
    all: () => project.images,
    filters: ['type', 'architecture'],
    render: renderImage,
  });
  listRoutes<Action>(app, {
    plural: 'actions',
    singular: 'action',
    noun: 'action',
    all: () => project.store.all('actions'),
    filters: ['status'],
    render: same,
  });
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
