import { text, type Value } from '../protocol/index.ts';
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

/** Optional in the state, as the API has null. */
function present(values: Readonly<Record<string, unknown>>): Record<string, Value> {
  return withoutAbsent(values) as Record<string, Value>;
}

export const primaryIp: HcloudResource = {
  replaceOn: ['type', 'location'],
  computed: ['ipAddress', 'ipNetwork'],
  autoname: true,
  create: async (api, inputs) => {
    const creation = await created(api, '/primary_ips', 'primary_ip', {
      name: inputs['name'],
      type: inputs['type'],
      location: inputs['location'],
      assignee_type: inputs['assigneeType'],
      assignee_id: numeric(inputs['assigneeId']),
      auto_delete: inputs['autoDelete'] ?? false,
      labels: inputs['labels'],
    });
    const path = `/primary_ips/${creation.id}`;
    return { id: creation.id, settle: () => creation.settle().then(() => protect(api, path, {}, inputs)) };
  },
  read: async (api, id, olds) => {
    const found = (await api.find(`/primary_ips/${id}`))?.['primary_ip'] as Json | undefined;
    if (!found) return undefined;
    return {
      name: found['name'] as string,
      type: found['type'] as string,
      location: (found['location'] as { name: string }).name,
      autoDelete: found['auto_delete'] as boolean,
      labels: found['labels'] as Value,
      ipAddress: (found['ip'] as string).replace(/::\/64$/, '::1'),
      ipNetwork: found['type'] === 'ipv6' ? (found['ip'] as string) : '',
      deleteProtection: protection(found),
      ...(olds['assigneeId'] === undefined ? {} : present({ assigneeId: found['assignee_id'] })),
    };
  },
  update: async (api, id, olds, news) => {
    const path = `/primary_ips/${id}`;
    await api.put(
      path,
      withoutAbsent({ name: news['name'], labels: news['labels'] ?? {}, auto_delete: news['autoDelete'] }),
    );
    await protect(api, path, olds, news);
  },
  remove: (api, id) =>
    api.persist(
      2 * TRIES,
      (error) => !refusedWith('protected')(error),
      () => api.remove(`/primary_ips/${id}`),
    ),
};

/** The official provider tries again at once while the server is locked; only the operation's bound ends that. */
async function untilUnlocked(api: HcloudClient, body: Json): ReturnType<typeof created> {
  for (;;) {
    const creation = await created(api, '/volumes', 'volume', body).catch((error: unknown) => {
      if (refusedWith('locked')(error)) return undefined;
      throw error;
    });
    if (creation) return creation;
  }
}

export const volume: HcloudResource = {
  replaceOn: ['location', 'format'],
  computed: ['linuxDevice'],
  autoname: true,
  create: async (api, inputs) => {
    const creation = await untilUnlocked(api, {
      name: inputs['name'],
      size: inputs['size'],
      location: inputs['serverId'] === undefined ? inputs['location'] : undefined,
      server: numeric(inputs['serverId']),
      automount: inputs['automount'],
      format: inputs['format'],
      labels: inputs['labels'],
    });
    const path = `/volumes/${creation.id}`;
    return { id: creation.id, settle: () => creation.settle().then(() => protect(api, path, {}, inputs)) };
  },
  read: async (api, id, olds) => {
    const found = (await api.find(`/volumes/${id}`))?.['volume'] as Json | undefined;
    if (!found) return undefined;
    return {
      name: found['name'] as string,
      size: found['size'] as number,
      location: (found['location'] as { name: string }).name,
      labels: found['labels'] as Value,
      linuxDevice: found['linux_device'] as string,
      deleteProtection: protection(found),
      ...(olds['serverId'] === undefined ? {} : present({ serverId: found['server'] })),
    };
  },
  update: async (api, id, olds, news) => {
    const path = `/volumes/${id}`;
    if (changed('name', olds, news) || changed('labels', olds, news)) {
      await api.put(path, withoutAbsent({ name: news['name'], labels: news['labels'] ?? {} }));
    }
    if (changed('size', olds, news)) {
      if (Number(news['size']) < Number(olds['size']))
        throw new Error(`a volume cannot shrink from ${olds['size']} to ${news['size']} GB`);
      await api.act(`${path}/actions/resize`, { size: news['size'] });
    }
    await protect(api, path, olds, news);
  },
  remove: async (api, id) => {
    const found = (await api.find(`/volumes/${id}`))?.['volume'] as Json | undefined;
    if (found?.['server']) await always(api, () => api.act(`/volumes/${id}/actions/detach`));
    await always(api, () => api.remove(`/volumes/${id}`));
  },
};

