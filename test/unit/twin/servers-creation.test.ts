import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Created, PUBLIC_KEYS, ServingHetzner } from './serving-hetzner.ts';

const WANTED = { name: 'one', server_type: 'cpx22', image: 'debian-12', location: 'fsn1' };

describe('new servers of the local Hetzner', () => {
  let hetzner: ServingHetzner;
  beforeEach(() => {
    hetzner = new ServingHetzner();
  });
  afterEach(() => hetzner.remove());

  const create = async (more: object = {}) => {
    const { status, body } = await hetzner.call<Created>('POST', '/servers', { ...WANTED, ...more });
    expect(status, JSON.stringify(body)).toBe(201);
    return body;
  };
  const refused = (more: object) => hetzner.refused('POST', '/servers', { ...WANTED, ...more });
  const primaryIp = (name: string, type: string, location = 'fsn1') =>
    hetzner.made('/primary_ips', 'primary_ip', { name, type, location });

  it('are made and then started, by two actions, and are locked until both have ended', async () => {
    const { server, action, next_actions } = await create();
    expect(server).toMatchObject({ status: 'initializing', locked: true });
    const resources = [{ id: server.id, type: 'server' }];
    expect(action).toMatchObject({ command: 'create_server', status: 'running', resources });
    expect(next_actions).toMatchObject([{ command: 'start_server', status: 'running', resources }]);
    await hetzner.project.actions.idle();
    expect(await hetzner.shown(server.id)).toMatchObject({ status: 'running', locked: false });
  });

  it('tell a root password once, and none where a key was given by its name or id', async () => {
    const { root_password, server } = await create();
    expect(root_password).toMatch(/^\S{16,}$/);
    expect(await hetzner.shown(server.id)).not.toHaveProperty('root_password');
    const key = await hetzner.made('/ssh_keys', 'ssh_key', { name: 'mine', public_key: PUBLIC_KEYS[0] });
    for (const [index, ssh_key] of ['mine', key.id, String(key.id)].entries())
      expect((await create({ name: `s${index}`, ssh_keys: [ssh_key] })).root_password).toBeNull();
  });

  it('show everything that they refer to, written out', async () => {
    const { server } = await create({ labels: { env: 'dev' } });
    await hetzner.project.actions.idle();
    const { public_net, ...own } = await hetzner.shown(server.id);
    expect(own).toEqual({
      id: server.id,
      name: 'one',
      status: 'running',
      created: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      labels: { env: 'dev' },
      server_type: expect.objectContaining({
        name: 'cpx22',
        cores: 2,
        memory: 4,
        disk: 80,
        architecture: 'x86',
      }),
      location: expect.objectContaining({ name: 'fsn1', network_zone: 'eu-central' }),
      image: expect.objectContaining({ name: 'debian-12', type: 'system', os_flavor: 'debian' }),
      iso: null,
      rescue_enabled: false,
      locked: false,
      backup_window: null,
      ingoing_traffic: 0,
      outgoing_traffic: 0,
      included_traffic: 20 * 1024 ** 4,
      primary_disk_size: 80,
      protection: { delete: false, rebuild: false },
      private_net: [],
      volumes: [],
      load_balancers: [],
      placement_group: null,
    });
    const [a, b, c, d] = public_net.ipv4?.ip.split('.') ?? [];
    expect(public_net).toEqual({
      ipv4: {
        id: expect.any(Number),
        ip: expect.stringMatching(/^198\.18\./),
        blocked: false,
        dns_ptr: `static.${d}.${c}.${b}.${a}.clients.your-server.de`,
      },
      ipv6: { id: expect.any(Number), ip: expect.stringMatching(/::\/64$/), blocked: false, dns_ptr: [] },
      floating_ips: [],
      firewalls: [],
    });
  });

  it('have a data centre with the legacy switch only, and may be placed by it then, instead of by a location', async () => {
    const datacenter = 'nbg1-dc3';
    expect(await refused({ location: null, datacenter })).toBe('422 invalid_input datacenter');
    hetzner.project.rules.set({ 'legacy.datacenters': 'on' });
    expect(await refused({ datacenter })).toBe('422 invalid_input datacenter location');
    const { server } = await create({ location: null, datacenter });
    expect(server).toMatchObject({ location: { name: 'nbg1' }, datacenter: { name: datacenter } });
  });

  it('are created whole, with key, group, volume, network and firewall, or not at all', async () => {
    await hetzner.made('/ssh_keys', 'ssh_key', { name: 'mine', public_key: PUBLIC_KEYS[0] });
    const group = await hetzner.made('/placement_groups', 'placement_group', { name: 'g', type: 'spread' });
    const volume = await hetzner.made('/volumes', 'volume', { name: 'v', size: 10, location: 'fsn1' });
    const firewall = await hetzner.made('/firewalls', 'firewall', { name: 'f' });
    const network = await hetzner.network();
    const whole = {
      ssh_keys: ['mine'],
      placement_group: group.id,
      volumes: [volume.id],
      firewalls: [{ firewall: firewall.id }],
      networks: [network],
      user_data: '#cloud-config',
    };
    const before = hetzner.store.all('actions').length;
    for (const [wrong, field] of [
      [{ ssh_keys: ['mine', 'nobody'] }, 'ssh_keys'],
      [{ placement_group: 99_999 }, 'placement_group'],
      [{ volumes: [volume.id, 99_999] }, 'volumes'],
      [{ firewalls: [{ firewall: 99_999 }] }, 'firewalls'],
      [{ networks: [network, 99_999] }, 'network'],
    ] as const) {
      expect(await refused({ ...whole, ...wrong })).toBe(`422 invalid_input ${field}`);
      expect([hetzner.store.count('servers'), hetzner.store.count('primary_ips')]).toEqual([0, 0]);
    }
    expect(hetzner.store.all('actions').length).toBe(before);
    const { server, next_actions } = await create(whole);
    expect(next_actions.map(({ command }) => command)).toEqual(['attach_volume', 'start_server']);
    expect(server.public_net.firewalls).toEqual([{ id: firewall.id, status: 'pending' }]);
    await hetzner.project.actions.idle();
    expect(await hetzner.shown(server.id)).toMatchObject({
      placement_group: { id: group.id, servers: [server.id] },
      volumes: [volume.id],
      private_net: [
        { network, ip: '10.0.1.1', alias_ips: [], mac_address: expect.stringMatching(/^86:00:/) },
      ],
      public_net: { firewalls: [{ id: firewall.id, status: 'applied' }] },
    });
  });

  it.each([
    ['no host name', { name: 'under_score' }, 'name'],
    ['a name that ends with a dash', { name: 'one-' }, 'name'],
    ['a part of a name with 64 characters', { name: 'x'.repeat(64) }, 'name'],
    ['a type that does not exist', { server_type: 'cx1' }, 'server_type'],
    ['an image that does not exist', { image: 'plan9' }, 'image'],
    ['an image of another architecture', { image: '114690389' }, 'image'],
    ['a place that does not exist', { location: 'mars1' }, 'location'],
    ['user data of more than 32 KiB', { user_data: 'ä'.repeat(16_385) }, 'user_data'],
  ])('are refused with %s', async (_, wrong, field) => {
    expect(await refused(wrong)).toBe(`422 invalid_input ${field}`);
    expect(hetzner.store.all('actions')).toEqual([]);
  });

  it('are named by type, image and location, or by the ids of these', async () => {
    const { server } = await create({ server_type: 109, image: 114690387, location: 3 });
    expect([server.server_type.name, server.image?.name, server.location.name]).toEqual([
      'cpx22',
      'debian-12',
      'hel1',
    ]);
  });

  it('are of a type that is sold and in stock where they are wanted', async () => {
    const { body: abroad } = await hetzner.call('POST', '/servers', {
      ...WANTED,
      server_type: 'cx23',
      location: 'ash',
    });
    expect(abroad.error).toMatchObject({
      code: 'invalid_input',
      message: 'unsupported location for server type',
    });
    hetzner.project.rules.set({ 'stock.cpx22.fsn1': 'out', 'deprecation.cpx32': '2026-01-31' });
    const { status, body: none } = await hetzner.call('POST', '/servers', WANTED);
    expect([status, none.error]).toEqual([
      412,
      {
        code: 'resource_unavailable',
        message:
          'we are unable to provision servers for this location, try with a different location or try later',
        details: null,
      },
    ]);
    expect(await refused({ server_type: 'cpx32' })).toBe('422 invalid_input server_type');
    await create({ location: 'hel1' });
  });

  it('are where their addresses and volumes are, or else where their type can be had, when nobody says where', async () => {
    const anywhere = async (name: string, more: object = {}) =>
      (await create({ name, location: null, ...more })).server.location.name;
    expect(await anywhere('standard')).toBe('fsn1');
    const address = await primaryIp('a', 'ipv4', 'hel1');
    expect(await anywhere('addressed', { public_net: { ipv4: address.id } })).toBe('hel1');
    const volume = await hetzner.made('/volumes', 'volume', { name: 'v', size: 10, location: 'nbg1' });
    expect(await anywhere('with-disk', { volumes: [volume.id] })).toBe('nbg1');
    hetzner.project.rules.set({ 'stock.cpx22.fsn1': 'out' });
    expect(await anywhere('elsewhere')).toBe('nbg1');
  });

  it('are no more than the project may have, nor their addresses and dedicated cores', async () => {
    hetzner.project.rules.set({ 'limits.dedicated_vcpus': '3' });
    await create({ name: 'dedicated', server_type: 'ccx13' });
    expect(await refused({ server_type: 'ccx13' })).toBe('403 resource_limit_exceeded dedicated_vcpu_limit');
    hetzner.project.rules.set({ 'limits.primary_ips': '3' });
    const { status, body } = await hetzner.call('POST', '/servers', WANTED);
    expect([status, body.error]).toEqual([
      403,
      {
        code: 'resource_limit_exceeded',
        message: 'Primary IP limit exceeded',
        details: { limits: [{ name: 'primary_ip_limit' }] },
      },
    ]);
    hetzner.project.rules.set({ 'limits.servers': '1' });
    const { error } = (await hetzner.call('POST', '/servers', WANTED)).body;
    expect(error).toMatchObject({
      message: 'server limit exceeded',
      details: { limits: [{ name: 'server_limit' }] },
    });
    expect([hetzner.store.count('servers'), hetzner.store.count('primary_ips')]).toEqual([1, 2]);
  });

  it('take primary IPs that are free, of the right version, and where they are', async () => {
    const v4 = await primaryIp('a', 'ipv4');
    const v6 = await primaryIp('b', 'ipv6');
    const far = await primaryIp('c', 'ipv4', 'hel1');
    const mismatch = 'primary_ip_datacenter_mismatch';
    expect(await refused({ public_net: { ipv4: v6.id } })).toBe('412 primary_ip_version_mismatch');
    expect(await refused({ public_net: { ipv4: far.id } })).toBe(`422 ${mismatch}`);
    expect(await refused({ public_net: { ipv6: 99_999 } })).toBe('422 invalid_input public_net.ipv6');
    const { server } = await create({ public_net: { ipv4: v4.id, ipv6: v6.id } });
    expect(server.public_net).toMatchObject({ ipv4: { id: v4.id }, ipv6: { id: v6.id } });
    expect(hetzner.store.get('primary_ips', v4.id)).toMatchObject({
      assignee_id: server.id,
      assignee_type: 'server',
      auto_delete: false,
    });
    const taken = await hetzner.call('POST', '/servers', {
      ...WANTED,
      name: 'two',
      public_net: { ipv4: v4.id },
    });
    expect([taken.status, taken.body.error.code, taken.body.error.message]).toEqual([
      422,
      'primary_ip_assigned',
      'primary ip already assigned to another server',
    ]);
  });

  it('may have no public address, but start only with an interface', async () => {
    const closed = { enable_ipv4: false, enable_ipv6: false };
    expect(await refused({ public_net: closed })).toBe('422 invalid_input public_net');
    const { server, next_actions } = await create({ public_net: closed, start_after_create: false });
    expect(next_actions).toEqual([]);
    await hetzner.project.actions.idle();
    expect(await hetzner.shown(server.id)).toMatchObject({
      status: 'off',
      public_net: { ipv4: null, ipv6: null },
    });
    expect(await hetzner.refusedAct(server.id, 'poweron')).toBe('422 invalid_input id');
    await hetzner.act(server.id, 'attach_to_network', { network: await hetzner.network() });
    await hetzner.act(server.id, 'poweron');
    expect((await hetzner.shown(server.id)).status).toBe('running');
    const firewall = await hetzner.made('/firewalls', 'firewall', { name: 'f' });
    const unguarded = {
      name: 'two',
      public_net: closed,
      start_after_create: false,
      firewalls: [{ firewall: firewall.id }],
    };
    expect(await refused(unguarded)).toBe('422 private_net_only_server');
  });

  it('with volumes that are attached already, or lie elsewhere, are refused', async () => {
    const far = await hetzner.made('/volumes', 'volume', { name: 'far', size: 10, location: 'hel1' });
    const volume = await hetzner.made('/volumes', 'volume', { name: 'v', size: 10, location: 'fsn1' });
    await create({ volumes: [volume.id] });
    await hetzner.project.actions.idle();
    expect(await refused({ name: 'two', volumes: [volume.id] })).toBe('422 volume_already_attached');
    expect(await refused({ name: 'two', volumes: [far.id] })).toBe('422 invalid_input server');
  });
});
