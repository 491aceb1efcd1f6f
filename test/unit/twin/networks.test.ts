import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WantedNetwork } from '../../../twin/engines/engine.ts';
import { LocalHetzner, type Refusal } from './local-hetzner.ts';

interface ShownNetwork {
  readonly id: number;
  readonly name: string;
  readonly ip_range: string;
  readonly subnets: readonly { readonly type: string; readonly ip_range: string; readonly gateway: string }[];
  readonly routes: readonly { readonly destination: string; readonly gateway: string }[];
  readonly servers: readonly number[];
  readonly load_balancers: readonly number[];
}

describe('networks of the local Hetzner', () => {
  let hetzner: LocalHetzner;
  let given: WantedNetwork[];
  beforeEach(() => {
    given = [];
    hetzner = new LocalHetzner({
      putNetwork: async (wanted) => {
        given.push(wanted);
      },
    });
  });
  afterEach(() => hetzner.remove());

  const cloud = (ip_range?: string) => ({
    type: 'cloud',
    network_zone: 'eu-central',
    ...(ip_range ? { ip_range } : {}),
  });
  const vswitch = (ip_range: string, vswitch_id?: number) => ({
    type: 'vswitch',
    network_zone: 'eu-central',
    ip_range,
    ...(vswitch_id ? { vswitch_id } : {}),
  });
  const network = async (more: object = {}): Promise<ShownNetwork> =>
    (
      await hetzner.done<{ network: ShownNetwork }>('POST', '/networks', {
        name: 'private',
        ip_range: '10.0.0.0/16',
        ...more,
      })
    ).network;
  const shown = async (id: number) =>
    (await hetzner.call<{ network: ShownNetwork }>('GET', `/networks/${id}`)).body.network;
  const act = (id: number, action: string, payload: object = {}) =>
    hetzner.done<{ action: { command: string; resources: object[] } }>(
      'POST',
      `/networks/${id}/actions/${action}`,
      payload,
    );
  const refusal = ({ status, body }: { status: number; body: Refusal }) => {
    const { code, message, details } = body.error;
    const fields = (details as { fields?: { name: string }[] } | null)?.fields?.map(({ name }) => name);
    return { status, code, message, ...(fields ? { fields } : {}) };
  };
  const refused = async (id: number, action: string, payload: object) =>
    refusal(await hetzner.call('POST', `/networks/${id}/actions/${action}`, payload));
  const notCreated = async (payload: object) => refusal(await hetzner.call('POST', '/networks', payload));

  it('are created empty, unprotected and without exposing routes', async () => {
    const made = await network({ labels: { key: 'value' } });
    expect(made).toEqual({
      id: expect.any(Number),
      name: 'private',
      ip_range: '10.0.0.0/16',
      subnets: [],
      routes: [],
      servers: [],
      load_balancers: [],
      protection: { delete: false },
      labels: { key: 'value' },
      created: expect.any(String),
      expose_routes_to_vswitch: false,
    });
    expect(given).toEqual([{ id: made.id, ipRange: '10.0.0.0/16', routes: [] }]);
  });

  it('are created whole, with subnets and routes, or not at all', async () => {
    const made = await network({
      subnets: [cloud('10.0.1.0/24'), cloud()],
      routes: [{ destination: '10.100.0.0/16', gateway: '10.0.1.2' }],
      expose_routes_to_vswitch: true,
    });
    expect(made.subnets).toEqual([
      {
        type: 'cloud',
        ip_range: '10.0.1.0/24',
        network_zone: 'eu-central',
        gateway: '10.0.0.1',
        vswitch_id: null,
      },
      {
        type: 'cloud',
        ip_range: '10.0.0.0/24',
        network_zone: 'eu-central',
        gateway: '10.0.0.1',
        vswitch_id: null,
      },
    ]);
    expect(made.routes).toEqual([{ destination: '10.100.0.0/16', gateway: '10.0.1.2' }]);
    const wanted = {
      name: 'other',
      ip_range: '10.0.0.0/16',
      subnets: [cloud('10.0.1.0/24'), cloud('10.0.1.0/25')],
    };
    expect(await notCreated(wanted)).toMatchObject({ code: 'invalid_input', fields: ['subnets.1.ip_range'] });
    const routed = { ...wanted, subnets: [], routes: [{ destination: '10.9.0.0/24', gateway: '10.0.0.1' }] };
    expect(await notCreated(routed)).toMatchObject({ code: 'invalid_input', fields: ['routes.0.gateway'] });
    expect(hetzner.store.count('networks')).toBe(1);
  });

  it.each([
    ['a public one', '8.8.0.0/16'],
    ['one that is too small', '10.0.0.0/25'],
    ['one with host bits', '10.0.0.1/16'],
    ['one that reaches beyond the private ones', '10.0.0.0/7'],
    ['one of IPv6', 'fd00::/48'],
    ['none', 'net'],
  ])('do not take %s as their range', async (_, ip_range) => {
    expect(await notCreated({ name: 'private', ip_range })).toMatchObject({
      status: 422,
      code: 'invalid_input',
      fields: ['ip_range'],
    });
  });

  it('have names of their own, and no more of them than the project may have', async () => {
    await network();
    expect(await notCreated({ name: 'private', ip_range: '10.1.0.0/16' })).toMatchObject({
      status: 409,
      code: 'uniqueness_error',
    });
    hetzner.project.rules.set({ 'limits.networks': '1' });
    expect(await notCreated({ name: 'other', ip_range: '10.1.0.0/16' })).toMatchObject({
      status: 403,
      code: 'resource_limit_exceeded',
    });
  });

  it('are renamed, relabelled, and told to expose routes; found by name and label', async () => {
    const { id } = await network();
    await hetzner.done('PUT', `/networks/${id}`, { name: 'renamed' });
    await hetzner.done('PUT', `/networks/${id}`, { labels: { env: 'dev' }, expose_routes_to_vswitch: true });
    expect(await shown(id)).toMatchObject({
      name: 'renamed',
      labels: { env: 'dev' },
      expose_routes_to_vswitch: true,
    });
    const found = async (query: string) =>
      (await hetzner.call<{ networks: ShownNetwork[] }>('GET', `/networks?${query}`)).body.networks.length;
    expect(await Promise.all(['name=renamed', 'name=private', 'label_selector=env=dev'].map(found))).toEqual([
      1, 0, 1,
    ]);
  });

  it('do one thing at a time: another write is a conflict', async () => {
    const { id } = await network();
    hetzner.project.rules.set({ speed: '20' });
    await hetzner.call('POST', `/networks/${id}/actions/add_subnet`, cloud('10.0.1.0/24'));
    const writes = [
      ['POST', '/actions/add_subnet', cloud('10.0.2.0/24')],
      ['POST', '/actions/add_route', { destination: '10.9.0.0/24', gateway: '10.0.1.2' }],
      ['POST', '/actions/change_ip_range', { ip_range: '10.0.0.0/8' }],
      ['POST', '/actions/change_protection', { delete: true }],
      ['PUT', '', { name: 'renamed' }],
      ['DELETE', '', {}],
    ] as const;
    for (const [method, path, payload] of writes)
      expect(refusal(await hetzner.call(method, `/networks/${id}${path}`, payload)), path).toMatchObject({
        status: 409,
        code: 'conflict',
      });
    await hetzner.project.actions.idle();
    await act(id, 'add_subnet', cloud('10.0.2.0/24'));
  });

  it('are deleted unless protected, and let go of servers and load balancers', async () => {
    const { id } = await network({ subnets: [cloud('10.0.1.0/24')] });
    const server = await hetzner.server('one', { networks: [id] });
    const { load_balancer } = await hetzner.done<{ load_balancer: { id: number } }>(
      'POST',
      '/load_balancers',
      {
        name: 'lb',
        load_balancer_type: 'lb11',
        location: 'fsn1',
        network: id,
      },
    );
    expect(await shown(id)).toMatchObject({ servers: [server.id], load_balancers: [load_balancer.id] });
    await act(id, 'change_protection', { delete: true });
    expect(refusal(await hetzner.call('DELETE', `/networks/${id}`))).toEqual({
      status: 423,
      code: 'protected',
      message: 'network is delete protected',
    });
    await act(id, 'change_protection', { delete: false });
    expect((await hetzner.call('DELETE', `/networks/${id}`)).status).toBe(204);
    expect(hetzner.store.get('servers', server.id)?.private_net).toEqual([]);
    expect(hetzner.store.get('load_balancers', load_balancer.id)?.private_net).toEqual([]);
    expect((await hetzner.call('GET', `/networks/${id}`)).status).toBe(404);
  });

  it('list who is in them, with the subnet and whether an action runs', async () => {
    const { id } = await network({ subnets: [cloud('10.0.1.0/24')] });
    const server = await hetzner.server('one', { networks: [id] });
    const { body } = await hetzner.call<{ members: object[] }>('GET', `/networks/${id}/members`);
    expect(body.members).toEqual([
      { id: server.id, type: 'server', ip: '10.0.1.1', alias_ips: [], subnet: '10.0.1.0/24', status: 'ok' },
    ]);
  });

  it('grow at their end only', async () => {
    const { id } = await network();
    for (const ip_range of ['10.0.0.0/17', '10.1.0.0/15', '11.0.0.0/8', '10.0.0.0/7', 'all'])
      expect(await refused(id, 'change_ip_range', { ip_range }), ip_range).toMatchObject({
        code: 'invalid_input',
        fields: ['ip_range'],
      });
    await act(id, 'change_ip_range', { ip_range: '10.0.0.0/8' });
    expect((await shown(id)).ip_range).toBe('10.0.0.0/8');
    expect(given.at(-1)).toEqual({ id, ipRange: '10.0.0.0/8', routes: [] });
  });

  it('do not grow into another network of one of their servers', async () => {
    const { id } = await network({ subnets: [cloud('10.0.1.0/24')] });
    const other = await network({ name: 'other', ip_range: '10.1.0.0/16', subnets: [cloud('10.1.1.0/24')] });
    await hetzner.server('one', { networks: [id, other.id] });
    expect(await refused(id, 'change_ip_range', { ip_range: '10.0.0.0/15' })).toMatchObject({
      status: 422,
      code: 'networks_overlap',
    });
    await act(id, 'change_ip_range', { ip_range: '10.0.0.0/16' });
  });

  it('have a list of their actions', async () => {
    const { id } = await network();
    const { action } = await act(id, 'add_subnet', cloud());
    expect(action).toMatchObject({
      command: 'add_subnet',
      status: 'running',
      resources: [{ id, type: 'network' }],
    });
    const { body } = await hetzner.call<{ actions: { command: string; status: string }[] }>(
      'GET',
      `/networks/${id}/actions`,
    );
    expect(body.actions).toMatchObject([{ command: 'add_subnet', status: 'success' }]);
  });

  describe('subnets', () => {
    it('take the first /24 that is free when they name no range', async () => {
      const { id } = await network({ ip_range: '10.0.0.0/22' });
      await act(id, 'add_route', { destination: '10.0.1.0/24', gateway: '10.0.3.7' });
      await act(id, 'add_subnet', cloud());
      await act(id, 'add_subnet', { ...cloud(), ip_range: null });
      expect((await shown(id)).subnets.map(({ ip_range }) => ip_range)).toEqual([
        '10.0.0.0/24',
        '10.0.2.0/24',
      ]);
      await act(id, 'add_subnet', cloud());
      expect(await refused(id, 'add_subnet', cloud())).toMatchObject({ code: 'no_subnet_available' });
    });

    it.each([
      ['reaches beyond the network', '10.1.0.0/24'],
      ['is larger than the network', '10.0.0.0/15'],
      ['is smaller than /30', '10.0.9.0/31'],
      ['has host bits', '10.0.9.1/24'],
      ['overlaps another', '10.0.1.128/25'],
      ['overlaps the destination of a route', '10.0.5.0/25'],
      ['is no range', 'first'],
    ])('are refused when one %s', async (_, range) => {
      const { id } = await network({
        subnets: [cloud('10.0.1.0/24')],
        routes: [
          { destination: '10.0.5.0/24', gateway: '10.0.1.2' },
          { destination: '0.0.0.0/0', gateway: '10.0.1.2' },
        ],
      });
      expect(await refused(id, 'add_subnet', cloud(range))).toMatchObject({
        status: 422,
        code: 'invalid_input',
        fields: ['ip_range'],
      });
    });

    it('are all in one zone that exists', async () => {
      const { id } = await network({
        subnets: [{ type: 'server', network_zone: 'us-east', ip_range: '10.0.1.0/24' }],
      });
      expect(await refused(id, 'add_subnet', cloud('10.0.2.0/24'))).toMatchObject({
        fields: ['network_zone'],
      });
      const mars = { type: 'cloud', network_zone: 'mars', ip_range: '10.0.2.0/24' };
      expect(await refused(id, 'add_subnet', mars)).toMatchObject({ fields: ['network_zone'] });
      expect(await refused(id, 'add_subnet', { ...mars, type: 'switch' })).toMatchObject({
        fields: ['type'],
      });
    });

    it('of type vswitch have a vSwitch and a gateway of their own', async () => {
      const { id } = await network({ subnets: [cloud('10.0.0.0/24')] });
      await act(id, 'add_subnet', vswitch('10.0.1.0/24', 4321));
      expect((await shown(id)).subnets[1]).toEqual({
        type: 'vswitch',
        ip_range: '10.0.1.0/24',
        network_zone: 'eu-central',
        gateway: '10.0.1.1',
        vswitch_id: 4321,
      });
    });

    it('couple each vSwitch once, only in eu-central, and only one that there is', async () => {
      const { id } = await network();
      expect(await refused(id, 'add_subnet', vswitch('10.0.1.0/24'))).toMatchObject({
        fields: ['vswitch_id'],
      });
      expect(await refused(id, 'add_subnet', { ...cloud('10.0.1.0/24'), vswitch_id: 7 })).toMatchObject({
        fields: ['vswitch_id'],
      });
      const american = { ...vswitch('10.0.1.0/24', 7), network_zone: 'us-east' };
      expect(await refused(id, 'add_subnet', american)).toMatchObject({ fields: ['network_zone'] });
      await act(id, 'add_subnet', vswitch('10.0.1.0/24', 7));
      const other = await network({ name: 'other' });
      for (const where of [id, other.id])
        expect(await refused(where, 'add_subnet', vswitch('10.0.2.0/24', 7))).toMatchObject({
          status: 422,
          code: 'vswitch_id_already_used',
        });
      hetzner.project.rules.set({ 'robot.vswitches': '7,8' });
      expect(await refused(id, 'add_subnet', vswitch('10.0.2.0/24', 42))).toEqual({
        status: 422,
        code: 'service_error',
        message: 'vswitch not found',
      });
      await act(id, 'add_subnet', vswitch('10.0.2.0/24', 8));
      await act(id, 'delete_subnet', { ip_range: '10.0.1.0/24' });
      await act(other.id, 'add_subnet', vswitch('10.0.2.0/24', 7));
    });

    it('that couple a vSwitch are not for servers of the cloud', async () => {
      const { id } = await network({ subnets: [vswitch('10.0.1.0/24', 7)] });
      const server = await hetzner.server('one');
      const answer = await hetzner.call('POST', `/servers/${server.id}/actions/attach_to_network`, {
        network: id,
      });
      expect(refusal(answer)).toMatchObject({ status: 422, code: 'no_subnet_available' });
    });

    it('never give away the first address of the network, nor 172.31.1.1', async () => {
      const { id } = await network({ ip_range: '172.31.1.0/24', subnets: [cloud('172.31.1.0/29')] });
      const one = await hetzner.server('one', { networks: [id] });
      expect(hetzner.store.get('servers', one.id)?.private_net[0]?.ip).toBe('172.31.1.2');
      const two = await hetzner.server('two');
      const wanted = { network: id, ip: '172.31.1.1' };
      const answer = await hetzner.call('POST', `/servers/${two.id}/actions/attach_to_network`, wanted);
      expect(refusal(answer)).toMatchObject({ status: 422, code: 'ip_not_available' });
      const wide = await network({
        name: 'wide',
        ip_range: '172.16.0.0/12',
        subnets: [cloud('172.31.0.0/16')],
      });
      const high = { network: wide.id, ip: '172.31.1.1' };
      expect(
        refusal(await hetzner.call('POST', `/servers/${two.id}/actions/attach_to_network`, high)),
      ).toMatchObject({ code: 'ip_not_available' });
    });

    it('stay as long as someone has an address of them, even an alias', async () => {
      const { id } = await network({ subnets: [cloud('10.0.1.0/24'), cloud('10.0.2.0/24')] });
      const server = await hetzner.server('one');
      await hetzner.done('POST', `/servers/${server.id}/actions/attach_to_network`, {
        network: id,
        ip: '10.0.1.5',
        alias_ips: ['10.0.2.5'],
      });
      for (const ip_range of ['10.0.1.0/24', '10.0.2.0/24'])
        expect(await refused(id, 'delete_subnet', { ip_range })).toEqual({
          status: 422,
          code: 'service_error',
          message: 'cannot remove subnet because servers are attached to it',
        });
      expect(await refused(id, 'delete_subnet', { ip_range: '10.0.3.0/24' })).toMatchObject({
        status: 404,
        code: 'not_found',
      });
      await hetzner.done('POST', `/servers/${server.id}/actions/detach_from_network`, { network: id });
      await hetzner.done('POST', '/load_balancers', {
        name: 'lb',
        load_balancer_type: 'lb11',
        location: 'fsn1',
        network: id,
      });
      expect(await refused(id, 'delete_subnet', { ip_range: '10.0.2.0/24' })).toMatchObject({
        code: 'service_error',
        message: expect.stringContaining('network has attached resources'),
      });
      await act(id, 'delete_subnet', { ip_range: '10.0.1.0/24' });
    });

    it('are no more than a network may have', async () => {
      const { id } = await network({ subnets: [cloud()] });
      hetzner.project.rules.set({ 'limits.network_subnets': '1' });
      expect(await refused(id, 'add_subnet', cloud())).toMatchObject({
        status: 403,
        code: 'resource_limit_exceeded',
      });
    });
  });

  describe('routes', () => {
    const withRoutes = () =>
      network({
        subnets: [cloud('10.0.1.0/24'), vswitch('10.0.9.0/24', 7)],
        routes: [{ destination: '10.100.0.0/16', gateway: '10.0.1.2' }],
      });

    it('are added and deleted by destination and gateway, and the engine hears of them', async () => {
      const { id } = await withRoutes();
      await act(id, 'add_route', { destination: '0.0.0.0/0', gateway: '10.0.200.3' });
      const all = [
        { destination: '10.100.0.0/16', gateway: '10.0.1.2' },
        { destination: '0.0.0.0/0', gateway: '10.0.200.3' },
      ];
      expect((await shown(id)).routes).toEqual(all);
      expect(given.at(-1)?.routes).toEqual(all);
      expect(
        await refused(id, 'delete_route', { destination: '0.0.0.0/0', gateway: '10.0.1.2' }),
      ).toMatchObject({ status: 404, code: 'not_found' });
      await act(id, 'delete_route', { destination: '0.0.0.0/0', gateway: '10.0.200.3' });
      expect(given.at(-1)?.routes).toEqual(all.slice(0, 1));
    });

    it.each([
      ['the first address of the network', '10.0.0.1'],
      ['172.31.1.1', '172.31.1.1'],
      ['an address behind a vSwitch', '10.0.9.7'],
      ['an address outside the network', '10.1.0.1'],
      ['no address', 'server'],
    ])('do not lead by %s', async (_, gateway) => {
      const { id } = await withRoutes();
      expect(await refused(id, 'add_route', { destination: '10.101.0.0/16', gateway })).toEqual({
        status: 422,
        code: 'invalid_input',
        message: 'invalid gateway',
        fields: ['gateway'],
      });
    });

    it.each([
      ['in a subnet', '10.0.1.128/25'],
      ['around a subnet', '10.0.0.0/16'],
      ['of another route', '10.100.0.0/16'],
      ['in that of another route', '10.100.7.0/24'],
    ])('do not have a destination %s', async (_, destination) => {
      const { id } = await withRoutes();
      expect(await refused(id, 'add_route', { destination, gateway: '10.0.1.3' })).toEqual({
        status: 422,
        code: 'invalid_input',
        message: 'network route destination overlaps with another subnetwork or network route',
        fields: ['destination'],
      });
    });

    it.each([
      ['the public gateway of servers', '172.31.1.0/24'],
      ['public addresses', '8.8.8.0/24'],
      ['host bits', '10.101.0.1/24'],
      ['nothing', ''],
    ])('do not lead to %s', async (_, destination) => {
      const { id } = await withRoutes();
      expect(await refused(id, 'add_route', { destination, gateway: '10.0.1.3' })).toMatchObject({
        status: 422,
        code: 'invalid_input',
        fields: ['destination'],
      });
    });

    it('to everywhere stand in nobody’s way, and there is one of them', async () => {
      const { id } = await network({ routes: [{ destination: '0.0.0.0/0', gateway: '10.0.1.2' }] });
      await act(id, 'add_subnet', cloud('10.0.1.0/24'));
      await act(id, 'add_route', { destination: '10.100.0.0/16', gateway: '10.0.1.2' });
      expect(await refused(id, 'add_route', { destination: '0.0.0.0/0', gateway: '10.0.1.3' })).toMatchObject(
        { code: 'invalid_input', fields: ['destination'] },
      );
    });

    it('are no more than a network may have', async () => {
      const { id } = await withRoutes();
      hetzner.project.rules.set({ 'limits.network_routes': '1' });
      expect(
        await refused(id, 'add_route', { destination: '10.101.0.0/16', gateway: '10.0.1.3' }),
      ).toMatchObject({ status: 403, code: 'resource_limit_exceeded' });
    });
  });
});
