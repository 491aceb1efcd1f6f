import { findLocation } from '../catalogue/locations.ts';
import { fault } from '../errors.ts';
import type { Collections, Kind } from '../model.ts';
import type { Project } from '../project.ts';
import type { LimitName } from '../rules/index.ts';

/** @throws ApiFault when a body names something that does not exist */
export function referenced<K extends Kind>(
  project: Project,
  kind: K,
  id: number,
  field: string,
): Collections[K] {
  const object = project.store.get(kind, id);
  if (!object) throw fault.invalid(field, `${singular(kind)} ${id} does not exist`);
  return object;
}

export function requireLocation(name: string | undefined, field = 'location') {
  const location = name === undefined ? undefined : findLocation(name);
  if (!location) throw fault.invalid(field, `location ${name ?? ''} does not exist`);
  return location;
}

/**
 * Kinds whose refusals say whose name it is. Source: https://github.com/frappe/press/issues/5857 and
 * https://github.com/mysticaltech/terraform-hcloud-kube-hetzner/issues/686
 */
const CALLED: Partial<Record<Kind, string>> = { servers: 'server name', ssh_keys: 'SSH key name' };

export function requireUniqueName(
  project: Project,
  kind: Exclude<Kind, 'actions' | 'images'>,
  name: string,
  except?: number,
): void {
  const holder = project.store.idBy(kind, 'name', name);
  if (holder !== undefined && holder !== except)
    throw fault.unique('name', `${CALLED[kind] ?? 'name'} is already used`);
}

export function now(): string {
  return new Date().toISOString();
}

/**
 * Kinds that are not told as they are written. Source:
 * https://github.com/mysticaltech/terraform-hcloud-kube-hetzner/issues/1473; the others by its pattern
 */
const NOUNS: Partial<Record<Kind, string>> = {
  primary_ips: 'Primary IP',
  floating_ips: 'Floating IP',
  ssh_keys: 'SSH key',
};

function singular(kind: Kind): string {
  return kind.replace(/s$/, '').replaceAll('_', ' ');
}

/** @throws ApiFault `resource_limit_exceeded` when the project has as many of a kind as it may have */
export function requireBelowLimit(project: Project, kind: Kind & LimitName): void {
  if (project.store.count(kind) >= project.rules.limit(kind)) {
    throw fault.limit(`${NOUNS[kind] ?? singular(kind)} limit exceeded`, kind);
  }
}
