import * as z from 'zod';
import { fault } from '../errors.ts';
import type { AppliedTo, Firewall, Server } from '../model.ts';
import type { Project } from '../project.ts';
import { labelSelector, shape } from './http.ts';

/** What a firewall is applied to or removed from. */
export const targets = z.array(
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('server'), server: z.object({ id: shape.id }) }),
    z.object({
      type: z.literal('label_selector'),
      label_selector: z.object({ selector: z.string().min(1) }),
    }),
  ]),
);

export type Target = z.infer<typeof targets>[number];

/**
 * Adds targets to a firewall. Only within a change of the store.
 * @throws ApiFault as documented for `apply_to_resources`
 * @returns servers that the firewall newly guards, or will guard, one entry per target
 */
export function applyTo(
  project: Project,
  firewallId: number,
  wanted: readonly Target[],
  field: string,
): void {
  const { store } = project;
  for (const target of wanted) {
    const firewall = store.get('firewalls', firewallId);
    if (!firewall) return;
    if (firewall.applied_to.some((applied) => isSame(applied, target))) {
      throw fault.other(
        422,
        'firewall_already_applied',
        `firewall ${firewallId} is already applied to the resource`,
      );
    }
    if (target.type === 'server') {
      requireGuardable(project, target.server.id);
      store.put('firewalls', { ...firewall, applied_to: [...firewall.applied_to, target] });
    } else {
      labelSelector(target.label_selector.selector, `${field}.label_selector.selector`);
      const applied: AppliedTo = { ...target, applied_to_resources: [] };
      store.put('firewalls', { ...firewall, applied_to: [...firewall.applied_to, applied] });
    }
  }
  settle(project, firewallId);
}

/** Takes targets from a firewall. Only within a change of the store. @throws ApiFault as documented */
export function removeFrom(project: Project, firewallId: number, wanted: readonly Target[]): void {
  const { store } = project;
  for (const target of wanted) {
    const firewall = store.get('firewalls', firewallId);
    if (!firewall) return;
    const rest = firewall.applied_to.filter((applied) => !isSame(applied, target));
    if (rest.length === firewall.applied_to.length) throw notApplied(firewall, target);
    store.put('firewalls', { ...firewall, applied_to: rest });
  }
  settle(project, firewallId);
}

/** A server is gone: no firewall names it any more. Only within a change of the store. */
export function forgetServer(project: Project, server: Server): void {
  const { store } = project;
  for (const id of server.firewalls) {
    const firewall = store.get('firewalls', id);
    if (!firewall) continue;
    const applied_to = firewall.applied_to.flatMap((applied): AppliedTo[] => {
      if (applied.type === 'server') return applied.server.id === server.id ? [] : [applied];
      const others = applied.applied_to_resources.filter((resource) => resource.server.id !== server.id);
      return [{ ...applied, applied_to_resources: others }];
    });
    store.put('firewalls', { ...firewall, applied_to });
  }
}

/**
 * Brings label selectors in line with the labels that servers have now. Only within a change of the store.
 * @returns whether any server's firewalls changed
 */
export function followLabels(project: Project): boolean {
  const selecting = project.store
    .all('firewalls')
    .filter(({ applied_to }) => applied_to.some(({ type }) => type === 'label_selector'));
  return selecting.map(({ id }) => settle(project, id)).includes(true);
}

/** Ids of the servers that a firewall guards, directly or by their labels. */
export function guarded({ applied_to }: Firewall): number[] {
  const ids = applied_to.flatMap((applied) =>
    applied.type === 'server'
      ? [applied.server.id]
      : applied.applied_to_resources.map(({ server }) => server.id),
  );
  return [...new Set(ids)];
}

/** Writes down on both sides which servers the firewall guards now. */
function settle(project: Project, firewallId: number): boolean {
  const { store } = project;
  const firewall = store.get('firewalls', firewallId);
  if (!firewall) return false;
  const servers = store.all('servers');
  const applied_to = firewall.applied_to.map((applied): AppliedTo => {
    if (applied.type === 'server') return applied;
    const matches = labelSelector(applied.label_selector.selector);
    const chosen = servers.filter((server) => isPublic(server) && matches(server.labels));
    return {
      ...applied,
      applied_to_resources: chosen.map(({ id }) => ({ type: 'server', server: { id } })),
    };
  });
  const settled = store.put('firewalls', { ...firewall, applied_to });
  const now = new Set(guarded(settled));
  let changed = false;
  for (const server of servers) {
    const has = server.firewalls.includes(firewallId);
    if (has === now.has(server.id)) continue;
    changed = true;
    const others = server.firewalls.filter((id) => id !== firewallId);
    const most = project.rules.limit('server_firewalls');
    if (!has && others.length >= most)
      throw fault.limit(`server ${server.id} has ${others.length} firewalls already`, 'server_firewalls');
    store.put('servers', { ...server, firewalls: has ? others : [...others, firewallId] });
  }
  return changed;
}

function isPublic({ ipv4, ipv6 }: Server): boolean {
  return ipv4 !== null || ipv6 !== null;
}

function isSame(applied: AppliedTo, target: Target): boolean {
  return applied.type === 'server'
    ? target.type === 'server' && target.server.id === applied.server.id
    : target.type === 'label_selector' && target.label_selector.selector === applied.label_selector.selector;
}

function requireGuardable({ store }: Project, id: number): void {
  const server = store.get('servers', id);
  if (!server) throw fault.other(404, 'firewall_resource_not_found', `server ${id} does not exist`);
  if (!isPublic(server)) {
    throw fault.other(422, 'private_net_only_server', `server ${id} has no public interface to guard`);
  }
}

function notApplied(firewall: Firewall, target: Target) {
  if (target.type === 'server' && guarded(firewall).includes(target.server.id)) {
    return fault.other(
      422,
      'firewall_managed_by_label_selector',
      `firewall ${firewall.id} guards server ${target.server.id} by a label selector; change the server's labels, or remove the selector`,
    );
  }
  return fault.other(
    404,
    'firewall_resource_not_found',
    `firewall ${firewall.id} is not applied to the resource`,
  );
}
