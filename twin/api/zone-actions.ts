import { type ApiFault, fault } from '../errors.ts';
import type { Action, Zone } from '../model.ts';
import type { Project } from '../project.ts';
import { rrsetsOf } from './zone-content.ts';

/**
 * Begins an action of a zone. Unlike those of other resources they wait for each other instead of answering
 * `conflict`: Hetzner's own Terraform provider and Ansible modules begin several before they wait for the first.
 */
export function beginZoneAction({ actions }: Project, command: string, { id }: Zone): Action {
  const nothingMore = () => {};
  return actions.begin(command, [{ id, type: 'zone' }], async () => {}, nothingMore, []);
}

/** @throws ApiFault when the zone gets its records in the other way */
export function requireMode(zone: Zone, mode: Zone['mode']): Zone {
  if (zone.mode !== mode)
    throw fault.other(
      422,
      'incorrect_zone_mode',
      `this needs a zone in ${mode} mode; ${zone.name} is ${zone.mode}`,
    );
  return zone;
}

/** @throws ApiFault when a record set of the zone must not change */
export function requireUnprotectedRecords(project: Project, zone: Zone): void {
  if (rrsetsOf(project, zone.id).some(({ protection }) => protection.change)) throw changeProtected();
}

/** In Hetzner's words. Source: https://github.com/caddy-dns/hetzner/issues/28 */
export function changeProtected(): ApiFault {
  return fault.other(423, 'protected', 'RRSet(s) is/are change protected');
}
