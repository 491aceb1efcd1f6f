import { fault } from '../errors.ts';
import type { Project } from '../project.ts';
import { nextFree } from '../ranges.ts';

/**
 * A public address that nobody has: the next IPv4 address of the project's range behind the newest one, so that what
 * was just given back is not given away at once; or a /64 whose number is the id of what gets it. Only within a change
 * of the store.
 * @throws ApiFault `resource_limit_exceeded` when the range is used up
 */
export function freeAddress(
  project: Project,
  kind: 'primary_ips' | 'floating_ips',
  type: 'ipv4' | 'ipv6',
  id: number,
): string {
  const { store, ranges } = project;
  if (type === 'ipv6') return subnetOf(ranges.ipv6, id);
  const newest = store.all(kind).findLast((address) => address.type === 'ipv4');
  const isTaken = (address: string) => store.idBy(kind, 'ip', address) !== undefined;
  const range = kind === 'primary_ips' ? ranges.primary : ranges.floating;
  const address = nextFree(range, isTaken, newest?.ip);
  if (address === undefined) throw fault.limit('no address is left', kind);
  return address;
}

/** Twins count from 0 to 63 in the third group of their IPv6 addresses; above that is room for ids of any size. */
const TWINS = 64;

function subnetOf(beginning: string, id: number): string {
  const groups = beginning.split(':');
  const third = Number.parseInt(groups.at(-1) ?? '', 16) + TWINS * Math.floor(id / 0x1_00_00);
  return `${groups.slice(0, 2).join(':')}:${third.toString(16)}:${(id % 0x1_00_00).toString(16)}::/64`;
}
