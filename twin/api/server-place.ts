import { findServerType } from '../catalogue/server-types.ts';
import type { Project } from '../project.ts';

/** Tried first. Assumed. */
const STANDARD = 'fsn1';

interface Belongings {
  readonly server_type: string;
  readonly volumes?: readonly number[] | null | undefined;
  readonly public_net: {
    readonly ipv4?: number | null | undefined;
    readonly ipv6?: number | null | undefined;
  };
}

/**
 * Where a server goes whose location is not given: to what it is to have, since that cannot move; or to the first
 * location that has its type in stock. Assumed; Hetzner says only that the location is optional.
 */
export function placeFor(project: Project, wanted: Belongings): string {
  const { store, rules } = project;
  const { ipv4, ipv6 } = wanted.public_net;
  const addresses = [ipv4, ipv6].map((id) => (id == null ? undefined : store.get('primary_ips', id)));
  const volumes = (wanted.volumes ?? []).map((id) => store.get('volumes', id));
  const bound = [...addresses, ...volumes].find((one) => one !== undefined);
  if (bound) return bound.location;
  const type = findServerType(wanted.server_type);
  const possible = (type?.locations ?? [])
    .map(({ name }) => name)
    .filter((place) => type && rules.inStock(type.name, place) && !project.isDown(place));
  return possible.includes(STANDARD) ? STANDARD : (possible[0] ?? STANDARD);
}
