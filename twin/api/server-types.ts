import { findServerType, HOURS_PER_MONTH, price, type SERVER_TYPES } from '../catalogue/server-types.ts';
import { fault } from '../errors.ts';
import type { Project } from '../project.ts';

export type ServerType = (typeof SERVER_TYPES)[number];

/** A server type as it is told now: with its stock, its end, and a price that was set. */
export function renderServerType({ rules }: Project, type: ServerType) {
  const end = rules.unavailableAfter(type.name);
  const deprecation = end === undefined ? null : { announced: announcedOf(end), unavailable_after: end };
  const monthly = rules.price(type.name);
  return {
    ...type,
    deprecated: deprecation !== null,
    deprecation,
    locations: type.locations.map((place) => ({
      ...place,
      available: rules.inStock(type.name, place.name) && !isOver(end),
      recommended: deprecation === null,
      deprecation,
    })),
    prices:
      monthly === undefined
        ? type.prices
        : type.prices.map((one) => ({
            ...one,
            price_hourly: price(monthly / HOURS_PER_MONTH),
            price_monthly: price(monthly),
          })),
  };
}

/** Hetzner announces an end three months before. Assumed. */
function announcedOf(end: string): string {
  const date = new Date(end);
  date.setUTCMonth(date.getUTCMonth() - 3);
  return date.toISOString().replace('.000Z', 'Z');
}

function isOver(end: string | undefined): boolean {
  return end !== undefined && Date.parse(end) < Date.now();
}

/**
 * @param unsold what is said of a type that is not sold any more
 * @throws ApiFault unless a server of the type can be had in the location now
 */
export function requireOrderable(
  project: Project,
  nameOrId: string,
  location: string,
  unsold = (message: string) => fault.invalid('server_type', message),
): ServerType {
  const { rules } = project;
  const type = findServerType(nameOrId);
  if (!type) throw fault.invalid('server_type', `server type ${nameOrId} does not exist`);
  if (!type.locations.some(({ name }) => name === location))
    throw fault.other(422, 'invalid_input', 'unsupported location for server type');
  if (isOver(rules.unavailableAfter(type.name)))
    throw unsold(`server type ${type.name} is deprecated and cannot be ordered any more`);
  if (!rules.inStock(type.name, location) || project.isDown(location))
    throw fault.unavailable(
      'we are unable to provision servers for this location, try with a different location or try later',
    );
  return type;
}

/** @param except a server whose cores become free in exchange. @throws ApiFault when they are too many */
export function requireCores({ store, rules }: Project, type: ServerType, except?: number): void {
  if (type.cpu_type !== 'dedicated') return;
  const cores = store
    .all('servers')
    .filter(({ id }) => id !== except)
    .map(({ server_type }) => findServerType(server_type))
    .reduce((sum, other) => sum + (other?.cpu_type === 'dedicated' ? other.cores : 0), type.cores);
  if (cores > rules.limit('dedicated_vcpus'))
    throw fault.limit('dedicated core limit exceeded', 'dedicated_vcpus');
}
