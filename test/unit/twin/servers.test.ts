import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LocalHetzner } from './local-hetzner.ts';

interface ShownServer {
  readonly id: number;
  readonly name: string;
  readonly status: string;
}

interface ShownAction {
  readonly command: string;
}

describe('servers of the local Hetzner', () => {
  let hetzner: LocalHetzner;
  beforeEach(() => {
    hetzner = new LocalHetzner();
  });
  afterEach(() => hetzner.remove());

  const wanted = { name: 'one', server_type: 'cpx22', image: 'debian-12', location: 'fsn1' };
  const notCreated = (more: object) => hetzner.refused('POST', '/servers', { ...wanted, ...more });
  const shown = async (id: number) =>
    (await hetzner.call<{ server: ShownServer & Record<string, unknown> }>('GET', `/servers/${id}`)).body
      .server;
  const act = <T = { action: ShownAction }>(id: number, action: string, payload: object = {}) =>
    hetzner.done<T>('POST', `/servers/${id}/actions/${action}`, payload);
  const refused = (id: number, action: string, payload: object = {}) =>
    hetzner.refused('POST', `/servers/${id}/actions/${action}`, payload);
  const privateNetwork = async (name = 'private', ip_range = '10.0.0.0/16') =>
    (
      await hetzner.done<{ network: { id: number } }>('POST', '/networks', {
        name,
        ip_range,
        subnets: [{ type: 'cloud', network_zone: 'eu-central', ip_range: ip_range.replace('/16', '/24') }],
      })
    ).network.id;

  describe('new ones', () => {
    it('are initialising, and started by an action of its own', async () => {
      const { body } = await hetzner.call<{
        server: ShownServer;
        action: ShownAction;
        next_actions: ShownAction[];
      }>('POST', '/servers', { ...wanted, labels: { a: 'b' } });
      expect(body).toMatchObject({
        server: { status: 'initializing', labels: { a: 'b' }, locked: true, primary_disk_size: 80 },
        action: { command: 'create_server' },
        next_actions: [{ command: 'start_server' }],
      });
      await hetzner.project.actions.idle();
      expect(await shown(body.server.id)).toMatchObject({
        status: 'running',
        locked: false,
        rescue_enabled: false,
        backup_window: null,
        iso: null,
        protection: { delete: false, rebuild: false },
        server_type: { name: 'cpx22' },
        location: { name: 'fsn1' },
        image: { name: 'debian-12', architecture: 'x86' },
        public_net: { firewalls: [], floating_ips: [] },
      });
    });

    it('stay off when they are not to be started', async () => {
      const { server, next_actions } = await hetzner.done<{ server: ShownServer; next_actions: object[] }>(
        'POST',
        '/servers',
        { ...wanted, start_after_create: false },
      );
      expect(next_actions).toEqual([]);
      expect((await shown(server.id)).status).toBe('off');
    });

    it('have a root password only where no key was given', async () => {
      type Created = { server: ShownServer; root_password: string | null };
      const one = await hetzner.done<Created>('POST', '/servers', wanted);
      expect(one.root_password).toMatch(/^.{12,}$/);
      await hetzner.done('POST', '/ssh_keys', {
        name: 'me',
        public_key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f',
      });
      const two = await hetzner.done<Created>('POST', '/servers', {
        ...wanted,
        name: 'two',
        ssh_keys: ['me'],
      });
      expect(two.root_password).toBeNull();
    });

    it.each([
      ['a name that is no host name', { name: 'one_two' }, '422 invalid_input name'],
      ['an unknown type', { server_type: 'cx1' }, '422 invalid_input server_type'],
      ['an unknown location', { location: 'mars' }, '422 invalid_input location'],
      ['an unknown image', { image: 'plan9' }, '422 invalid_input image'],
      ['an unknown key', { ssh_keys: ['nobody'] }, '422 invalid_input ssh_keys'],
      ['too much user data', { user_data: 'x'.repeat(32_769) }, '422 invalid_input user_data'],
      ['a group that is none', { placement_group: 4711 }, '422 invalid_input placement_group'],
      ['a network that is none', { networks: [4711] }, '422 invalid_input network'],
    ])('are refused with %s', async (_, more, refusal) => {
      expect(await notCreated(more)).toBe(refusal);
      expect(hetzner.store.all('primary_ips')).toEqual([]);
    });

    it('are refused where stock or a limit has ended, with the name of the limit', async () => {
      await hetzner.server('first');
      expect(await notCreated({ name: 'first' })).toBe('409 uniqueness_error name');
      hetzner.project.rules.set({ 'stock.cpx22.fsn1': 'out' });
      expect(await notCreated({})).toBe('412 resource_unavailable');
      hetzner.project.rules.set({ 'stock.cpx22.fsn1': null, 'limits.dedicated_vcpus': '1' });
      expect(await notCreated({ server_type: 'ccx13' })).toBe('403 resource_limit_exceeded dedicated_vcpus');
      hetzner.project.rules.set({ 'limits.servers': '1' });
      expect(await notCreated({})).toBe('403 resource_limit_exceeded servers');
    });
  });

  it('are renamed, relabelled, and found by name, label and status', async () => {
    const [{ id }] = [
      await hetzner.server('one'),
      await hetzner.server('two', { start_after_create: false }),
    ];
    expect(await hetzner.refused('PUT', `/servers/${id}`, { name: 'two' })).toBe('409 uniqueness_error name');
    await hetzner.done('PUT', `/servers/${id}`, { name: 'new', labels: { a: 'b' } });
    for (const query of ['name=new', 'label_selector=a%3Db', 'status=running']) {
      const { body } = await hetzner.call<{ servers: ShownServer[] }>('GET', `/servers?${query}`);
      expect(
        body.servers.map(({ name }) => name),
        query,
      ).toEqual(['new']);
    }
  });

  it('are switched off and on, gracefully and hard, and only what runs is started again', async () => {
    const { id } = await hetzner.server('one');
    for (const [action, command, status] of [
      ['shutdown', 'shutdown_server', 'off'],
      ['poweron', 'start_server', 'running'],
      ['reboot', 'reboot_server', 'running'],
      ['reset', 'reset_server', 'running'],
      ['poweroff', 'stop_server', 'off'],
    ] as const) {
      expect((await act(id, action)).action.command).toBe(command);
      expect((await shown(id)).status, action).toBe(status);
    }
    expect(await refused(id, 'reboot')).toBe('422 service_error');
    expect(await refused(id, 'reset')).toBe('422 service_error');
  });

  it('do not start without any interface', async () => {
    const { id } = await hetzner.server('one', {
      networks: [await privateNetwork()],
      public_net: { enable_ipv4: false, enable_ipv6: false },
    });
    await act(id, 'poweroff');
    const [nic] = hetzner.store.get('servers', id)?.private_net ?? [];
    await act(id, 'detach_from_network', { network: nic?.network });
    expect(await refused(id, 'poweron')).toBe('422 invalid_input id');
  });

  it('change their type while they are off, to one of the same architecture with room for the disk', async () => {
    const { id } = await hetzner.server('one');
    const change = (server_type: string, upgrade_disk = false) =>
      refused(id, 'change_type', { server_type, upgrade_disk });
    expect(await change('cpx32')).toBe('422 server_not_stopped');
    await act(id, 'poweroff');
    expect(await change('cpx22')).toBe('422 invalid_server_type');
    expect(await change('cax31')).toBe('422 invalid_server_type');
    expect(await change('cpx12')).toBe('422 invalid_server_type');
    expect(await change('cx1')).toBe('422 invalid_input server_type');
    await act(id, 'change_type', { server_type: 'cpx32', upgrade_disk: false });
    expect(await shown(id)).toMatchObject({
      server_type: { name: 'cpx32' },
      primary_disk_size: 80,
      status: 'off',
    });
    await act(id, 'change_type', { server_type: 'cpx42', upgrade_disk: true });
    expect(await shown(id)).toMatchObject({ primary_disk_size: 320 });
    expect(await change('cpx22')).toBe('422 invalid_server_type');
  });

  it('are protected against deletion and rebuilding together', async () => {
    const { id } = await hetzner.server('one');
    expect(await refused(id, 'change_protection', { delete: true })).toBe('422 invalid_input rebuild');
    await act(id, 'change_protection', { delete: true, rebuild: true });
    expect(await hetzner.refused('DELETE', `/servers/${id}`)).toBe('423 protected');
    expect(await refused(id, 'rebuild', { image: 'debian-12' })).toBe('423 protected');
    await act(id, 'change_protection', { delete: false, rebuild: false });
    await hetzner.done('DELETE', `/servers/${id}`);
    expect((await hetzner.call('GET', `/servers/${id}`)).status).toBe(404);
  });

  it('are rebuilt with a new disk, from an image that fits, and run then', async () => {
    const { id } = await hetzner.server('one');
    expect(await refused(id, 'rebuild', { image: 'plan9' })).toBe('422 invalid_input image');
    const { root_password } = await act<{ root_password: string }>(id, 'rebuild', { image: 'debian-13' });
    expect(root_password).toMatch(/^.{12,}$/);
    expect(await shown(id)).toMatchObject({ status: 'running', image: { name: 'debian-13' } });
    expect(hetzner.store.get('servers', id)?.twin.disk).toBe(1);
  });

  it('have a rescue system for one boot, with a password and keys', async () => {
    const { id } = await hetzner.server('one');
    expect(await refused(id, 'enable_rescue', { ssh_keys: ['nobody'] })).toBe('422 invalid_input ssh_keys');
    expect(await refused(id, 'enable_rescue', { type: 'freebsd64' })).toBe('422 invalid_input type');
    const enabled = await act<{ root_password: string }>(id, 'enable_rescue', { type: 'linux64' });
    expect(enabled.root_password).toMatch(/^.{12,}$/);
    expect(await shown(id)).toMatchObject({ rescue_enabled: true });
    await act(id, 'disable_rescue');
    expect(await shown(id)).toMatchObject({ rescue_enabled: false });
    await act(id, 'enable_rescue');
    await act(id, 'reset');
    expect(await shown(id)).toMatchObject({ rescue_enabled: false });
  });

  it('tell a new root password and a console while they run', async () => {
    const { id } = await hetzner.server('one');
    expect(await act(id, 'reset_password')).toMatchObject({ root_password: expect.any(String) });
    expect(await act(id, 'request_console')).toMatchObject({
      wss_url: expect.stringMatching(/^wss:/),
      password: expect.any(String),
    });
    await act(id, 'poweroff');
    expect(await refused(id, 'reset_password')).toBe('422 service_error');
    expect(await refused(id, 'request_console')).toBe('422 service_error');
  });

  it('take an ISO that exists, and have backups in a window of hours', async () => {
    const { id } = await hetzner.server('one');
    const { body } = await hetzner.call<{ isos: { id: number; name: string }[] }>('GET', '/isos');
    expect(await refused(id, 'attach_iso', { iso: 'nothing.iso' })).toBe('422 invalid_input iso');
    await act(id, 'attach_iso', { iso: body.isos[0]?.name });
    expect(await shown(id)).toMatchObject({ iso: { id: body.isos[0]?.id } });
    await act(id, 'detach_iso');
    await act(id, 'enable_backup');
    expect(await shown(id)).toMatchObject({ iso: null, backup_window: '22-02' });
    await act(id, 'disable_backup');
    expect(await shown(id)).toMatchObject({ backup_window: null });
  });

  it('join a placement group while they are off, one at most, and leave it', async () => {
    const group = async (name: string) =>
      (
        await hetzner.done<{ placement_group: { id: number } }>('POST', '/placement_groups', {
          name,
          type: 'spread',
        })
      ).placement_group.id;
    const [placement_group, other] = [await group('one'), await group('other')];
    const { id } = await hetzner.server('one');
    expect(await refused(id, 'remove_from_placement_group')).toBe('422 invalid_input placement_group');
    expect(await refused(id, 'add_to_placement_group', { placement_group })).toBe('422 server_not_stopped');
    await act(id, 'poweroff');
    expect(await refused(id, 'add_to_placement_group', { placement_group: 4711 })).toBe(
      '422 invalid_input placement_group',
    );
    await act(id, 'add_to_placement_group', { placement_group });
    expect(await shown(id)).toMatchObject({ placement_group: { id: placement_group, servers: [id] } });
    expect(await refused(id, 'add_to_placement_group', { placement_group: other })).toBe(
      '422 already_in_placement_group',
    );
    await act(id, 'remove_from_placement_group');
    expect(await shown(id)).toMatchObject({ placement_group: null });
  });

  it('are in three networks at most that do not overlap, each once, with aliases of their own', async () => {
    const { id } = await hetzner.server('one');
    const [network, overlapping, empty] = [
      await privateNetwork(),
      await privateNetwork('overlapping', '10.0.0.0/16'),
      (
        await hetzner.done<{ network: { id: number } }>('POST', '/networks', {
          name: 'empty',
          ip_range: '10.9.0.0/16',
        })
      ).network.id,
    ];
    await act(id, 'attach_to_network', { network, alias_ips: ['10.0.0.10'] });
    expect(await refused(id, 'attach_to_network', { network })).toBe('422 server_already_attached');
    expect(await refused(id, 'attach_to_network', { network: overlapping })).toBe('422 networks_overlap');
    expect(await refused(id, 'attach_to_network', { network: empty })).toBe('422 no_subnet_available');
    expect(await refused(id, 'change_alias_ips', { network: empty, alias_ips: [] })).toBe(
      '422 invalid_input network',
    );
    const aliases = (alias_ips: string[]) => refused(id, 'change_alias_ips', { network, alias_ips });
    expect(await aliases(['10.0.0.11', '10.0.0.11'])).toBe('422 invalid_input alias_ips');
    expect(await aliases(['10.0.9.1'])).toBe('422 invalid_input alias_ips');
    expect(await aliases(Array.from({ length: 6 }, (_, index) => `10.0.0.${20 + index}`))).toBe(
      '403 resource_limit_exceeded server_alias_ips',
    );
    await act(id, 'change_alias_ips', { network, alias_ips: ['10.0.0.11'] });
    expect(hetzner.store.get('servers', id)?.private_net).toMatchObject([{ alias_ips: ['10.0.0.11'] }]);
    hetzner.project.rules.set({ 'limits.server_networks': '1' });
    const far = await privateNetwork('far', '10.5.0.0/16');
    expect(await refused(id, 'attach_to_network', { network: far })).toBe(
      '403 resource_limit_exceeded server_networks',
    );
    await act(id, 'detach_from_network', { network });
    expect(await refused(id, 'detach_from_network', { network })).toBe('422 invalid_input network');
  });

  it('have pointers for their own addresses only', async () => {
    const { id } = await hetzner.server('one', { public_net: { enable_ipv6: false } });
    const [address] = hetzner.store.all('primary_ips');
    await act(id, 'change_dns_ptr', { ip: address?.ip, dns_ptr: 'www.example.com' });
    expect(await shown(id)).toMatchObject({ public_net: { ipv4: { dns_ptr: 'www.example.com' } } });
    expect(await refused(id, 'change_dns_ptr', { ip: '2001:db8::1', dns_ptr: null })).toBe(
      '422 invalid_input ip',
    );
    expect(await refused(id, 'change_dns_ptr', { ip: '192.0.2.1', dns_ptr: null })).toBe(
      '422 invalid_input ip',
    );
  });

  it('have series of metrics, all of them zero', async () => {
    const { id } = await hetzner.server('one');
    const times = 'start=2026-11-25T10:00:00Z&end=2026-11-25T11:00:00Z&step=60';
    const { body } = await hetzner.call<{ metrics: { time_series: Record<string, object> } }>(
      'GET',
      `/servers/${id}/metrics?type=cpu,network&${times}`,
    );
    expect(Object.keys(body.metrics.time_series)).toEqual([
      'cpu',
      'network.0.pps.in',
      'network.0.pps.out',
      'network.0.bandwidth.in',
      'network.0.bandwidth.out',
    ]);
    expect((await hetzner.call('GET', `/servers/${id}/metrics?type=heat&${times}`)).status).toBe(422);
  });

  it('take their automatic addresses with them, and leave everything else behind', async () => {
    const network = await privateNetwork();
    const { id } = await hetzner.server('one', { networks: [network] });
    expect(hetzner.store.all('primary_ips')).toHaveLength(2);
    const { action } = await hetzner.done<{ action: ShownAction }>('DELETE', `/servers/${id}`);
    expect(action.command).toBe('delete_server');
    expect(hetzner.store.all('primary_ips')).toEqual([]);
    expect(hetzner.store.get('networks', network)?.servers).toEqual([]);
  });
});