/** The official provider asks why only for attachments. */
function always(api: HcloudClient, attempt: () => Promise<void>): Promise<void> {
  return api.persist(TRIES, () => true, attempt);
}

export const volumeAttachment: HcloudResource = {
  replaceOn: 'all',
  computed: [],
  create: async (api, inputs) => {
    const answer = await api.persist(TRIES, refusedWith('locked'), () =>
      api.post(
        `/volumes/${text(inputs, 'volumeId')}/actions/attach`,
        withoutAbsent({ server: numeric(inputs['serverId']), automount: inputs['automount'] }),
      ),
    );
    return { id: text(inputs, 'volumeId'), settle: () => api.settle(answer) };
  },
  read: async (api, id) => {
    const found = (await api.find(`/volumes/${id}`))?.['volume'] as Json | undefined;
    return found?.['server'] ? { volumeId: Number(id), serverId: found['server'] as number } : undefined;
  },
  remove: async (api, id, olds) => {
    const found = (await api.find(`/volumes/${id}`))?.['volume'] as Json | undefined;
    if (found?.['server'] !== numeric(olds['serverId'])) return;
    const answer = await api.persist(TRIES, refusedWith('locked'), () =>
      api.post(`/volumes/${id}/actions/detach`),
    );
    await api.settle(answer);
  },
};

export const floatingIp: HcloudResource = {
  replaceOn: ['type', 'homeLocation'],
  computed: ['ipAddress', 'ipNetwork'],
  autoname: true,
  create: async (api, inputs) => {
    const creation = await created(api, '/floating_ips', 'floating_ip', {
      name: inputs['name'],
      type: inputs['type'],
      home_location: inputs['homeLocation'],
      server: numeric(inputs['serverId']),
      description: inputs['description'],
      labels: inputs['labels'],
    });
    const path = `/floating_ips/${creation.id}`;
    return { id: creation.id, settle: () => creation.settle().then(() => protect(api, path, {}, inputs)) };
  },
  read: async (api, id, olds) => {
    const found = (await api.find(`/floating_ips/${id}`))?.['floating_ip'] as Json | undefined;
    if (!found) return undefined;
    return {
      name: found['name'] as string,
      type: found['type'] as string,
      homeLocation: (found['home_location'] as { name: string }).name,
      labels: found['labels'] as Value,
      ipAddress: (found['ip'] as string).replace(/::\/64$/, '::1'),
      ipNetwork: found['type'] === 'ipv6' ? (found['ip'] as string) : '',
      deleteProtection: protection(found),
      ...(olds['description'] === undefined ? {} : present({ description: found['description'] })),
      ...(olds['serverId'] === undefined ? {} : present({ serverId: found['server'] })),
    };
  },
  update: async (api, id, olds, news) => {
    const path = `/floating_ips/${id}`;
    await api.put(
      path,
      withoutAbsent({ name: news['name'], labels: news['labels'] ?? {}, description: news['description'] }),
    );
    if (changed('serverId', olds, news)) {
      const server = numeric(news['serverId']);
      await (server === undefined
        ? api.act(`${path}/actions/unassign`)
        : api.act(`${path}/actions/assign`, { server }));
    }
    await protect(api, path, olds, news);
  },
  remove: (api, id) => api.remove(`/floating_ips/${id}`),
};
