import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cloud, NetworkedHetzner, refusal } from './networked.ts';

interface Member {
  readonly id: number;
  readonly type: string;
  readonly ip: string;
  readonly status: string;
}

describe('members of a network of the local Hetzner', () => {
  let hetzner: NetworkedHetzner;
  beforeEach(() => {
    hetzner = new NetworkedHetzner();
  });
  afterEach(() => hetzner.remove());

  const list = async (id: number, query = '') =>
    (
      await hetzner.call<{ members: Member[]; meta: { pagination: object } }>(
        'GET',
        `/networks/${id}/members?${query}`,
      )
    ).body;
  const statuses = async (id: number) => (await list(id)).members.map(({ status }) => status);
  const balancer = (network: number) =>
    hetzner.call<{ load_balancer: { id: number } }>('POST', '/load_balancers', {
      name: 'lb',
      load_balancer_type: 'lb11',
      location: 'fsn1',
      network,
    });

  it('are servers and load balancers, each with its addresses and subnet', async () => {
    const { id } = await hetzner.network({ subnets: [cloud('10.0.1.0/24'), cloud('10.0.2.0/24')] });
    const server = await hetzner.server('one');
    await hetzner.done('POST', `/servers/${server.id}/actions/attach_to_network`, {
      network: id,
      ip: '10.0.1.7',
      alias_ips: ['10.0.1.8'],
    });
    const { load_balancer } = (await balancer(id)).body;
    await hetzner.project.actions.idle();
    expect(await list(id)).toEqual({
      members: [
        {
          id: server.id,
          type: 'server',
          ip: '10.0.1.7',
          alias_ips: ['10.0.1.8'],
          subnet: '10.0.1.0/24',
          status: 'ok',
        },
        {
          id: load_balancer.id,
          type: 'load_balancer',
          ip: expect.stringMatching(/^10\.0\.[12]\.\d+$/),
          alias_ips: [],
          subnet: expect.stringMatching(/^10\.0\.[12]\.0\/24$/),
          status: 'ok',
        },
      ],
      meta: { pagination: expect.objectContaining({ total_entries: 2 }) },
    });
    expect(refusal(await hetzner.call('GET', '/networks/4711/members'))).toMatchObject({
      status: 404,
      code: 'not_found',
    });
  });

  it('are listed by type, status and subnet, sorted and in pages', async () => {
    const { id } = await hetzner.network({ subnets: [cloud('10.0.1.0/24'), cloud('10.0.2.0/24')] });
    for (const [name, ip] of [
      ['low', '10.0.1.5'],
      ['high', '10.0.2.5'],
    ] as const) {
      const server = await hetzner.server(name);
      const wanted = { network: id, ip };
      await hetzner.done('POST', `/servers/${server.id}/actions/attach_to_network`, wanted);
    }
    await balancer(id);
    await hetzner.project.actions.idle();
    const types = async (query: string) => (await list(id, query)).members.map(({ type }) => type);
    expect(await types('type=load_balancer')).toEqual(['load_balancer']);
    expect(await types('type=server&type=load_balancer')).toHaveLength(3);
    expect(await types('status=ok&type=server')).toEqual(['server', 'server']);
    expect(await types('status=attaching')).toEqual([]);
    expect((await list(id, 'type=server&subnet=10.0.2.0/24')).members).toMatchObject([{ ip: '10.0.2.5' }]);
    expect((await list(id, 'type=server&sort=ip:desc')).members.map(({ ip }) => ip)).toEqual([
      '10.0.2.5',
      '10.0.1.5',
    ]);
    expect(await types('sort=type')).toEqual(['load_balancer', 'server', 'server']);
    expect(await types('sort=status:desc&sort=id')).toEqual(['server', 'server', 'load_balancer']);
    expect((await list(id, 'per_page=2&page=2')).meta.pagination).toMatchObject({
      previous_page: 1,
      total_entries: 3,
    });
    const unsorted = await hetzner.call('GET', `/networks/${id}/members?sort=subnet`);
    expect(unsorted.body.error.code).toBe('invalid_input');
  });

  it('are attaching until that action has ended, and updating while their alias addresses change', async () => {
    const { id } = await hetzner.network({ subnets: [cloud('10.0.1.0/24')] });
    const other = await hetzner.network({
      name: 'other',
      ip_range: '10.1.0.0/16',
      subnets: [cloud('10.1.1.0/24')],
    });
    const server = await hetzner.server('one', { networks: [other.id] });
    const act = (action: string, payload: object = {}) =>
      hetzner.call('POST', `/servers/${server.id}/actions/${action}`, payload);
    hetzner.project.faults.arm('action_never_ends', null);
    await act('attach_to_network', { network: id });
    await balancer(id);
    expect(await statuses(id)).toEqual(['attaching', 'attaching']);
    expect(await statuses(other.id), 'whose member it was before').toEqual(['ok']);
    hetzner.project.faults.disarm();
    await hetzner.project.actions.idle();
    expect(await statuses(id)).toEqual(['ok', 'ok']);
    hetzner.project.faults.arm('action_never_ends', null);
    await act('change_alias_ips', { network: id, alias_ips: ['10.0.1.77'] });
    expect(await statuses(id)).toEqual(['updating', 'ok']);
    hetzner.project.faults.disarm();
    await hetzner.project.actions.idle();
    hetzner.project.faults.arm('action_never_ends', null);
    await act('reboot');
    expect(await statuses(id), 'while it does something else').toEqual(['ok', 'ok']);
    hetzner.project.faults.disarm();
  });
});
