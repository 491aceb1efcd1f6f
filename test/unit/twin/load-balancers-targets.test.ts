import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ObservedLoadBalancer, WantedLoadBalancer } from '../../../twin/engines/engine.ts';
import { BalancedHetzner } from './balancer.ts';

const NO_PUBLIC = { public_net: { enable_ipv4: false, enable_ipv6: false } };
const TRAFFIC = { openConnections: 0, connections: 0, requests: 0, bytesIn: 0, bytesOut: 0 };

describe('targets of a load balancer', () => {
  let hetzner: BalancedHetzner;
  let given: WantedLoadBalancer[];
  let id: number;
  let network: number;
  beforeEach(async () => {
    given = [];
    hetzner = new BalancedHetzner({
      putLoadBalancer: async (wanted) => {
        given.push(wanted);
      },
    });
    network = await hetzner.network();
    ({ id } = await hetzner.balancer({ services: [{ protocol: 'http' }] }));
  });
  afterEach(() => hetzner.remove());

  const serverTarget = (server: number, use_private_ip = false) => ({
    type: 'server',
    server: { id: server },
    use_private_ip,
  });
  const selector = (text: string, use_private_ip = false) => ({
    type: 'label_selector',
    label_selector: { selector: text },
    use_private_ip,
  });
  const add = (target: object) => hetzner.act(id, 'add_target', target);
  const refusal = (target: object) => hetzner.refusal(id, 'add_target', target);
  const targets = async () => (await hetzner.shown(id)).targets;
  /** What the engine was last asked to balance to. */
  const balanced = async () => {
    await hetzner.project.balancing.idle();
    return given.at(-1)?.targets;
  };
  const selected = async () =>
    (await targets()).flatMap((target) => target.targets?.map(({ server }) => server.id) ?? []);
  const balancersOf = async (server: number) =>
    (await hetzner.call<{ server: { load_balancers: number[] } }>('GET', `/servers/${server}`)).body.server
      .load_balancers;

  it('are servers by their public address, and show how healthy they are for each service', async () => {
    const { id: server } = await hetzner.server('one');
    await add(serverTarget(server));
    expect(await targets()).toEqual([
      { ...serverTarget(server), health_status: [{ listen_port: 80, status: 'healthy' }] },
    ]);
    await hetzner.act(id, 'add_service', { protocol: 'tcp', listen_port: 22, destination_port: 22 });
    await hetzner.done('POST', `/servers/${server}/actions/poweroff`);
    expect((await targets())[0]?.health_status).toEqual([
      { listen_port: 80, status: 'unhealthy', detail: 'layer4_timeout' },
      { listen_port: 22, status: 'unhealthy', detail: 'layer4_timeout' },
    ]);
    expect(await balanced()).toEqual([
      { name: `server-${server}`, address: expect.stringMatching(/^198\.18\./) },
    ]);
    await hetzner.act(id, 'remove_target', { type: 'server', server: { id: server } });
    expect(await targets()).toEqual([]);
    expect(await balanced()).toEqual([]);
  });

  it('are servers by their private address when both are in the same network', async () => {
    const { id: server } = await hetzner.server('one', { ...NO_PUBLIC, networks: [network] });
    const { id: stranger } = await hetzner.server('two');
    expect(await refusal(serverTarget(server, true))).toEqual([422, 'load_balancer_not_attached_to_network']);
    await hetzner.act(id, 'attach_to_network', { network });
    expect(await refusal(serverTarget(stranger, true))).toEqual([422, 'resolve_cloud_private_targets_error']);
    expect(await refusal(serverTarget(server))).toEqual([422, 'resolve_cloud_public_targets_error']);
    await add(serverTarget(server, true));
    expect(await targets()).toMatchObject([{ use_private_ip: true }]);
    expect(await balanced()).toEqual([{ name: `server-${server}`, address: '10.0.1.1' }]);
  });

  it('are not added twice, not without the public interface, and only when they exist', async () => {
    const { id: server } = await hetzner.server('one', { networks: [network] });
    await hetzner.act(id, 'attach_to_network', { network });
    await add(serverTarget(server, true));
    expect(await refusal(serverTarget(server, true))).toEqual([422, 'target_already_defined']);
    expect(await refusal(serverTarget(server))).toEqual([422, 'target_already_defined']);
    await hetzner.act(id, 'disable_public_interface');
    const { id: second } = await hetzner.server('two');
    for (const target of [serverTarget(second), selector('a'), { type: 'ip', ip: { ip: '203.0.113.7' } }])
      expect(await refusal(target)).toEqual([422, 'load_balancer_public_interface_disabled']);
    const missing = await hetzner.call('POST', `/load_balancers/${id}/actions/add_target`, serverTarget(99));
    expect([missing.status, missing.body.error.code, missing.body.error.message]).toEqual([
      422,
      'invalid_input',
      'cloud target was not found',
    ]);
    for (const incomplete of [
      {},
      { type: 'server' },
      { type: 'label_selector', label_selector: { selector: '?' } },
    ])
      expect(await refusal(incomplete)).toEqual([422, 'invalid_input']);
    for (const gone of [{ type: 'server', server: { id: second } }, selector('a')])
      expect(await hetzner.refusal(id, 'remove_target', gone)).toEqual([
        404,
        'load_balancer_target_not_found',
      ]);
  });

  it('are servers by their labels, which may come and go', async () => {
    const { id: one } = await hetzner.server('one', { labels: { app: 'web' } });
    const { id: two } = await hetzner.server('two', { labels: { app: 'db' } });
    await add(selector('app=web'));
    expect(await targets()).toEqual([
      {
        ...selector('app=web'),
        targets: [{ ...serverTarget(one), health_status: [{ listen_port: 80, status: 'healthy' }] }],
      },
    ]);
    expect(await refusal(selector('app=web', true))).toEqual([422, 'load_balancer_not_attached_to_network']);
    expect(await refusal(selector('app=web'))).toEqual([422, 'target_already_defined']);
    await hetzner.done('PUT', `/servers/${two}`, { labels: { app: 'web' } });
    expect(await selected()).toEqual([one, two]);
    expect((await balanced())?.map(({ name }) => name)).toEqual([`server-${one}`, `server-${two}`]);
    const { id: three } = await hetzner.server('three', { labels: { app: 'web' } });
    await hetzner.done('DELETE', `/servers/${one}`);
    expect(await selected()).toEqual([two, three]);
    expect((await balanced())?.map(({ name }) => name)).toEqual([`server-${two}`, `server-${three}`]);
    await hetzner.act(id, 'remove_target', selector('app=web'));
    expect(await balanced()).toEqual([]);
  });

  it('selected by labels are only those that the load balancer reaches', async () => {
    const labels = { app: 'web' };
    const { id: one } = await hetzner.server('one', { labels, networks: [network] });
    await hetzner.server('two', { labels });
    await hetzner.act(id, 'attach_to_network', { network });
    await add(selector('app=web', true));
    expect(await selected()).toEqual([one]);
    expect(await balanced()).toEqual([{ name: `server-${one}`, address: '10.0.1.1' }]);
  });

  it('that are named and selected at once are one target', async () => {
    const { id: one } = await hetzner.server('one', { labels: { app: 'web' } });
    await add(serverTarget(one));
    await add(selector('app'));
    await add(selector('app=web'));
    expect(await balanced()).toHaveLength(1);
    expect(await balancersOf(one)).toEqual([id]);
  });

  it('are told at the server too', async () => {
    const { id: one } = await hetzner.server('one', { labels: { app: 'web' } });
    const { id: two } = await hetzner.server('two');
    expect(await balancersOf(one)).toEqual([]);
    const second = await hetzner.balancer({ name: 'second', targets: [selector('app=web')] });
    await add(serverTarget(one));
    await add(serverTarget(two));
    expect(await balancersOf(one)).toEqual([id, second.id]);
    expect(await balancersOf(two)).toEqual([id]);
    await hetzner.done('DELETE', `/load_balancers/${id}`);
    expect(await balancersOf(one)).toEqual([second.id]);
    expect(await balancersOf(two)).toEqual([]);
  });

  it('go with the server, and with the network by which they were reached', async () => {
    const { id: one } = await hetzner.server('one', { networks: [network] });
    const { id: two } = await hetzner.server('two', { networks: [network] });
    const { id: three } = await hetzner.server('three', { networks: [network] });
    await hetzner.act(id, 'attach_to_network', { network });
    await add(serverTarget(one, true));
    await add(serverTarget(two, true));
    await add(serverTarget(three));
    await add(selector('a', true));
    await hetzner.done('POST', `/servers/${one}/actions/detach_from_network`, { network });
    expect(await targets()).toMatchObject([{ server: { id: two } }, { server: { id: three } }, {}]);
    await hetzner.act(id, 'detach_from_network', { network });
    expect(await targets()).toMatchObject([{ server: { id: three } }]);
    await hetzner.done('DELETE', `/servers/${three}`);
    expect(await targets()).toEqual([]);
    expect(await balanced()).toEqual([]);
  });

  it('keep a server from losing the address that they need', async () => {
    const { body } = await hetzner.call<{ server: { id: number; public_net: { ipv4: { id: number } } } }>(
      'POST',
      '/servers',
      { name: 'one', server_type: 'cpx22', image: 'debian-12', location: 'fsn1', start_after_create: false },
    );
    await hetzner.project.actions.idle();
    const { id: server, public_net } = body.server;
    await add(serverTarget(server));
    const unassign = () => hetzner.call('POST', `/primary_ips/${public_net.ipv4.id}/actions/unassign`);
    expect((await unassign()).body.error.code).toBe('server_is_load_balancer_target');
    await hetzner.act(id, 'remove_target', { type: 'server', server: { id: server } });
    expect((await unassign()).status).toBe(201);
  });

  it('may be addresses of Robot servers only', async () => {
    const ip = (address: string) => ({ type: 'ip', ip: { ip: address } });
    expect(await refusal(ip('203.0.113.7'))).toEqual([422, 'ip_not_owned']);
    expect(await refusal(ip('10.0.1.7'))).toEqual([422, 'load_balancer_not_attached_to_network']);
    await hetzner.act(id, 'attach_to_network', { network });
    expect(await refusal(ip('10.0.1.7'))).toEqual([422, 'network_has_no_vswitch_subnet']);
    for (const wrong of ['web', '203.0.113', '1.2.3.4/32'])
      expect(await refusal(ip(wrong))).toEqual([422, 'invalid_input']);
    expect(await refusal({ ...ip('203.0.113.7'), use_private_ip: true })).toEqual([422, 'invalid_input']);
    const store = hetzner.store;
    const known = store.get('networks', network);
    if (!known) throw new Error('the network is gone');
    const vswitch = {
      type: 'vswitch' as const,
      ip_range: '10.0.2.0/24',
      network_zone: 'eu-central',
      gateway: '10.0.0.1',
      vswitch_id: 7,
    };
    store.change(() => store.put('networks', { ...known, subnets: [...known.subnets, vswitch] }));
    expect(await refusal(ip('10.0.1.7'))).toEqual([422, 'ip_not_in_vswitch_subnet']);
    await add(ip('10.0.2.7'));
    expect(() => hetzner.project.rules.set({ 'robot.addresses': '203.0.113.256' })).toThrow(/203\.0\.113\.7/);
    hetzner.project.rules.set({ 'robot.addresses': '203.0.113.7,198.51.100.0/24' });
    await add(ip('203.0.113.7'));
    await add(ip('198.51.100.9'));
    expect(await refusal(ip('203.0.113.7'))).toEqual([422, 'target_already_defined']);
    expect(await targets()).toMatchObject([
      { type: 'ip', ip: { ip: '10.0.2.7' }, health_status: [{ listen_port: 80, status: 'unknown' }] },
      { ip: { ip: '203.0.113.7' } },
      { ip: { ip: '198.51.100.9' } },
    ]);
    await hetzner.act(id, 'remove_target', ip('203.0.113.7'));
    await hetzner.act(id, 'detach_from_network', { network });
    expect(await balanced()).toEqual([{ name: 'ip-198.51.100.9', address: '198.51.100.9' }]);
  });

  it('are no more than the type allows', async () => {
    const addresses = Array.from({ length: 25 }, (_, index) => `203.0.113.${index}`);
    hetzner.project.rules.set({ 'robot.addresses': '203.0.113.0/24' });
    const full = await hetzner.balancer({
      name: 'full',
      targets: addresses.map((ip) => ({ type: 'ip', ip: { ip } })),
    });
    const { status, body } = await hetzner.call('POST', `/load_balancers/${full.id}/actions/add_target`, {
      type: 'ip',
      ip: { ip: '203.0.113.99' },
    });
    expect(status).toBe(403);
    expect(body.error).toMatchObject({
      code: 'resource_limit_exceeded',
      details: { limits: [{ name: 'load_balancer_target_limit' }] },
    });
  });

  it('that change while an action runs are balanced to when it has ended', async () => {
    let go = () => {};
    const slow = new BalancedHetzner({
      putLoadBalancer: async (wanted) => {
        given.push(wanted);
        if (wanted.services.length > 0)
          await new Promise<void>((resolve) => {
            go = resolve;
          });
      },
    });
    const { id: balancer } = await slow.balancer({ targets: [selector('app')] });
    const action = slow.act(balancer, 'add_service', { protocol: 'http' });
    await expect.poll(() => given.at(-1)?.services.length).toBe(1);
    const created = await slow.call<{ server: { id: number } }>('POST', '/servers', {
      name: 'one',
      server_type: 'cpx22',
      image: 'debian-12',
      location: 'fsn1',
      labels: { app: 'web' },
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(given.at(-1)?.targets).toEqual([]);
    go();
    await action;
    await expect
      .poll(() => given.at(-1)?.targets)
      .toMatchObject([{ name: `server-${created.body.server.id}` }]);
    go();
    await slow.remove();
  });

  it('are as healthy as the proxy finds them, where there is one, and say why they are not', async () => {
    let health: ObservedLoadBalancer['health'] = [];
    let balancer = 0;
    const machines = new BalancedHetzner({
      name: 'nspawn',
      observeLoadBalancers: async () => [{ id: balancer, running: true, health, traffic: TRAFFIC }],
    });
    const { id: server } = await machines.server('one');
    ({ id: balancer } = await machines.balancer({ services: [{ protocol: 'http' }] }));
    await machines.act(balancer, 'add_target', serverTarget(server));
    const status = async () => (await machines.shown(balancer)).targets[0]?.health_status?.[0];
    expect(await status()).toEqual({ listen_port: 80, status: 'unknown' });
    const target = { target: `server-${server}`, listenPort: 80 };
    health = [target];
    expect(await status()).toEqual({ listen_port: 80, status: 'healthy' });
    health = [{ ...target, problem: { detail: 'unexpected_http_status', http_status_code: 503 } }];
    expect(await status()).toEqual({
      listen_port: 80,
      status: 'unhealthy',
      detail: 'unexpected_http_status',
      http_status_code: 503,
    });
    await machines.remove();
  });

  it('come back after a restart of the twin, and a load balancer that nobody knows is removed', async () => {
    const { id: server } = await hetzner.server('one');
    await add(serverTarget(server));
    given = [];
    await hetzner.restart();
    expect(await balanced()).toEqual([{ name: `server-${server}`, address: expect.any(String) }]);
    const removed: number[] = [];
    const other = new BalancedHetzner({
      observeLoadBalancers: async () => [{ id: 99, running: true, health: [], traffic: TRAFFIC }],
      removeLoadBalancer: async (stray) => {
        removed.push(stray);
      },
    });
    await other.project.restore();
    expect(removed).toEqual([99]);
    await other.remove();
  });

  it('are as before when an engine fails to take a change', async () => {
    const failing = new BalancedHetzner({
      putLoadBalancer: async ({ targets: wanted }) => {
        if (wanted.length > 0) throw new Error('haproxy is missing');
      },
    });
    const { id: server } = await failing.server('one');
    const balancer = await failing.balancer();
    await failing.act(balancer.id, 'add_target', serverTarget(server));
    expect((await failing.shown(balancer.id)).targets).toEqual([]);
    const { body } = await failing.call<{ actions: { error: { message: string } | null }[] }>(
      'GET',
      `/load_balancers/${balancer.id}/actions`,
    );
    expect(body.actions.at(-1)?.error?.message).toBe('haproxy is missing');
    await failing.remove();
  });

  it('get a proxy again when theirs is gone', async () => {
    let puts = 0;
    let balancer = 0;
    const machines = new BalancedHetzner({
      name: 'nspawn',
      putLoadBalancer: async () => {
        puts++;
      },
      observeLoadBalancers: async () => [{ id: balancer, running: false, health: [], traffic: TRAFFIC }],
    });
    ({ id: balancer } = await machines.balancer());
    expect(puts).toBe(1);
    await machines.shown(balancer);
    expect(puts).toBe(2);
    await machines.remove();
  });
});
