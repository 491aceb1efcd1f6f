import { list, text, type Value } from '../protocol/index.ts';
import type { Json } from './client.ts';
import { ApiError, refusedWith } from './errors.ts';
import { TRIES } from './patience.ts';
import {
  changed,
  created,
  type HcloudResource,
  numeric,
  protect,
  protection,
  withoutAbsent,
} from './resource.ts';

export const network: HcloudResource = {
  replaceOn: ['ipRange'],
  computed: [],
  autoname: true,
  create: async (api, inputs) => {
    const creation = await created(api, '/networks', 'network', {
      name: inputs['name'],
      ip_range: inputs['ipRange'],
      labels: inputs['labels'],
      expose_routes_to_vswitch: inputs['exposeRoutesToVswitch'],
    });
    return { ...creation, settle: () => protect(api, `/networks/${creation.id}`, {}, inputs) };
  },
  read: async (api, id) => {
    const found = (await api.find(`/networks/${id}`))?.['network'] as Json | undefined;
    if (!found) return undefined;
    return {
      name: found['name'] as string,
      ipRange: found['ip_range'] as string,
      labels: found['labels'] as Value,
      exposeRoutesToVswitch: found['expose_routes_to_vswitch'] as boolean,
      deleteProtection: protection(found),
    };
  },
  update: async (api, id, olds, news) => {
    await api.put(`/networks/${id}`, withoutAbsent({ name: news['name'], labels: news['labels'] ?? {} }));
    await protect(api, `/networks/${id}`, olds, news);
  },
  remove: (api, id) => api.remove(`/networks/${id}`),
};

/** Subnets and routes have no id of their own: `<network>-<range>`. */
async function networkPart(
  get: (path: string) => Promise<Json | undefined>,
  id: string,
  key: 'subnets' | 'routes',
  match: string,
): Promise<{ networkId: number; part: Json } | undefined> {
  const separator = id.indexOf('-');
  const networkId = Number(id.slice(0, separator));
  const found = (await get(`/networks/${networkId}`))?.['network'] as Json | undefined;
  const part = (found?.[key] as Json[] | undefined)?.find(
    (entry) => entry[match] === id.slice(separator + 1),
  );
  return part && { networkId, part };
}

/** A subnet is removed when its last server has left it. Source: terraform-provider-hcloud, resource_subnet.go */
const SUBNET_REMOVALS = 10 * TRIES;

function isInUse(error: unknown): boolean {
  if (refusedWith('conflict', 'locked')(error)) return true;
  return (
    error instanceof ApiError &&
    error.code === 'service_error' &&
    /servers are attached|network has attached resources/.test(error.message)
  );
}

export const networkSubnet: HcloudResource = {
  replaceOn: 'all',
  computed: ['gateway'],
  create: async (api, inputs) => {
    const answer = await api.persist(TRIES, refusedWith('conflict', 'vswitch_id_already_used'), () =>
      api.post(
        `/networks/${text(inputs, 'networkId')}/actions/add_subnet`,
        withoutAbsent({
          type: inputs['type'],
          network_zone: inputs['networkZone'],
          ip_range: inputs['ipRange'],
          vswitch_id: numeric(inputs['vswitchId']),
        }),
      ),
    );
    return {
      id: `${text(inputs, 'networkId')}-${text(inputs, 'ipRange')}`,
      settle: () => api.settle(answer),
    };
  },
  read: async (api, id) => {
    const found = await networkPart(api.find.bind(api), id, 'subnets', 'ip_range');
    if (!found) return undefined;
    return {
      networkId: found.networkId,
      type: found.part['type'] as string,
      networkZone: found.part['network_zone'] as string,
      ipRange: found.part['ip_range'] as string,
      gateway: found.part['gateway'] as string,
    };
  },
  remove: async (api, id, olds) => {
    if (!(await networkPart(api.find.bind(api), id, 'subnets', 'ip_range'))) return;
    const path = `/networks/${text(olds, 'networkId')}/actions/delete_subnet`;
    const answer = await api.persist(SUBNET_REMOVALS, isInUse, () =>
      api.post(path, { ip_range: olds['ipRange'] }),
    );
    await api.settle(answer);
  },
};

export const networkRoute: HcloudResource = {
  replaceOn: 'all',
  computed: [],
  create: async (api, inputs) => {
    const path = `/networks/${text(inputs, 'networkId')}/actions/add_route`;
    const answer = await api.persist(TRIES, refusedWith('conflict'), () =>
      api.post(path, { destination: inputs['destination'], gateway: inputs['gateway'] }),
    );
    return {
      id: `${text(inputs, 'networkId')}-${text(inputs, 'destination')}`,
      settle: () => api.settle(answer),
    };
  },
  read: async (api, id) => {
    const found = await networkPart(api.find.bind(api), id, 'routes', 'destination');
    return (
      found && {
        networkId: found.networkId,
        destination: found.part['destination'] as string,
        gateway: found.part['gateway'] as string,
      }
    );
  },
  remove: async (api, id, olds) => {
    if (!(await networkPart(api.find.bind(api), id, 'routes', 'destination'))) return;
    const path = `/networks/${text(olds, 'networkId')}/actions/delete_route`;
    const answer = await api.persist(TRIES, refusedWith('conflict'), () =>
      api.post(path, { destination: olds['destination'], gateway: olds['gateway'] }),
    );
    await api.settle(answer);
  },
};

/** Rules by Pulumi's names and by the API's. */
function apiRules(rules: readonly Value[]): Json[] {
  return rules.map((rule) => {
    const { sourceIps, destinationIps, ...rest } = rule as Json;
    return withoutAbsent({ ...rest, source_ips: sourceIps, destination_ips: destinationIps });
  });
}

export const firewall: HcloudResource = {
  replaceOn: [],
  computed: [],
  autoname: true,
  create: (api, inputs) =>
    created(api, '/firewalls', 'firewall', {
      name: inputs['name'],
      labels: inputs['labels'],
      rules: apiRules(list(inputs, 'rules')),
    }),
  read: async (api, id) => {
    const found = (await api.find(`/firewalls/${id}`))?.['firewall'] as Json | undefined;
    if (!found) return undefined;
    const rules = (found['rules'] as Json[]).map(({ source_ips, destination_ips, ...rest }) =>
      withoutAbsent({
        ...rest,
        ...((source_ips as string[]).length > 0 ? { sourceIps: source_ips } : {}),
        ...((destination_ips as string[]).length > 0 ? { destinationIps: destination_ips } : {}),
      }),
    );
    return { name: found['name'] as string, labels: found['labels'] as Value, rules: rules as Value };
  },
  update: async (api, id, olds, news) => {
    await api.put(`/firewalls/${id}`, withoutAbsent({ name: news['name'], labels: news['labels'] ?? {} }));
    if (changed('rules', olds, news))
      await api.act(`/firewalls/${id}/actions/set_rules`, { rules: apiRules(list(news, 'rules')) });
  },
  remove: (api, id) =>
    api.persist(2 * TRIES, refusedWith('conflict', 'resource_in_use'), () => api.remove(`/firewalls/${id}`)),
};
