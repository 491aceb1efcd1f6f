import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BalancedHetzner, type Balancer } from './balancer.ts';

describe('load balancers of the local Hetzner', () => {
  let hetzner: BalancedHetzner;
  beforeEach(() => {
    hetzner = new BalancedHetzner();
  });
  afterEach(() => hetzner.remove());

  const create = async (payload: object) => {
    const wanted = { name: 'web', load_balancer_type: 'lb11', location: 'fsn1', ...payload };
    const { status, body } = await hetzner.call('POST', '/load_balancers', wanted);
    return [status, body.error?.code];
  };
  const networkOf = async (id: number) =>
    (await hetzner.call<{ network: { load_balancers: number[] } }>('GET', `/networks/${id}`)).body.network;

  it('are placed by the id of a location as well as by its name', async () => {
    expect((await hetzner.balancer({ location: 3 })).location.name).toBe('hel1');
    expect(await create({ name: 'other', location: 99 })).toEqual([422, 'invalid_input']);
  });

  it('come in three types, with limits and prices', async () => {
    const { body } = await hetzner.call<{ load_balancer_types: Record<string, unknown>[] }>(
      'GET',
      '/load_balancer_types',
    );
    expect(
      body.load_balancer_types.map(({ name, max_services, max_targets }) => [
        name,
        max_services,
        max_targets,
      ]),
    ).toEqual([
      ['lb11', 5, 25],
      ['lb21', 15, 75],
      ['lb31', 30, 150],
    ]);
    const [lb11] = body.load_balancer_types;
    expect(lb11).toMatchObject({
      description: 'LB11',
      max_assigned_certificates: 10,
      deprecated: null,
      prices: expect.arrayContaining([
        expect.objectContaining({ location: 'fsn1', included_traffic: 20 * 1024 ** 4 }),
      ]),
    });
    const one = await hetzner.call<{ load_balancer_type: { name: string } }>('GET', '/load_balancer_types/3');
    expect(one.body.load_balancer_type.name).toBe('lb31');
    const { pricing } = (
      await hetzner.call<{ pricing: { load_balancer_types: object[] } }>('GET', '/pricing')
    ).body;
    expect(pricing.load_balancer_types).toMatchObject([{ name: 'lb11' }, { name: 'lb21' }, { name: 'lb31' }]);
  });

  it('are created with public addresses of their own, round robin and without protection', async () => {
    const { status, body } = await hetzner.call<{ load_balancer: Balancer; action: { id: number } }>(
      'POST',
      '/load_balancers',
      { name: 'web', load_balancer_type: 'lb11', network_zone: 'eu-central', labels: { env: 'prod' } },
    );
    expect(status).toBe(201);
    expect(body).toMatchObject({
      load_balancer: {
        name: 'web',
        labels: { env: 'prod' },
        location: { name: 'fsn1', network_zone: 'eu-central' },
        load_balancer_type: { name: 'lb11' },
        algorithm: { type: 'round_robin' },
        protection: { delete: false },
        private_net: [],
        services: [],
        targets: [],
        outgoing_traffic: 0,
        ingoing_traffic: 0,
        included_traffic: 20 * 1024 ** 4,
      },
      action: {
        command: 'create_load_balancer',
        status: 'running',
        resources: [{ id: body.load_balancer.id, type: 'load_balancer' }],
      },
    });
    const { public_net } = body.load_balancer;
    expect(public_net).toMatchObject({ enabled: true, ipv6: { dns_ptr: null } });
    expect(public_net.ipv4.ip).toMatch(/^198\.18\./);
    expect(public_net.ipv6.ip).toMatch(/^2001:db8:0:[0-9a-f]+::1$/);
    const [a, b, c, d] = public_net.ipv4.ip.split('.');
    expect(public_net.ipv4.dns_ptr).toBe(`static.${d}.${c}.${b}.${a}.clients.your-server.de`);
  });

  it('hold primary IPs for life: new ones that go with them, or those that were asked for', async () => {
    const addresses = async () =>
      (
        await hetzner.call<{
          primary_ips: { id: number; assignee_id: number | null; assignee_type: string }[];
        }>('GET', '/primary_ips')
      ).body.primary_ips;
    const primary = async (name: string, type: string, location: string) => {
      const wanted = { name, type, location, auto_delete: false };
      const made = await hetzner.done<{ primary_ip: { id: number } }>('POST', '/primary_ips', wanted);
      return made.primary_ip.id;
    };
    const kept = await primary('kept', 'ipv4', 'nbg1');
    const elsewhere = await primary('elsewhere', 'ipv6', 'hel1');
    const place = { location: undefined, network_zone: 'eu-central' };
    const { id, location, public_net } = await hetzner.balancer({ ...place, public_net: { ipv4: kept } });
    expect(location.name).toBe('nbg1');
    expect(public_net).toMatchObject({ ipv4: { id: kept, blocked: false } });
    const assigned = (await addresses()).filter((address) => address.assignee_id === id);
    expect(assigned.map((address) => [address.id, address.assignee_type])).toEqual([
      [kept, 'load_balancer'],
      [public_net.ipv6.id, 'load_balancer'],
    ]);
    for (const wrong of [{ ipv4: kept }, { ipv6: elsewhere }, { ipv4: elsewhere }, { ipv4: 999 }])
      expect((await create({ name: 'b', public_net: wrong }))[0], JSON.stringify(wrong)).toBeGreaterThan(399);
    const unassign = await hetzner.call('POST', `/primary_ips/${kept}/actions/unassign`);
    expect(unassign.body.error.code).toBe('unsupported_error');
    expect((await hetzner.call('DELETE', `/primary_ips/${kept}`)).body.error.code).toBe('must_be_unassigned');
    await hetzner.done('DELETE', `/load_balancers/${id}`);
    expect(await addresses()).toMatchObject([
      { id: kept, assignee_id: null, assignee_type: 'unassigned' },
      { id: elsewhere },
    ]);
  });

  it('share no address with a server', async () => {
    const balancer = await hetzner.balancer();
    const made = await hetzner.call<{ server: { public_net: { ipv4: { ip: string } } } }>(
      'POST',
      '/servers',
      {
        name: 'one',
        server_type: 'cpx22',
        image: 'debian-12',
        location: 'fsn1',
      },
    );
    const second = await hetzner.balancer({ name: 'second' });
    const addresses = [
      balancer.public_net.ipv4.ip,
      made.body.server.public_net.ipv4.ip,
      second.public_net.ipv4.ip,
    ];
    expect(new Set(addresses).size).toBe(3);
  });

  it('need a type and a place that exist, and a name that is free', async () => {
    await hetzner.balancer();
    expect(await create({ name: 'web' })).toEqual([409, 'uniqueness_error']);
    for (const wrong of [
      { name: ' web' },
      { name: 'b', load_balancer_type: 'lb99' },
      { name: 'b', location: 'moon' },
      { name: 'b', location: undefined },
      { name: 'b', location: undefined, network_zone: 'moon' },
      { name: 'b', network_zone: 'eu-central' },
      { name: 'b', algorithm: { type: 'random' } },
      { name: 'b', network: 99 },
    ])
      expect(await create(wrong), JSON.stringify(wrong)).toEqual([422, 'invalid_input']);
  });

  it('are limited in number', async () => {
    hetzner.project.rules.set({ 'limits.load_balancers': '1' });
    await hetzner.balancer();
    expect(await create({ name: 'second' })).toEqual([403, 'resource_limit_exceeded']);
  });

  it('are created whole, with services, targets and a network, or not at all', async () => {
    const network = await hetzner.network();
    const server = await hetzner.server('one', { networks: [network] });
    const services = [{ protocol: 'http' }, { protocol: 'tcp', listen_port: 22, destination_port: 22 }];
    const target = { type: 'server', server: { id: server.id }, use_private_ip: true };
    const bare = { services, targets: [target] };
    expect(await create(bare)).toEqual([422, 'load_balancer_not_attached_to_network']);
    expect(await create({ services: [...services, { protocol: 'http' }] })).toEqual([
      412,
      'source_port_already_used',
    ]);
    expect(await create({ ...bare, network, targets: [target, target] })).toEqual([
      422,
      'target_already_defined',
    ]);
    expect((await networkOf(network)).load_balancers).toEqual([]);
    const balancer = await hetzner.balancer({ ...bare, network, public_interface: false });
    expect(balancer).toMatchObject({
      public_net: { enabled: false },
      private_net: [{ network, ip: '10.0.1.2' }],
      services: [{ listen_port: 80 }, { listen_port: 22 }],
      targets: [{ type: 'server', server: { id: server.id }, use_private_ip: true }],
    });
  });

  it('without a public interface need a network from the first moment', async () => {
    expect(await create({ public_interface: false })).toEqual([422, 'load_balancer_not_attached_to_network']);
  });

  it('are renamed, relabelled, found by name and label, and deleted unless protected', async () => {
    const { id } = await hetzner.balancer();
    await hetzner.done('PUT', `/load_balancers/${id}`, { name: 'front', labels: { env: 'prod' } });
    const found = await hetzner.call<{ load_balancers: Balancer[] }>(
      'GET',
      '/load_balancers?name=front&label_selector=env&sort=name:desc',
    );
    expect(found.body.load_balancers).toMatchObject([{ id, name: 'front', labels: { env: 'prod' } }]);
    await hetzner.act(id, 'change_protection', { delete: true });
    const refusal = await hetzner.call('DELETE', `/load_balancers/${id}`);
    expect(refusal).toMatchObject({ status: 423, body: { error: { code: 'protected' } } });
    await hetzner.act(id, 'change_protection', { delete: false });
    const { status, body } = await hetzner.call<{ action: object }>('DELETE', `/load_balancers/${id}`);
    expect(status).toBe(201);
    expect(body.action).toMatchObject({
      command: 'delete_load_balancer',
      status: 'running',
      resources: [{ id, type: 'load_balancer' }],
    });
    expect((await hetzner.call('GET', `/load_balancers/${id}`)).status).toBe(404);
  });

  it('do one thing at a time: another write is a conflict', async () => {
    const { id } = await hetzner.balancer();
    hetzner.project.rules.set({ speed: '2' });
    const first = await hetzner.call('POST', `/load_balancers/${id}/actions/add_service`, {
      protocol: 'http',
    });
    expect(first.status).toBe(201);
    expect(await hetzner.refusal(id, 'change_algorithm', { type: 'least_connections' })).toEqual([
      409,
      'conflict',
    ]);
    expect((await hetzner.call('PUT', `/load_balancers/${id}`, { name: 'b' })).status).toBe(409);
    expect((await hetzner.call('DELETE', `/load_balancers/${id}`)).status).toBe(409);
    await hetzner.project.actions.idle();
    await hetzner.act(id, 'change_algorithm', { type: 'least_connections' });
    expect(await hetzner.shown(id)).toMatchObject({ algorithm: { type: 'least_connections' } });
    const { body } = await hetzner.call<{ actions: { command: string }[] }>(
      'GET',
      `/load_balancers/${id}/actions`,
    );
    expect(body.actions.map(({ command }) => command)).toEqual([
      'create_load_balancer',
      'add_service',
      'change_algorithm',
    ]);
  });

  it('change their type only to one that holds what they have', async () => {
    const ports = [1, 2, 3, 4, 5, 6];
    const services = ports.map((port) => ({ protocol: 'tcp', listen_port: port, destination_port: port }));
    const { id } = await hetzner.balancer({ load_balancer_type: 'lb21', services });
    expect(await hetzner.refusal(id, 'change_type', { load_balancer_type: 'lb11' })).toEqual([
      422,
      'invalid_load_balancer_type',
    ]);
    await hetzner.act(id, 'change_type', { load_balancer_type: 'lb31' });
    expect((await hetzner.shown(id)).load_balancer_type.name).toBe('lb31');
    const { body } = await hetzner.call<{ actions: { command: string }[] }>('GET', '/load_balancers/actions');
    expect(body.actions.at(-1)?.command).toBe('change_load_balancer_type');
  });

  it('have a pointer for each of their addresses, set and taken back', async () => {
    const { id, public_net } = await hetzner.balancer();
    const ipv6 = public_net.ipv6.ip;
    await hetzner.act(id, 'change_dns_ptr', { ip: public_net.ipv4.ip, dns_ptr: 'lb.example.com' });
    await hetzner.act(id, 'change_dns_ptr', {
      ip: ipv6.replace('::1', ':0:0:0:1'),
      dns_ptr: 'lb6.example.com',
    });
    expect((await hetzner.shown(id)).public_net).toMatchObject({
      ipv4: { dns_ptr: 'lb.example.com' },
      ipv6: { ip: ipv6, dns_ptr: 'lb6.example.com' },
    });
    await hetzner.act(id, 'change_dns_ptr', { ip: public_net.ipv4.ip, dns_ptr: null });
    await hetzner.act(id, 'change_dns_ptr', { ip: ipv6, dns_ptr: null });
    expect((await hetzner.shown(id)).public_net).toEqual(public_net);
    for (const wrong of [{ ip: '192.0.2.1', dns_ptr: 'a.de' }, { ip: ipv6, dns_ptr: 'a b' }, { ip: 'x' }])
      expect(await hetzner.refusal(id, 'change_dns_ptr', wrong)).toEqual([422, 'invalid_input']);
  });

  describe('in a network', () => {
    it('take an address of the last subnet, of the one that was asked for, or the very address', async () => {
      const network = await hetzner.network('private', '10.0.0.0/16', ['10.0.1.0/24', '10.0.2.0/24']);
      const { id } = await hetzner.balancer();
      const attached = async (more: object) => {
        await hetzner.act(id, 'attach_to_network', { network, ...more });
        const [nic] = (await hetzner.shown(id)).private_net;
        expect((await networkOf(network)).load_balancers).toEqual([id]);
        await hetzner.act(id, 'detach_from_network', { network });
        expect((await networkOf(network)).load_balancers).toEqual([]);
        return nic;
      };
      expect(await attached({})).toEqual({ network, ip: '10.0.2.1' });
      expect(await attached({ ip_range: '10.0.1.0/24' })).toEqual({ network, ip: '10.0.1.1' });
      expect(await attached({ ip: '10.0.1.7' })).toEqual({ network, ip: '10.0.1.7' });
      expect((await hetzner.shown(id)).private_net).toEqual([]);
    });

    it('name both in the actions that attach and detach them', async () => {
      const network = await hetzner.network();
      const { id } = await hetzner.balancer();
      for (const action of ['attach_to_network', 'detach_from_network']) {
        const { body } = await hetzner.call<{ action: object }>(
          'POST',
          `/load_balancers/${id}/actions/${action}`,
          { network },
        );
        expect(body.action).toMatchObject({
          command: action,
          resources: [
            { id, type: 'load_balancer' },
            { id: network, type: 'network' },
          ],
        });
        await hetzner.project.actions.idle();
      }
    });

    it('are in one only, and not in one that has no place for them', async () => {
      const network = await hetzner.network('private', '10.0.0.0/16', ['10.0.1.0/24', '10.0.2.0/30']);
      const other = await hetzner.network('other', '10.1.0.0/16', []);
      const { id } = await hetzner.balancer();
      const attach = (wanted: object) => hetzner.refusal(id, 'attach_to_network', wanted);
      expect(await attach({ network: other })).toEqual([422, 'no_subnet_available']);
      const taken = await hetzner.server('one', { networks: [network] });
      expect(taken.id).toBeGreaterThan(0);
      expect(await attach({ network, ip: '10.0.2.1' })).toEqual([422, 'ip_not_available']);
      expect(await attach({ network, ip: '10.0.0.1' })).toEqual([422, 'invalid_input']);
      expect(await attach({ network, ip: '10.0.1.5', ip_range: '10.0.2.0/30' })).toEqual([
        422,
        'invalid_input',
      ]);
      expect(await attach({ network, ip_range: '10.0.9.0/24' })).toEqual([422, 'invalid_input']);
      await hetzner.server('two', { networks: [network] });
      expect(await attach({ network })).toEqual([422, 'no_subnet_available']);
      await hetzner.act(id, 'attach_to_network', { network, ip_range: '10.0.1.0/24' });
      expect(await attach({ network })).toEqual([422, 'load_balancer_already_attached']);
      expect(await hetzner.refusal(id, 'detach_from_network', { network: other })).toEqual([
        422,
        'invalid_input',
      ]);
    });

    it('keep their address from servers, and count among its members', async () => {
      const network = await hetzner.network();
      const { id } = await hetzner.balancer({ network });
      const [nic] = (await hetzner.shown(id)).private_net;
      const server = await hetzner.server('one');
      const attach = (more: object) =>
        hetzner.call('POST', `/servers/${server.id}/actions/attach_to_network`, { network, ...more });
      expect((await attach({ ip: nic?.ip })).body.error.code).toBe('ip_not_available');
      const subnet = { ip_range: '10.0.1.0/24' };
      expect((await hetzner.call('POST', `/networks/${network}/actions/delete_subnet`, subnet)).status).toBe(
        422,
      );
      hetzner.project.rules.set({ 'limits.network_servers': '1' });
      const second = await hetzner.balancer({ name: 'second' });
      expect(await hetzner.refusal(second.id, 'attach_to_network', { network })).toEqual([
        403,
        'resource_limit_exceeded',
      ]);
    });

    it('leave it when it is deleted, and the network forgets them when they are', async () => {
      const network = await hetzner.network();
      const { id } = await hetzner.balancer({ network });
      await hetzner.done('DELETE', `/networks/${network}`);
      expect((await hetzner.shown(id)).private_net).toEqual([]);
      const second = await hetzner.network('second');
      await hetzner.act(id, 'attach_to_network', { network: second });
      await hetzner.done('DELETE', `/load_balancers/${id}`);
      expect((await networkOf(second)).load_balancers).toEqual([]);
    });

    it('may close their public interface, and open it again', async () => {
      const { id } = await hetzner.balancer();
      expect(await hetzner.refusal(id, 'disable_public_interface')).toEqual([
        422,
        'load_balancer_not_attached_to_network',
      ]);
      await hetzner.act(id, 'attach_to_network', { network: await hetzner.network() });
      const server = await hetzner.server('one');
      const target = { type: 'server', server: { id: server.id } };
      await hetzner.act(id, 'add_target', target);
      expect(await hetzner.refusal(id, 'disable_public_interface')).toEqual([
        422,
        'targets_without_use_private_ip',
      ]);
      await hetzner.act(id, 'remove_target', target);
      await hetzner.act(id, 'disable_public_interface');
      expect((await hetzner.shown(id)).public_net.enabled).toBe(false);
      await hetzner.act(id, 'enable_public_interface');
      expect((await hetzner.shown(id)).public_net.enabled).toBe(true);
    });
  });
});
