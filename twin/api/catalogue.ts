import type { FastifyInstance } from 'fastify';
import { ISOS, type Iso } from '../catalogue/isos.ts';
import { LOCATIONS } from '../catalogue/locations.ts';
import { PRICING } from '../catalogue/pricing.ts';
import { SERVER_TYPES } from '../catalogue/server-types.ts';
import { ApiFault } from '../errors.ts';
import type { Action } from '../model.ts';
import type { Project } from '../project.ts';
import { ACTIONS, type Listing, listRoutes, requireOne, sendList, sendOne } from './http.ts';
import { type Query, values } from './paging.ts';
import { renderServerType } from './server-types.ts';

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
    dependsOn: () => [project.rules.epoch],
    render: (type) => renderServerType(project, type),
  });
  listRoutes<Iso>(app, project, {
    plural: 'isos',
    singular: 'iso',
    noun: 'ISO',
    all: () => ISOS,
    tests: {
      architecture: (iso, wanted) => iso.architecture === wanted || iso.architecture === null,
      include_architecture_wildcard: () => true,
    },
    render: same,
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
          announcement:
            'https://docs.hetzner.cloud/changelog#2025-01-30-listing-arbitrary-actions-in-the-actions-list-endpoint-is-removed',
        },
      );
    }
    return sendList(every, request, reply);
  });
  app.get('/actions/:id', (request, reply) => sendOne(every, requireOne(every, request), reply));
  app.get('/pricing', () => {
    const server_types = SERVER_TYPES.map((type) => {
      const { id, name, prices } = renderServerType(project, type);
      return { id, name, prices };
    });
    return { pricing: { ...PRICING, server_types } };
  });
}
