import type { FastifyInstance } from 'fastify';
import { LOCATIONS } from '../catalogue/locations.ts';
import { SERVER_TYPES } from '../catalogue/server-types.ts';
import { ApiFault, fault } from '../errors.ts';
import type { Project } from '../project.ts';
import { listRoutes } from './http.ts';
import { requireLocation } from './references.ts';

/** Data centre of each location before they were removed. Source: https://docs.hetzner.cloud/changelog */
const NAMES: Readonly<Record<string, readonly [id: number, name: string]>> = {
  nbg1: [2, 'nbg1-dc3'],
  hel1: [3, 'hel1-dc2'],
  fsn1: [4, 'fsn1-dc14'],
  ash: [5, 'ash-dc1'],
  hil: [6, 'hil-dc1'],
  sin: [7, 'sin-dc1'],
};
const REMOVED = 'https://docs.hetzner.cloud/changelog#2025-12-16-phasing-out-datacenters';

export function datacenterName(location: string): string {
  return NAMES[location]?.[1] ?? '';
}

function datacenters(project: Project) {
  return LOCATIONS.map((location) => {
    const [id = 0, name = ''] = NAMES[location.name] ?? [];
    const here = SERVER_TYPES.filter((type) => type.locations.some((place) => place.name === location.name));
    const available = here
      .filter((type) => project.rules.inStock(type.name, location.name))
      .map((type) => type.id);
    return {
      id,
      name,
      description: `${location.city} virtual DC`,
      location,
      server_types: { supported: here.map((type) => type.id), available, available_for_migration: available },
    };
  });
}

/** `{ datacenter }` to spread into what has one, while the legacy switch is on; nothing otherwise. */
export function legacyDatacenter(project: Project, location: string): object {
  if (!project.rules.legacyDatacenters) return {};
  return { datacenter: datacenters(project).find((datacenter) => datacenter.location.name === location) };
}

/**
 * Where something new goes: by `location`, or by `datacenter` while the legacy switch is on.
 * @param standard taken when the body names neither
 * @throws ApiFault when the place does not exist, both are named, or `datacenter` is although it is gone
 */
export function locationOf(
  project: Project,
  wanted: { readonly location?: string | null | undefined; readonly datacenter?: string | null | undefined },
  standard?: string,
): string {
  if (wanted.datacenter == null) return requireLocation(wanted.location ?? standard).name;
  if (!project.rules.legacyDatacenters)
    throw fault.invalid('datacenter', 'was removed from the API; write location instead');
  if (wanted.location != null)
    throw fault.invalidFields([
      { name: 'datacenter', messages: ['must not be given together with location'] },
      { name: 'location', messages: ['must not be given together with datacenter'] },
    ]);
  const found = datacenters(project).find(
    ({ id, name }) => String(id) === wanted.datacenter || name === wanted.datacenter,
  );
  if (!found) throw fault.invalid('datacenter', `data centre ${wanted.datacenter} does not exist`);
  return found.location.name;
}

export function datacenterRoutes(app: FastifyInstance, project: Project): void {
  const all = () => {
    if (project.rules.legacyDatacenters) return datacenters(project);
    throw new ApiFault(
      410,
      'deprecated_api_endpoint',
      'data centres were removed from the API; use /locations',
      {
        announcement: REMOVED,
      },
    );
  };
  listRoutes(app, project, {
    plural: 'datacenters',
    singular: 'datacenter',
    noun: 'datacenter',
    all,
    render: (datacenter) => datacenter,
  });
}
