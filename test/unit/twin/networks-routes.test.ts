import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cloud, NetworkedHetzner, vswitch } from './networked.ts';

describe('routes of the local Hetzner', () => {
  let hetzner: NetworkedHetzner;
  beforeEach(() => {
    hetzner = new NetworkedHetzner();
  });
  afterEach(() => hetzner.remove());

  const withRoutes = () =>
    hetzner.network({
      subnets: [cloud('10.0.1.0/24'), vswitch('10.0.9.0/24', 7)],
      routes: [{ destination: '10.100.0.0/16', gateway: '10.0.1.2' }],
    });

  it('are added and deleted by destination and gateway, and the engine hears of them', async () => {
    const { id } = await withRoutes();
    await hetzner.act(id, 'add_route', { destination: '0.0.0.0/0', gateway: '10.0.200.3' });
    const all = [
      { destination: '10.100.0.0/16', gateway: '10.0.1.2' },
      { destination: '0.0.0.0/0', gateway: '10.0.200.3' },
    ];
    expect((await hetzner.shown(id)).routes).toEqual(all);
    expect(hetzner.given.at(-1)?.routes).toEqual(all);
    expect(
      await hetzner.refusedAct(id, 'delete_route', { destination: '0.0.0.0/0', gateway: '10.0.1.2' }),
    ).toMatchObject({ status: 404, code: 'not_found' });
    await hetzner.act(id, 'delete_route', { destination: '0.0.0.0/0', gateway: '10.0.200.3' });
    expect(hetzner.given.at(-1)?.routes).toEqual(all.slice(0, 1));
  });

  it.each([
    ['the first address of the network', '10.0.0.1'],
    ['172.31.1.1', '172.31.1.1'],
    ['an address behind a vSwitch', '10.0.9.7'],
    ['an address outside the network', '10.1.0.1'],
    ['no address', 'server'],
  ])('do not lead by %s', async (_, gateway) => {
    const { id } = await withRoutes();
    expect(await hetzner.refusedAct(id, 'add_route', { destination: '10.101.0.0/16', gateway })).toEqual({
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
    expect(await hetzner.refusedAct(id, 'add_route', { destination, gateway: '10.0.1.3' })).toEqual({
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
    expect(await hetzner.refusedAct(id, 'add_route', { destination, gateway: '10.0.1.3' })).toMatchObject({
      status: 422,
      code: 'invalid_input',
      fields: ['destination'],
    });
  });

  it('to everywhere stand in nobody’s way, and there is one of them', async () => {
    const { id } = await hetzner.network({ routes: [{ destination: '0.0.0.0/0', gateway: '10.0.1.2' }] });
    await hetzner.act(id, 'add_subnet', cloud('10.0.1.0/24'));
    await hetzner.act(id, 'add_route', { destination: '10.100.0.0/16', gateway: '10.0.1.2' });
    expect(
      await hetzner.refusedAct(id, 'add_route', { destination: '0.0.0.0/0', gateway: '10.0.1.3' }),
    ).toMatchObject({ code: 'invalid_input', fields: ['destination'] });
  });

  it('are no more than a network may have', async () => {
    const { id } = await withRoutes();
    hetzner.project.rules.set({ 'limits.network_routes': '1' });
    expect(
      await hetzner.refusedAct(id, 'add_route', { destination: '10.101.0.0/16', gateway: '10.0.1.3' }),
    ).toMatchObject({ status: 403, code: 'resource_limit_exceeded' });
  });
});
