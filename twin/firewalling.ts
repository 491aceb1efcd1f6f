import { labelSelector } from './api/label-selector.ts';
import type { Firewall, Server } from './model.ts';
import type { Rules } from './rules/index.ts';
import type { Store } from './store.ts';

interface Parts {
  readonly store: Store;
  readonly rules: Rules;
}

interface ServerTarget {
  readonly type: 'server';
  readonly server: { readonly id: number };
}

/** What a firewall guards: a server, or whichever servers have certain labels. */
export type AppliedTo =
  | ServerTarget
  | {
      readonly type: 'label_selector';
      readonly label_selector: { readonly selector: string };
      readonly applied_to_resources: readonly ServerTarget[];
    };

interface Selecting {
  readonly id: number;
  readonly matches: (labels: Server['labels']) => boolean;
}

/** By the list of all firewalls, which is another one after every change of any. */
const selecting = new WeakMap<readonly Firewall[], readonly Selecting[]>();
/** By the list of all servers: those to which a firewall was applied by their ids. */
const direct = new WeakMap<readonly Server[], ReadonlyMap<number, readonly Server[]>>();

/**
 * Firewalls that guard a server: those that were applied to it, and then those that select it by its labels, oldest
 * first. No more than a server can have: what was applied to it goes first.
 */
export function firewallsOf({ store, rules }: Parts, server: Server): readonly number[] {
  if (!isPublic(server)) return server.firewalls;
  const selected = selectingFirewalls(store)
    .filter(({ id, matches }) => !server.firewalls.includes(id) && matches(server.labels))
    .map(({ id }) => id);
  return selected.length === 0
    ? server.firewalls
    : [...server.firewalls, ...selected].slice(0, rules.limit('server_firewalls'));
}

/** Ids of the servers that a firewall guards. */
export function guardedBy(parts: Parts, id: number): number[] {
  const firewall = parts.store.get('firewalls', id);
  if (!firewall) return [];
  if (firewall.selectors.length === 0) return directlyGuarded(parts.store, id).map((server) => server.id);
  return parts.store
    .all('servers')
    .filter((server) => firewallsOf(parts, server).includes(id))
    .map((server) => server.id);
}

/** What a firewall was applied to: servers, and label selectors with the servers that they select right now. */
export function appliedTo(parts: Parts, { id, selectors }: Firewall): AppliedTo[] {
  const { store } = parts;
  return [
    ...directlyGuarded(store, id).map(asTarget),
    ...selectors.map((selector): AppliedTo => {
      const matches = labelSelector(selector);
      const chosen = store
        .all('servers')
        .filter((server) => matches(server.labels) && firewallsOf(parts, server).includes(id));
      return {
        type: 'label_selector',
        label_selector: { selector },
        applied_to_resources: chosen.map(asTarget),
      };
    }),
  ];
}

/** Firewalls stand on the public interface, so a server without one has nothing to guard. */
export function isPublic({ ipv4, ipv6 }: Pick<Server, 'ipv4' | 'ipv6'>): boolean {
  return ipv4 !== null || ipv6 !== null;
}

function asTarget({ id }: Server): ServerTarget {
  return { type: 'server', server: { id } };
}

function selectingFirewalls(store: Store): readonly Selecting[] {
  const all = store.all('firewalls');
  let found = selecting.get(all);
  if (!found) {
    found = all
      .filter(({ selectors }) => selectors.length > 0)
      .map(({ id, selectors }) => {
        const tests = selectors.map((selector) => labelSelector(selector));
        return { id, matches: (labels) => tests.some((test) => test(labels)) };
      });
    selecting.set(all, found);
  }
  return found;
}

function directlyGuarded(store: Store, id: number): readonly Server[] {
  const all = store.all('servers');
  let found = direct.get(all);
  if (!found) {
    const pairs = all.flatMap((server) => server.firewalls.map((firewall) => ({ firewall, server })));
    const groups = Map.groupBy(pairs, ({ firewall }) => firewall);
    found = new Map(
      [...groups].map(([firewall, members]) => [firewall, members.map(({ server }) => server)]),
    );
    direct.set(all, found);
  }
  return found.get(id) ?? [];
}
