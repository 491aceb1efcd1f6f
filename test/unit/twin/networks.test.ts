import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cloud, NetworkedHetzner, refusal, type ShownNetwork } from './networked.ts';

describe('networks of the local Hetzner', () => {
  let hetzner: NetworkedHetzner;
  beforeEach(() => {
    hetzner = new NetworkedHetzner();
  });
  afterEach(() => hetzner.remove());

  it('are created empty, unprotected and without exposing routes', async () => {
    const made = await hetzner.network({ labels: { key: 'value' } });
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
    expect(hetzner.given).toEqual([{ id: made.id, ipRange: '10.0.0.0/16', routes: [] }]);
  });

  it('are created whole, with subnets and routes, or not at all', async () => {
    const made = await hetzner.network({
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
    expect(await hetzner.notCreated(wanted)).toMatchObject({
      code: 'invalid_input',
      fields: ['subnets.1.ip_range'],
    });
    const routed = { ...wanted, subnets: [], routes: [{ destination: '10.9.0.0/24', gateway: '10.0.0.1' }] };
    expect(await hetzner.notCreated(routed)).toMatchObject({
      code: 'invalid_input',
      fields: ['routes.0.gateway'],
    });
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
    expect(await hetzner.notCreated({ name: 'private', ip_range })).toMatchObject({
      status: 422,
      code: 'invalid_input',
      fields: ['ip_range'],
    });
  });

  it('have names of their own, and no more of them than the project may have', async () => {
    await hetzner.network();
    expect(await hetzner.notCreated({ name: 'private', ip_range: '10.1.0.0/16' })).toMatchObject({
      status: 409,
      code: 'uniqueness_error',
    });
    hetzner.project.rules.set({ 'limits.networks': '1' });
    expect(await hetzner.notCreated({ name: 'other', ip_range: '10.1.0.0/16' })).toMatchObject({
      status: 403,
      code: 'resource_limit_exceeded',
    });
  });

  it('are renamed, relabelled, and told to expose routes; found by name and label', async () => {
    const { id } = await hetzner.network();
    await hetzner.done('PUT', `/networks/${id}`, { name: 'renamed' });
    await hetzner.done('PUT', `/networks/${id}`, { labels: { env: 'dev' }, expose_routes_to_vswitch: true });
    expect(await hetzner.shown(id)).toMatchObject({
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
    const { id } = await hetzner.network();
    hetzner.project.faults.arm('action_never_ends', null, 'add_subnet');
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
    hetzner.project.faults.disarm();
    await hetzner.project.actions.idle();
    await hetzner.act(id, 'add_subnet', cloud('10.0.2.0/24'));
  });

  it('are deleted unless protected, and let go of servers and load balancers', async () => {
    const { id } = await hetzner.network({ subnets: [cloud('10.0.1.0/24')] });
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
    expect(await hetzner.shown(id)).toMatchObject({
      servers: [server.id],
      load_balancers: [load_balancer.id],
    });
    await hetzner.act(id, 'change_protection', { delete: true });
    expect(refusal(await hetzner.call('DELETE', `/networks/${id}`))).toEqual({
      status: 423,
      code: 'protected',
      message: 'network is delete protected',
    });
    await hetzner.act(id, 'change_protection', { delete: false });
    expect((await hetzner.call('DELETE', `/networks/${id}`)).status).toBe(204);
    expect(hetzner.store.get('servers', server.id)?.private_net).toEqual([]);
    expect(hetzner.store.get('load_balancers', load_balancer.id)?.private_net).toEqual([]);
    expect((await hetzner.call('GET', `/networks/${id}`)).status).toBe(404);
  });

  it('grow at their end only', async () => {
    const { id } = await hetzner.network();
    for (const ip_range of ['10.0.0.0/17', '10.1.0.0/15', '11.0.0.0/8', '10.0.0.0/7', 'all'])
      expect(await hetzner.refusedAct(id, 'change_ip_range', { ip_range }), ip_range).toMatchObject({
        code: 'invalid_input',
        fields: ['ip_range'],
      });
    await hetzner.act(id, 'change_ip_range', { ip_range: '10.0.0.0/8' });
    expect((await hetzner.shown(id)).ip_range).toBe('10.0.0.0/8');
    expect(hetzner.given.at(-1)).toEqual({ id, ipRange: '10.0.0.0/8', routes: [] });
  });

  it('do not grow into another network of one of their servers', async () => {
    const { id } = await hetzner.network({ subnets: [cloud('10.0.1.0/24')] });
    const other = await hetzner.network({
      name: 'other',
      ip_range: '10.1.0.0/16',
      subnets: [cloud('10.1.1.0/24')],
    });
    await hetzner.server('one', { networks: [id, other.id] });
    expect(await hetzner.refusedAct(id, 'change_ip_range', { ip_range: '10.0.0.0/15' })).toMatchObject({
      status: 422,
      code: 'networks_overlap',
    });
    await hetzner.act(id, 'change_ip_range', { ip_range: '10.0.0.0/16' });
  });

  it('are not renamed to what another one is called, and may keep their name', async () => {
    const { id } = await hetzner.network();
    await hetzner.network({ name: 'other', ip_range: '10.1.0.0/16' });
    expect(refusal(await hetzner.call('PUT', `/networks/${id}`, { name: 'other' }))).toMatchObject({
      status: 409,
      code: 'uniqueness_error',
      fields: ['name'],
    });
    await hetzner.done('PUT', `/networks/${id}`, { name: 'private' });
  });

  it('that do not exist cannot be read, changed or deleted', async () => {
    for (const [method, path] of [
      ['GET', ''],
      ['PUT', ''],
      ['DELETE', ''],
      ['GET', '/actions'],
      ...['add_subnet', 'delete_subnet', 'add_route', 'delete_route'].map(
        (action) => ['POST', `/actions/${action}`] as const,
      ),
      ['POST', '/actions/change_ip_range'],
      ['POST', '/actions/change_protection'],
    ] as const)
      expect(refusal(await hetzner.call(method, `/networks/4711${path}`)), `${method} ${path}`).toMatchObject(
        {
          status: 404,
          code: 'not_found',
        },
      );
  });

  it('have actions, listed for each and for all, and read one by one', async () => {
    const { id } = await hetzner.network();
    const { id: other } = await hetzner.network({ name: 'other', ip_range: '10.1.0.0/16' });
    const { action } = await hetzner.act(id, 'add_subnet', cloud());
    await hetzner.act(other, 'add_subnet', cloud());
    expect(action).toMatchObject({
      command: 'add_subnet',
      status: 'running',
      resources: [{ id, type: 'network' }],
    });
    const commands = async (path: string) =>
      (await hetzner.call<{ actions: { command: string }[] }>('GET', path)).body.actions.map(
        ({ command }) => command,
      );
    expect(await commands(`/networks/${id}/actions`)).toEqual(['add_subnet']);
    expect(await commands('/networks/actions')).toEqual(['add_subnet', 'add_subnet']);
    for (const path of [`/networks/${id}/actions/${action.id}`, `/networks/actions/${action.id}`])
      expect((await hetzner.call<{ action: object }>('GET', path)).body.action).toMatchObject({
        id: action.id,
        status: 'success',
      });
    const strange = await hetzner.call('GET', `/networks/${other}/actions/${action.id}`);
    expect(refusal(strange)).toMatchObject({ status: 404, code: 'not_found' });
  });
});
