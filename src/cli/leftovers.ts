import type { HetznerApi } from './hetzner-api.ts';

/** A creation whose end nobody saw. */
export interface Creation {
  readonly type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** What the state knows, as `<type> <id>`. */
export type Known = ReadonlySet<string>;

interface HetznerObject {
  readonly id: number;
  readonly name: string;
  readonly created: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** The label that every object of an environment carries, with the environment's name. */
const LABEL = 'groundup-cluster';

/** Collections of the API whose objects have unique names. */
const COLLECTIONS: Readonly<Record<string, string>> = {
  'hcloud:index/network:Network': 'networks',
  'hcloud:index/firewall:Firewall': 'firewalls',
  'hcloud:index/placementGroup:PlacementGroup': 'placement_groups',
  'hcloud:index/primaryIp:PrimaryIp': 'primary_ips',
  'hcloud:index/server:Server': 'servers',
  'hcloud:index/sshKey:SshKey': 'ssh_keys',
  'hcloud:index/volume:Volume': 'volumes',
};

/**
 * Finds what a creation left at Hetzner although no state has it, and removes it: it is minutes old and empty, and the
 * next run makes it again. Only what has the very name and label that were asked for, is unknown to the state and was
 * made since that run began is taken for its work; anything else that stands in the way is named, never touched.
 * @param since by Hetzner's clock; absent: nobody knows, so nothing is removed
 * @returns what was done or found, a line each
 */
export async function removeLeftover(
  api: HetznerApi,
  creation: Creation,
  known: Known,
  since: string | undefined,
): Promise<string[]> {
  const collection = COLLECTIONS[creation.type];
  if (collection !== undefined) return removeObject(api, creation, collection, known, since);
  const part = PARTS[creation.type];
  return part === undefined ? [] : part(api, creation, known);
}

async function removeObject(
  api: HetznerApi,
  { type, inputs }: Creation,
  collection: string,
  known: Known,
  since: string | undefined,
): Promise<string[]> {
  const wanted = (inputs['labels'] as Record<string, unknown> | undefined)?.[LABEL];
  const name = String(inputs['name'] ?? '');
  if (name === '' || typeof wanted !== 'string') return [];
  const answer = await api.call('GET', `/${collection}?name=${encodeURIComponent(name)}`);
  const found = (answer?.body[collection] ?? []) as readonly HetznerObject[];
  const told: string[] = [];
  for (const object of found) {
    if (known.has(`${type} ${object.id}`)) continue;
    const noun = collection.slice(0, -1).replaceAll('_', ' ');
    const what = `${noun} ${name} (id ${object.id})`;
    const ours = object.labels?.[LABEL] === wanted;
    if (ours && since !== undefined && Date.parse(object.created) >= Date.parse(since)) {
      await api.call('DELETE', `/${collection}/${object.id}`);
      told.push(
        `The ${what} was made although its answer never came; it is removed, and the next run makes it.`,
      );
    } else {
      const label = ours ? `has the label ${LABEL}=${wanted}` : `does not have the label ${LABEL}=${wanted}`;
      told.push(
        `The ${what} has been there since ${object.created}, ${label}, and is in no state: it is left alone. If nobody needs it: hcloud ${noun.replaceAll(' ', '-')} delete ${object.id}`,
      );
    }
  }
  return told;
}

type Part = (api: HetznerApi, creation: Creation, known: Known) => Promise<string[]>;

/** What has no name and no label of its own belongs to whatever of the state it is part of. */
const PARTS: Readonly<Record<string, Part>> = {
  'hcloud:index/networkSubnet:NetworkSubnet': (api, { inputs, type }, known) =>
    removeNetworkPart(api, type, inputs, known, {
      list: 'subnets',
      key: 'ip_range',
      value: String(inputs['ipRange']),
      path: 'delete_subnet',
      body: { ip_range: inputs['ipRange'] },
    }),
  'hcloud:index/networkRoute:NetworkRoute': (api, { inputs, type }, known) =>
    removeNetworkPart(api, type, inputs, known, {
      list: 'routes',
      key: 'destination',
      value: String(inputs['destination']),
      path: 'delete_route',
      body: { destination: inputs['destination'], gateway: inputs['gateway'] },
    }),
  'hcloud:index/volumeAttachment:VolumeAttachment': async (api, { inputs, type }, known) => {
    const id = String(inputs['volumeId']);
    if (!known.has(`hcloud:index/volume:Volume ${id}`) || known.has(`${type} ${id}`)) return [];
    const volume = (await api.call('GET', `/volumes/${id}`))?.body['volume'] as { server: number | null };
    if (volume?.server !== Number(inputs['serverId'])) return [];
    await api.call('POST', `/volumes/${id}/actions/detach`, {});
    return [
      `Volume ${id} was attached although its answer never came; it is detached, and the next run attaches it.`,
    ];
  },
};

interface NetworkPart {
  readonly list: 'subnets' | 'routes';
  readonly key: string;
  readonly value: string;
  readonly path: string;
  readonly body: object;
}

async function removeNetworkPart(
  api: HetznerApi,
  type: string,
  inputs: Creation['inputs'],
  known: Known,
  { list, key, value, path, body }: NetworkPart,
): Promise<string[]> {
  const id = String(inputs['networkId']);
  if (!known.has(`hcloud:index/network:Network ${id}`) || known.has(`${type} ${id}-${value}`)) return [];
  const network = (await api.call('GET', `/networks/${id}`))?.body['network'] as
    | Readonly<Record<string, readonly Record<string, unknown>[]>>
    | undefined;
  if (!network?.[list]?.some((part) => part[key] === value)) return [];
  await api.call('POST', `/networks/${id}/actions/${path}`, body);
  return [
    `The network's ${list.slice(0, -1)} ${value} was made although its answer never came; it is removed, and the next run makes it.`,
  ];
}
