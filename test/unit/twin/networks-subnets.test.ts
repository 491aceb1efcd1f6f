import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cloud, NetworkedHetzner, refusal, vswitch } from './networked.ts';

describe('subnets of the local Hetzner', () => {
  let hetzner: NetworkedHetzner;
  beforeEach(() => {
    hetzner = new NetworkedHetzner();
  });
  afterEach(() => hetzner.remove());

  it('take the first /24 that is free when they name no range', async () => {
    const { id } = await hetzner.network({ ip_range: '10.0.0.0/22' });
    await hetzner.act(id, 'add_route', { destination: '10.0.1.0/24', gateway: '10.0.3.7' });
    await hetzner.act(id, 'add_subnet', cloud());
    await hetzner.act(id, 'add_subnet', { ...cloud(), ip_range: null });
    expect((await hetzner.shown(id)).subnets.map(({ ip_range }) => ip_range)).toEqual([
      '10.0.0.0/24',
      '10.0.2.0/24',
    ]);
    await hetzner.act(id, 'add_subnet', cloud());
    expect(await hetzner.refusedAct(id, 'add_subnet', cloud())).toMatchObject({
      code: 'no_subnet_available',
    });
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
    const { id } = await hetzner.network({
      subnets: [cloud('10.0.1.0/24')],
      routes: [
        { destination: '10.0.5.0/24', gateway: '10.0.1.2' },
        { destination: '0.0.0.0/0', gateway: '10.0.1.2' },
      ],
    });
    expect(await hetzner.refusedAct(id, 'add_subnet', cloud(range))).toMatchObject({
      status: 422,
      code: 'invalid_input',
      fields: ['ip_range'],
    });
  });

  it('are all in one zone that exists', async () => {
    const { id } = await hetzner.network({
      subnets: [{ type: 'server', network_zone: 'us-east', ip_range: '10.0.1.0/24' }],
    });
    expect(await hetzner.refusedAct(id, 'add_subnet', cloud('10.0.2.0/24'))).toMatchObject({
      fields: ['network_zone'],
    });
    const mars = { type: 'cloud', network_zone: 'mars', ip_range: '10.0.2.0/24' };
    expect(await hetzner.refusedAct(id, 'add_subnet', mars)).toMatchObject({ fields: ['network_zone'] });
    expect(await hetzner.refusedAct(id, 'add_subnet', { ...mars, type: 'switch' })).toMatchObject({
      fields: ['type'],
    });
  });

  it('of type vswitch have a vSwitch and a gateway of their own', async () => {
    const { id } = await hetzner.network({ subnets: [cloud('10.0.0.0/24')] });
    await hetzner.act(id, 'add_subnet', vswitch('10.0.1.0/24', 4321));
    expect((await hetzner.shown(id)).subnets[1]).toEqual({
      type: 'vswitch',
      ip_range: '10.0.1.0/24',
      network_zone: 'eu-central',
      gateway: '10.0.1.1',
      vswitch_id: 4321,
    });
  });

  it('couple each vSwitch once, only in eu-central, and only one that there is', async () => {
    const { id } = await hetzner.network();
    expect(await hetzner.refusedAct(id, 'add_subnet', vswitch('10.0.1.0/24'))).toMatchObject({
      fields: ['vswitch_id'],
    });
    expect(
      await hetzner.refusedAct(id, 'add_subnet', { ...cloud('10.0.1.0/24'), vswitch_id: 7 }),
    ).toMatchObject({
      fields: ['vswitch_id'],
    });
    const american = { ...vswitch('10.0.1.0/24', 7), network_zone: 'us-east' };
    expect(await hetzner.refusedAct(id, 'add_subnet', american)).toMatchObject({ fields: ['network_zone'] });
    await hetzner.act(id, 'add_subnet', vswitch('10.0.1.0/24', 7));
    const other = await hetzner.network({ name: 'other' });
    for (const where of [id, other.id])
      expect(await hetzner.refusedAct(where, 'add_subnet', vswitch('10.0.2.0/24', 7))).toMatchObject({
        status: 422,
        code: 'vswitch_id_already_used',
        message: 'vswitch id already used by another network',
      });
    hetzner.project.rules.set({ 'robot.vswitches': '7,8' });
    expect(await hetzner.refusedAct(id, 'add_subnet', vswitch('10.0.2.0/24', 42))).toEqual({
      status: 422,
      code: 'service_error',
      message: 'vswitch not found',
    });
    await hetzner.act(id, 'add_subnet', vswitch('10.0.2.0/24', 8));
    await hetzner.act(id, 'delete_subnet', { ip_range: '10.0.1.0/24' });
    await hetzner.act(other.id, 'add_subnet', vswitch('10.0.2.0/24', 7));
  });

  it('that couple a vSwitch are not for servers of the cloud', async () => {
    const { id } = await hetzner.network({ subnets: [vswitch('10.0.1.0/24', 7)] });
    const server = await hetzner.server('one');
    const answer = await hetzner.call('POST', `/servers/${server.id}/actions/attach_to_network`, {
      network: id,
    });
    expect(refusal(answer)).toMatchObject({ status: 422, code: 'no_subnet_available' });
  });

  it('never give away the first address of the network, nor 172.31.1.1', async () => {
    const { id } = await hetzner.network({ ip_range: '172.31.1.0/24', subnets: [cloud('172.31.1.0/29')] });
    const one = await hetzner.server('one', { networks: [id] });
    expect(hetzner.store.get('servers', one.id)?.private_net[0]?.ip).toBe('172.31.1.2');
    const two = await hetzner.server('two');
    const wanted = { network: id, ip: '172.31.1.1' };
    const answer = await hetzner.call('POST', `/servers/${two.id}/actions/attach_to_network`, wanted);
    expect(refusal(answer)).toMatchObject({ status: 422, code: 'ip_not_available' });
    const wide = await hetzner.network({
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
    const { id } = await hetzner.network({ subnets: [cloud('10.0.1.0/24'), cloud('10.0.2.0/24')] });
    const server = await hetzner.server('one');
    await hetzner.done('POST', `/servers/${server.id}/actions/attach_to_network`, {
      network: id,
      ip: '10.0.1.5',
      alias_ips: ['10.0.2.5'],
    });
    for (const ip_range of ['10.0.1.0/24', '10.0.2.0/24'])
      expect(await hetzner.refusedAct(id, 'delete_subnet', { ip_range })).toEqual({
        status: 422,
        code: 'service_error',
        message: 'cannot remove subnet because servers are attached to it',
      });
    expect(await hetzner.refusedAct(id, 'delete_subnet', { ip_range: '10.0.3.0/24' })).toMatchObject({
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
    expect(await hetzner.refusedAct(id, 'delete_subnet', { ip_range: '10.0.2.0/24' })).toMatchObject({
      code: 'service_error',
      message: expect.stringContaining('network has attached resources'),
    });
    await hetzner.act(id, 'delete_subnet', { ip_range: '10.0.1.0/24' });
  });

  it('are no more than a network may have', async () => {
    const { id } = await hetzner.network({ subnets: [cloud()] });
    hetzner.project.rules.set({ 'limits.network_subnets': '1' });
    expect(await hetzner.refusedAct(id, 'add_subnet', cloud())).toMatchObject({
      status: 403,
      code: 'resource_limit_exceeded',
    });
  });
});
