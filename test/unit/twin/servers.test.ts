import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PUBLIC_KEYS, ServingHetzner, type ShownAction, type ShownServer } from './serving-hetzner.ts';

interface Metrics {
  readonly metrics: {
    readonly start: string;
    readonly end: string;
    readonly step: number;
    readonly time_series: Readonly<
      Record<string, { readonly values: readonly (readonly [number, string])[] }>
    >;
  };
}

describe('servers of the local Hetzner', () => {
  let hetzner: ServingHetzner;
  let removed: number[];
  beforeEach(() => {
    removed = [];
    hetzner = new ServingHetzner({
      removeServer: async (id) => {
        removed.push(id);
      },
    });
  });
  afterEach(() => hetzner.remove());

  const found = async (query: string) =>
    (await hetzner.call<{ servers: ShownServer[] }>('GET', `/servers?${query}`)).body.servers.map(
      ({ name }) => name,
    );

  it('are found by name, status and label, and sorted by id, name and time', async () => {
    await hetzner.server('b', { labels: { env: 'dev' } });
    const { id } = await hetzner.server('a', { labels: { env: 'prod' } });
    await hetzner.act(id, 'poweroff');
    expect(await found('name=a')).toEqual(['a']);
    expect(await found('status=running')).toEqual(['b']);
    expect(await found('status=off')).toEqual(['a']);
    expect(await found('status=off&status=running')).toEqual(['b', 'a']);
    expect(await found('label_selector=env%3Ddev')).toEqual(['b']);
    expect(await found('sort=name')).toEqual(['a', 'b']);
    expect(await found('sort=id:desc')).toEqual(['a', 'b']);
    expect(await found('sort=created:asc')).toEqual(['b', 'a']);
    expect(await hetzner.refused('GET', '/servers?sort=status')).toBe('422 invalid_input sort');
  });

  it('are renamed, and their labels replaced as a whole', async () => {
    const { id } = await hetzner.server('one', { labels: { env: 'dev', tier: 'web' } });
    const put = async (payload: object) =>
      (await hetzner.done<{ server: ShownServer }>('PUT', `/servers/${id}`, payload)).server;
    expect(await put({ labels: { env: 'prod' } })).toMatchObject({ name: 'one', labels: { env: 'prod' } });
    expect(await put({ name: 'two' })).toMatchObject({ name: 'two', labels: { env: 'prod' } });
    expect(await put({ name: 'two', labels: {} })).toMatchObject({ name: 'two', labels: {} });
    expect(await hetzner.refused('PUT', `/servers/${id}`, { name: 'under_score' })).toBe(
      '422 invalid_input name',
    );
  });

  it('have names of their own', async () => {
    await hetzner.server('one');
    const { id } = await hetzner.server('two');
    const wanted = { name: 'one', server_type: 'cpx22', image: 'debian-12' };
    const { status, body } = await hetzner.call('POST', '/servers', wanted);
    expect([status, body.error.code, body.error.message]).toEqual([
      409,
      'uniqueness_error',
      'server name is already used',
    ]);
    expect(await hetzner.refused('PUT', `/servers/${id}`, { name: 'one' })).toBe('409 uniqueness_error name');
  });

  it('are renamed even while an action locks them', async () => {
    const { id } = await hetzner.server('one');
    hetzner.project.rules.set({ speed: '50' });
    await hetzner.call('POST', `/servers/${id}/actions/reboot`);
    expect((await hetzner.call('PUT', `/servers/${id}`, { name: 'two' })).status).toBe(200);
    await hetzner.project.actions.idle();
    expect(await hetzner.shown(id)).toMatchObject({ name: 'two', status: 'running' });
  });

  it('are deleted by an action that stays to be read; they are gone at once', async () => {
    const { id } = await hetzner.server('one');
    const { status, body } = await hetzner.call<{ action: ShownAction }>('DELETE', `/servers/${id}`);
    expect(status).toBe(200);
    expect(body.action).toMatchObject({
      command: 'delete_server',
      status: 'running',
      resources: [{ id, type: 'server' }],
    });
    expect(await hetzner.refused('GET', `/servers/${id}`)).toBe('404 not_found');
    await hetzner.project.actions.idle();
    expect(removed).toEqual([id]);
    const { action } = (await hetzner.call<{ action: ShownAction }>('GET', `/actions/${body.action.id}`))
      .body;
    expect(action.status).toBe('success');
    await hetzner.server('one');
  });

  it('take with them what is theirs alone, and let go of everything else', async () => {
    const group = await hetzner.made('/placement_groups', 'placement_group', { name: 'g', type: 'spread' });
    const volume = await hetzner.made('/volumes', 'volume', { name: 'v', size: 10, location: 'fsn1' });
    const kept = await hetzner.made('/primary_ips', 'primary_ip', {
      name: 'kept',
      type: 'ipv6',
      location: 'fsn1',
    });
    const network = await hetzner.network();
    const { id } = await hetzner.server('one', {
      placement_group: group.id,
      volumes: [volume.id],
      networks: [network],
      public_net: { ipv6: kept.id },
    });
    const floating = await hetzner.made('/floating_ips', 'floating_ip', { type: 'ipv4', server: id });
    await hetzner.act(id, 'enable_backup');
    await hetzner.act(id, 'create_image', { type: 'backup' });
    const { image } = await hetzner.act<{ image: { id: number } }>(id, 'create_image');
    await hetzner.done('DELETE', `/servers/${id}`);
    const { store } = hetzner;
    expect(store.all('primary_ips')).toMatchObject([
      { id: kept.id, assignee_id: null, assignee_type: 'unassigned' },
    ]);
    expect(store.get('volumes', volume.id)?.server).toBeNull();
    expect(store.get('floating_ips', floating.id)?.server).toBeNull();
    expect(store.get('placement_groups', group.id)?.servers).toEqual([]);
    expect(store.get('networks', network)?.servers).toEqual([]);
    expect(store.all('images').map((one) => one.id)).toEqual([image.id]);
  });

  it('are not deleted while they are protected, or an action locks them', async () => {
    const { id } = await hetzner.server('one');
    await hetzner.act(id, 'change_protection', { delete: true, rebuild: true });
    const { status, body } = await hetzner.call('DELETE', `/servers/${id}`);
    expect([status, body.error.code, body.error.message]).toEqual([
      423,
      'protected',
      'server deletion is protected',
    ]);
    await hetzner.act(id, 'change_protection', { delete: false, rebuild: false });
    hetzner.project.rules.set({ speed: '50' });
    await hetzner.call('POST', `/servers/${id}/actions/reboot`);
    expect(await hetzner.refused('DELETE', `/servers/${id}`)).toBe('423 locked');
  });

  it('that do not exist are not found, whatever is asked of them', async () => {
    const actions = [
      ...['poweron', 'poweroff', 'shutdown', 'reboot', 'reset', 'reset_password', 'request_console'],
      ...['rebuild', 'enable_rescue', 'disable_rescue', 'attach_iso', 'detach_iso', 'enable_backup'],
      ...['disable_backup', 'create_image', 'change_type', 'change_protection', 'change_dns_ptr'],
      ...['attach_to_network', 'detach_from_network', 'change_alias_ips'],
      ...['add_to_placement_group', 'remove_from_placement_group'],
    ];
    for (const action of actions)
      expect(await hetzner.refusedAct(4711, action), action).toBe('404 not_found');
    const { body } = await hetzner.call('PUT', '/servers/4711', {});
    expect(body.error.message).toBe("server with ID '4711' not found");
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['GET', '/actions'],
      ['GET', '/metrics?type=cpu&start=2026-11-25T08:00:00Z&end=2026-11-25T09:00:00Z'],
    ] as const)
      expect(await hetzner.refused(method, `/servers/4711${path}`), path).toBe('404 not_found');
  });

  it('have metrics of processor, disk and network by type, all of them zero', async () => {
    const { id } = await hetzner.server('one', { ssh_keys: [] });
    const times = 'start=2026-11-25T08:00:00Z&end=2026-11-25T09:00:00Z';
    const metrics = async (query: string) =>
      (await hetzner.call<Metrics>('GET', `/servers/${id}/metrics?${times}&${query}`)).body.metrics;
    const { time_series, ...rest } = await metrics('type=cpu,disk,network&step=600');
    expect(rest).toEqual({ start: '2026-11-25T08:00:00.000Z', end: '2026-11-25T09:00:00.000Z', step: 600 });
    expect(Object.keys(time_series).toSorted()).toEqual([
      'cpu',
      'disk.0.bandwidth.read',
      'disk.0.bandwidth.write',
      'disk.0.iops.read',
      'disk.0.iops.write',
      'network.0.bandwidth.in',
      'network.0.bandwidth.out',
      'network.0.pps.in',
      'network.0.pps.out',
    ]);
    expect(time_series['cpu']?.values).toHaveLength(7);
    expect(time_series['cpu']?.values[1]).toEqual([Date.parse('2026-11-25T08:10:00Z') / 1000, '0']);
    expect(Object.keys((await metrics('type=cpu&type=disk')).time_series)).toHaveLength(5);
    const refused = (query: string) => hetzner.refused('GET', `/servers/${id}/metrics?${query}`);
    expect(await refused(`${times}&type=memory`)).toBe('422 invalid_input type');
    expect(await refused('type=cpu')).toBe('422 invalid_input start');
  });

  it('keep the keys that they were created with, though these are deleted', async () => {
    const key = await hetzner.made('/ssh_keys', 'ssh_key', { name: 'mine', public_key: PUBLIC_KEYS[0] });
    const { id } = await hetzner.server('one', { ssh_keys: [key.id] });
    await hetzner.done('DELETE', `/ssh_keys/${key.id}`);
    expect(hetzner.project.wantedServer(id).sshKeys).toEqual([PUBLIC_KEYS[0]]);
  });
});
