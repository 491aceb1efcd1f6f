import * as z from 'zod';
import { fault } from '../errors.ts';
import { firewallsOf, guardedBy, isPublic } from '../firewalling.ts';
import type { Action, Firewall, Server } from '../model.ts';
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
 * Applies a firewall to targets. Only within a change of the store.
 * @throws ApiFault as documented for `apply_to_resources`
 * @returns an action for each server that it newly guards, and at least one for each target
 */
export function applyToTargets(project: Project, id: number, wanted: readonly Target[]): Action[] {
  const { store } = project;
  return wanted.flatMap((target, index) => {
    const before = guardedBy(project, id);
    if (target.type === 'server') applyToServer(project, id, target.server.id);
    else {
      const firewall = known(project, id);
      const { selector } = target.label_selector;
      labelSelector(selector, `apply_to.${index}.label_selector.selector`);
      if (firewall.selectors.includes(selector)) throw alreadyApplied(id);
      store.put('firewalls', { ...firewall, selectors: [...firewall.selectors, selector] });
    }
    return begin(project, 'apply_firewall', id, without(guardedBy(project, id), before));
  });
}

/** Only within a change of the store. @throws ApiFault as documented for `apply_to_resources` */
export function applyToServer({ store, rules }: Project, id: number, serverId: number): void {
  const server = store.get('servers', serverId);
  if (!server) throw fault.other(404, 'firewall_resource_not_found', `server ${serverId} does not exist`);
  if (!isPublic(server))
    throw fault.other(422, 'private_net_only_server', `server ${serverId} has no public interface to guard`);
  if (server.firewalls.includes(id)) throw alreadyApplied(id);
  if (server.firewalls.length >= rules.limit('server_firewalls'))
    throw fault.limit(
      `server ${serverId} has ${server.firewalls.length} firewalls already`,
      'server_firewalls',
    );
  store.put('servers', { ...server, firewalls: [...server.firewalls, id] });
}

/**
 * Removes a firewall from targets. Only within a change of the store.
 * @throws ApiFault as documented for `remove_from_resources`
 * @returns an action for each server that it guards no longer, and at least one for each target
 */
export function removeFromTargets(project: Project, id: number, wanted: readonly Target[]): Action[] {
  const { store } = project;
  return wanted.flatMap((target) => {
    const before = guardedBy(project, id);
    if (target.type === 'server') {
      const server = store.get('servers', target.server.id);
      if (!server?.firewalls.includes(id)) throw notApplied(id, before, target);
      store.put('servers', { ...server, firewalls: server.firewalls.filter((one) => one !== id) });
    } else {
      const firewall = known(project, id);
      const selectors = firewall.selectors.filter((one) => one !== target.label_selector.selector);
      if (selectors.length === firewall.selectors.length) throw notApplied(id, before, target);
      store.put('firewalls', { ...firewall, selectors });
    }
    return begin(project, 'remove_firewall', id, without(before, guardedBy(project, id)));
  });
}

/**
 * After a server's labels changed: firewalls that select it by them begin to guard it, or no longer do. Each is an
 * action of its own that the server's owner did not ask for; none of them locks the server.
 * @param before the server as it was
 */
export function followLabels(project: Project, before: Server): void {
  const { store } = project;
  const server = store.get('servers', before.id);
  if (!server) return;
  const [had, has] = [firewallsOf(project, before), firewallsOf(project, server)];
  store.change(() => {
    for (const id of without(has, had)) begin(project, 'apply_firewall', id, [server.id]);
    for (const id of without(had, has)) begin(project, 'remove_firewall', id, [server.id]);
  });
}

/**
 * One action for each server, and one without any if there is none. Only within a change of the store. The firewall is
 * busy until all have ended; servers wait for what is done to them, and not for each other.
 */
export function begin(project: Project, command: string, id: number, servers: readonly number[]): Action[] {
  const firewall = { id, type: 'firewall' };
  const concerned = servers.map((server) => [{ id: server, type: 'server' }, firewall]);
  return (concerned.length > 0 ? concerned : [[firewall]]).map((resources) =>
    project.actions.begin(command, resources, () => project.applyFirewalls(), undefined, [firewall]),
  );
}

function without(ids: readonly number[], others: readonly number[]): number[] {
  const leftOut = new Set(others);
  return ids.filter((id) => !leftOut.has(id));
}

function known({ store }: Project, id: number): Firewall {
  const firewall = store.get('firewalls', id);
  if (!firewall) throw fault.notFound('firewall', id);
  return firewall;
}

function alreadyApplied(id: number) {
  return fault.other(422, 'firewall_already_applied', `firewall ${id} is already applied to the resource`);
}

function notApplied(id: number, guarded: readonly number[], target: Target) {
  if (target.type === 'server' && guarded.includes(target.server.id)) {
    return fault.other(
      422,
      'firewall_managed_by_label_selector',
      `firewall ${id} guards server ${target.server.id} by a label selector; change the server's labels, or remove the selector`,
    );
  }
  return fault.other(404, 'firewall_resource_not_found', `firewall ${id} is not applied to the resource`);
}
