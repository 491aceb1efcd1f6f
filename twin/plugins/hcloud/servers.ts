import { isValues, list, optionalText, text, type Value, type Values } from '../protocol/index.ts';
import type { HcloudClient, Json } from './client.ts';
import { refusedWith } from './errors.ts';
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

/** `<network>-<range>` of a subnet, or the plain network. */
function nicNetwork(nic: Values): number | undefined {
  return numeric(nic['networkId']) ?? numeric(optionalText(nic, 'subnetId')?.split('-')[0]);
}

function publicNet(inputs: Values): Json | undefined {
  const [first] = list(inputs, 'publicNets');
  if (!isValues(first)) return undefined;
  return withoutAbsent({
    enable_ipv4: first['ipv4Enabled'] ?? true,
    enable_ipv6: first['ipv6Enabled'] ?? true,
    ipv4: numeric(first['ipv4']),
    ipv6: numeric(first['ipv6']),
  });
}

/** Networks with an address of choice are attached one by one; a creation takes only ids. */
function nics(inputs: Values): Values[] {
  return list(inputs, 'networks').filter(isValues);
}

async function attachNics(api: HcloudClient, id: string, inputs: Values): Promise<void> {
  const passing = refusedWith('conflict', 'locked', 'service_error', 'no_subnet_available');
  for (const nic of nics(inputs)) {
    const answer = await api
      .persist(TRIES, passing, () =>
        api.post(
          `/servers/${id}/actions/attach_to_network`,
          withoutAbsent({ network: nicNetwork(nic), ip: nic['ip'], alias_ips: nic['aliasIps'] }),
        ),
      )
      .catch(unlessAlready('server_already_attached'));
    await api.settle(answer);
  }
}

/** What was wanted is so already: nothing to wait for. */
function unlessAlready(code: string): (error: unknown) => Json {
  return (error) => {
    if (refusedWith(code)(error)) return {};
    throw error;
  };
}

async function detachNics(api: HcloudClient, id: string, inputs: Values): Promise<void> {
  for (const nic of nics(inputs)) {
    const answer = await api
      .persist(TRIES, refusedWith('conflict', 'locked', 'service_error'), () =>
        api.post(`/servers/${id}/actions/detach_from_network`, { network: nicNetwork(nic) }),
      )
      .catch(unlessAlready('not_found'));
    await api.settle(answer);
  }
}

function powerOn(api: HcloudClient, id: string): Promise<void> {
  return api.persist(
    TRIES,
    () => true,
    () => api.act(`/servers/${id}/actions/poweron`),
  );
}

export const server: HcloudResource = {
  replaceOn: ['image', 'location', 'sshKeys', 'userData'],
  computed: ['ipv4Address', 'ipv6Address', 'ipv6Network', 'status', 'backupWindow', 'primaryDiskSize'],
  autoname: true,
  check: (inputs) =>
    inputs['datacenter'] === undefined
      ? []
      : [{ property: 'datacenter', reason: 'was removed from the API in July 2026; use location' }],
  create: async (api, inputs) => {
    const chosen = nics(inputs).some((nic) => nic['ip'] !== undefined);
    const creation = await created(api, '/servers', 'server', {
      name: inputs['name'],
      server_type: inputs['serverType'],
      image: inputs['image'],
      location: inputs['location'],
      labels: inputs['labels'],
      user_data: inputs['userData'],
      ssh_keys: inputs['sshKeys'],
      public_net: publicNet(inputs),
      firewalls: list(inputs, 'firewallIds').map((firewall) => ({ firewall: Number(firewall) })),
      placement_group: numeric(inputs['placementGroupId']),
      networks: chosen ? [] : nics(inputs).map(nicNetwork),
      // A server whose only interface is still to be attached cannot start before it has it.
      start_after_create: !chosen,
    });
    return {
      id: creation.id,
      settle: async () => {
        await creation.settle();
        if (chosen) {
          await attachNics(api, creation.id, inputs);
          await powerOn(api, creation.id);
        }
        await protect(api, `/servers/${creation.id}`, {}, inputs, ['delete', 'rebuild']);
      },
    };
  },
  read: async (api, id, olds) => {
    const found = (await api.find(`/servers/${id}`))?.['server'] as Json | undefined;
    return found && describe(found, olds);
  },
  update: async (api, id, olds, news) => {
    const path = `/servers/${id}`;
    if (changed('name', olds, news) || changed('labels', olds, news)) {
      await api.put(path, withoutAbsent({ name: news['name'], labels: news['labels'] ?? {} }));
    }
    if (changed('serverType', olds, news)) await changeType(api, path, news);
    if (changed('networks', olds, news)) await changeNetworks(api, id, olds, news);
    if (changed('firewallIds', olds, news)) await changeFirewalls(api, id, olds, news);
    if (changed('placementGroupId', olds, news)) await changePlacementGroup(api, path, olds, news);
    await protect(api, path, olds, news, ['delete', 'rebuild']);
  },
  remove: (api, id) => api.remove(`/servers/${id}`),
};

