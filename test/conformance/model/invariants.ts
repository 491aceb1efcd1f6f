import type { Api, Json } from './api.ts';
import type { World } from './world.ts';

interface ShownServer {
  readonly id: number;
  readonly name: string;
  readonly status: string;
  readonly volumes: readonly number[];
  readonly placement_group: { readonly id: number } | null;
  readonly protection: { readonly delete: boolean };
  readonly public_net: {
    readonly ipv4: { readonly id: number; readonly ip: string } | null;
    readonly ipv6: { readonly id: number; readonly ip: string } | null;
    readonly floating_ips: readonly number[];
    readonly firewalls: readonly { readonly id: number }[];
  };
  readonly private_net: readonly {
    readonly network: number;
    readonly ip: string;
    readonly alias_ips: readonly string[];
    readonly mac_address: string;
  }[];
}

interface Shown {
  readonly id: number;
  readonly name: string;
  readonly protection?: { readonly delete: boolean };
}

type ShownAddress = Shown & { readonly ip: string };
type ShownPrimaryIp = ShownAddress & { readonly assignee_id: number | null };
type Held = Shown & { readonly server: number | null; readonly size?: number };

/** Everything that the API tells of a project. */
interface Picture {
  readonly servers: readonly ShownServer[];
  readonly networks: readonly (Shown & { readonly servers: readonly number[] })[];
  readonly volumes: readonly Held[];
  readonly floating_ips: readonly (Held & ShownAddress)[];
  readonly primary_ips: readonly ShownPrimaryIp[];
  readonly firewalls: readonly (Shown & {
    readonly applied_to: readonly { readonly server?: { readonly id: number } }[];
  })[];
  readonly placement_groups: readonly (Shown & { readonly servers: readonly number[] })[];
}

const KINDS = [
  'servers',
  'networks',
  'volumes',
  'floating_ips',
  'primary_ips',
  'firewalls',
  'placement_groups',
] as const;

/** @throws Error naming everything in which the API and the model, or the API and itself, do not agree */
export async function requireAgreement(api: Api, world: World): Promise<void> {
  const entries = await Promise.all(KINDS.map(async (kind) => [kind, await api.all<Json>(kind)] as const));
  const picture = Object.fromEntries(entries) as unknown as Picture;
  const troubles = [...differences(picture, world), ...broken(picture), ...twice(picture)];
  if (troubles.length > 0) throw new Error(troubles.join('\n'));
}

function differences(picture: Picture, world: World): string[] {
  const troubles: string[] = [];
  const same = (what: string, shown: unknown, wanted: unknown) => {
    if (JSON.stringify(shown) !== JSON.stringify(wanted))
      troubles.push(
        `${what} is ${JSON.stringify(shown)} by the API and ${JSON.stringify(wanted)} by the model`,
      );
  };
  for (const kind of KINDS) {
    if (kind === 'primary_ips') continue;
    same(`what there is of ${kind}`, sorted(picture[kind].map(({ id }) => id)), sorted(world[kind].keys()));
    for (const { id, name, protection } of picture[kind]) {
      const wanted = world[kind].get(id);
      if (!wanted) continue;
      same(`the name of ${kind} ${id}`, name, wanted.name);
      if (protection) same(`the protection of ${kind} ${id}`, protection.delete, wanted.isProtected);
    }
  }
  for (const server of picture.servers) {
    const wanted = world.servers.get(server.id);
    if (!wanted) continue;
    same(`the status of server ${server.id}`, server.status, wanted.isOn ? 'running' : 'off');
    same(
      `the networks of server ${server.id}`,
      sorted(server.private_net.map(({ network }) => network)),
      sorted(wanted.networks),
    );
    same(`the group of server ${server.id}`, server.placement_group?.id ?? null, wanted.group ?? null);
  }
  for (const kind of ['volumes', 'floating_ips'] as const)
    for (const { id, server } of picture[kind])
      same(`the server of ${kind} ${id}`, server, world[kind].get(id)?.server ?? null);
  for (const { id, size } of picture.volumes)
    same(`the size of volume ${id}`, size, world.volumes.get(id)?.size);
  for (const { id, applied_to: applied } of picture.firewalls)
    same(
      `the servers of firewall ${id}`,
      sorted(applied.flatMap(({ server }) => server?.id ?? [])),
      sorted(world.firewalls.get(id)?.servers ?? []),
    );
  return troubles;
}

/** References to what is not there, and relations that only one side knows. */
function broken(picture: Picture): string[] {
  const troubles: string[] = [];
  const both = (what: string, one: readonly string[], other: readonly string[]) => {
    const [left, right] = [new Set(one), new Set(other)];
    for (const pair of left)
      if (!right.has(pair)) troubles.push(`${what} ${pair} is known to the server only`);
    for (const pair of right)
      if (!left.has(pair)) troubles.push(`${what} ${pair} is not known to the server`);
  };
  const { servers } = picture;
  const pairs = (of: (server: ShownServer) => readonly number[]) =>
    servers.flatMap((server) => of(server).map((id) => `${server.id}-${id}`));
  both(
    'volume',
    pairs(({ volumes }) => volumes),
    picture.volumes.flatMap(({ id, server }) => (server === null ? [] : [`${server}-${id}`])),
  );
  both(
    'floating IP',
    pairs((server) => server.public_net.floating_ips),
    picture.floating_ips.flatMap(({ id, server }) => (server === null ? [] : [`${server}-${id}`])),
  );
  both(
    'network',
    pairs((server) => server.private_net.map(({ network }) => network)),
    picture.networks.flatMap((network) => network.servers.map((id) => `${id}-${network.id}`)),
  );
  both(
    'placement group',
    pairs(({ placement_group: group }) => (group ? [group.id] : [])),
    picture.placement_groups.flatMap((group) => group.servers.map((id) => `${id}-${group.id}`)),
  );
  both(
    'firewall',
    pairs((server) => server.public_net.firewalls.map(({ id }) => id)),
    picture.firewalls.flatMap(({ id, applied_to: applied }) =>
      applied.flatMap(({ server }) => (server ? [`${server.id}-${id}`] : [])),
    ),
  );
  both(
    'primary IP',
    pairs(({ public_net: net }) => [net.ipv4?.id, net.ipv6?.id].filter((id) => id !== undefined)),
    picture.primary_ips.flatMap(({ id, assignee_id: server }) =>
      server === null ? [] : [`${server}-${id}`],
    ),
  );
  return troubles;
}

/** No address, name or MAC of a scope is there twice. */
function twice(picture: Picture): string[] {
  const scopes: Readonly<Record<string, readonly string[]>> = {
    'public address': [...picture.primary_ips, ...picture.floating_ips].map(({ ip }) => ip),
    'private address': picture.servers.flatMap(({ private_net: nics }) =>
      nics.flatMap(({ network, ip, alias_ips: aliases }) =>
        [ip, ...aliases].map((address) => `${address} of ${network}`),
      ),
    ),
    MAC: picture.servers.flatMap(({ private_net: nics }) => nics.map(({ mac_address: mac }) => mac)),
    ...Object.fromEntries(KINDS.map((kind) => [`name of ${kind}`, picture[kind].map(({ name }) => name)])),
  };
  return Object.entries(scopes).flatMap(([what, all]) =>
    all.filter((one, index) => all.indexOf(one) < index).map((one) => `the ${what} ${one} is given twice`),
  );
}

function sorted(ids: Iterable<number>): number[] {
  return [...ids].toSorted((one, other) => one - other);
}