function describe(found: Json, olds: Values): Values {
  const net = found['public_net'] as {
    ipv4: { ip: string; id: number } | null;
    ipv6: { ip: string } | null;
    firewalls: { id: number }[];
  };
  const placementGroup = found['placement_group'] as { id: number } | null;
  const attached = new Map(
    (found['private_net'] as { network: number; ip: string; alias_ips: string[]; mac_address: string }[]).map(
      (nic) => [nic.network, nic],
    ),
  );
  const networks = nics(olds).flatMap((nic): Values[] => {
    const real = attached.get(nicNetwork(nic) ?? 0);
    return real ? [{ ...nic, ...(nic['ip'] === undefined ? {} : { ip: real.ip }) }] : [];
  });
  return {
    name: found['name'] as string,
    serverType: (found['server_type'] as { name: string }).name,
    location: (found['location'] as { name: string }).name,
    labels: found['labels'] as Value,
    status: found['status'] as string,
    ipv4Address: net.ipv4?.ip ?? '',
    ipv6Address: net.ipv6 ? net.ipv6.ip.replace(/::\/64$/, '::1') : '',
    ipv6Network: net.ipv6?.ip ?? '',
    backupWindow: (found['backup_window'] as string | null) ?? '',
    primaryDiskSize: found['primary_disk_size'] as number,
    deleteProtection: protection(found),
    rebuildProtection: (found['protection'] as { rebuild: boolean }).rebuild,
    ...(list(olds, 'networks').length > 0 ? { networks } : {}),
    ...(list(olds, 'firewallIds').length > 0 ? { firewallIds: net.firewalls.map(({ id }) => id) } : {}),
    ...(olds['placementGroupId'] === undefined ? {} : { placementGroupId: placementGroup?.id ?? 0 }),
  };
}

/** As the official provider does; Hetzner starts the server again. */
async function changeType(api: HcloudClient, path: string, news: Values): Promise<void> {
  await api.act(`${path}/actions/poweroff`);
  await api.act(`${path}/actions/change_type`, {
    server_type: news['serverType'],
    upgrade_disk: news['keepDisk'] !== true,
  });
}

async function changeNetworks(api: HcloudClient, id: string, olds: Values, news: Values): Promise<void> {
  await detachNics(api, id, olds);
  await attachNics(api, id, news);
}

async function changeFirewalls(api: HcloudClient, id: string, olds: Values, news: Values): Promise<void> {
  const [before, after] = [list(olds, 'firewallIds').map(String), list(news, 'firewallIds').map(String)];
  const resource = { type: 'server', server: { id: Number(id) } };
  for (const gone of before.filter((firewall) => !after.includes(firewall))) {
    await api.act(`/firewalls/${gone}/actions/remove_from_resources`, { remove_from: [resource] });
  }
  for (const added of after.filter((firewall) => !before.includes(firewall))) {
    await api.act(`/firewalls/${added}/actions/apply_to_resources`, { apply_to: [resource] });
  }
}

/** The API changes the group of a stopped server only. */
async function changePlacementGroup(
  api: HcloudClient,
  path: string,
  olds: Values,
  news: Values,
): Promise<void> {
  await api.act(`${path}/actions/poweroff`);
  if (olds['placementGroupId'] !== undefined) await api.act(`${path}/actions/remove_from_placement_group`);
  const group = optionalText(news, 'placementGroupId');
  if (group !== undefined)
    await api.act(`${path}/actions/add_to_placement_group`, { placement_group: Number(group) });
  await api.act(`${path}/actions/poweron`);
}

export const sshKey: HcloudResource = {
  replaceOn: ['publicKey'],
  computed: ['fingerprint'],
  autoname: true,
  create: (api, inputs) =>
    created(api, '/ssh_keys', 'ssh_key', {
      name: inputs['name'],
      public_key: text(inputs, 'publicKey').trim(),
      labels: inputs['labels'],
    }),
  read: async (api, id, olds) => {
    const found = (await api.find(`/ssh_keys/${id}`))?.['ssh_key'] as Json | undefined;
    if (!found) return undefined;
    const same = text(olds, 'publicKey').trim() === found['public_key'];
    return {
      name: found['name'] as string,
      labels: found['labels'] as Value,
      fingerprint: found['fingerprint'] as string,
      publicKey: same ? text(olds, 'publicKey') : (found['public_key'] as string),
    };
  },
  update: async (api, id, _olds, news) => {
    await api.put(`/ssh_keys/${id}`, withoutAbsent({ name: news['name'], labels: news['labels'] ?? {} }));
  },
  remove: (api, id) => api.remove(`/ssh_keys/${id}`),
};

export const placementGroup: HcloudResource = {
  replaceOn: ['type'],
  computed: ['servers'],
  autoname: true,
  create: (api, inputs) =>
    created(api, '/placement_groups', 'placement_group', {
      name: inputs['name'],
      type: inputs['type'],
      labels: inputs['labels'],
    }),
  read: async (api, id) => {
    const found = (await api.find(`/placement_groups/${id}`))?.['placement_group'] as Json | undefined;
    return (
      found && {
        name: found['name'] as string,
        type: found['type'] as string,
        labels: found['labels'] as Value,
        servers: found['servers'] as number[],
      }
    );
  },
  update: async (api, id, _olds, news) => {
    await api.put(
      `/placement_groups/${id}`,
      withoutAbsent({ name: news['name'], labels: news['labels'] ?? {} }),
    );
  },
  remove: (api, id) => api.remove(`/placement_groups/${id}`),
};
