import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WantedFloatingIp } from '../../../twin/engines/engine.ts';
import { ServingHetzner, type ShownAction } from './serving-hetzner.ts';

interface FloatingIp {
  readonly id: number;
  readonly name: string;
  readonly ip: string;
  readonly server: number | null;
  readonly description: string | null;
  readonly dns_ptr: readonly object[];
}

describe('floating IPs of the local Hetzner', () => {
  let hetzner: ServingHetzner;
  let given: readonly WantedFloatingIp[];
  beforeEach(() => {
    given = [];
    hetzner = new ServingHetzner({
      putFloatingIps: async (wanted) => {
        given = wanted;
      },
    });
  });
  afterEach(() => hetzner.remove());

  const WANTED = { type: 'ipv4', home_location: 'fsn1' };
  const create = async (more: object = {}) =>
    (await hetzner.done<{ floating_ip: FloatingIp }>('POST', '/floating_ips', { ...WANTED, ...more }))
      .floating_ip;
  const refused = (more: object) => hetzner.refused('POST', '/floating_ips', { ...WANTED, ...more });
  const shown = async (id: number) =>
    (await hetzner.call<{ floating_ip: FloatingIp }>('GET', `/floating_ips/${id}`)).body.floating_ip;
  const act = (id: number, action: string, payload: object = {}) =>
    hetzner.done<{ action: ShownAction }>('POST', `/floating_ips/${id}/actions/${action}`, payload);
  const refusedAct = (id: number, action: string, payload: object = {}) =>
    hetzner.refused('POST', `/floating_ips/${id}/actions/${action}`, payload);

  it('are created in a home location, with a name of their own if none is given', async () => {
    const { status, body } = await hetzner.call('POST', '/floating_ips', WANTED);
    expect([status, body]).toEqual([
      201,
      {
        floating_ip: {
          id: expect.any(Number),
          name: expect.stringMatching(/^floating-ip-\d+$/),
          type: 'ipv4',
          ip: expect.stringMatching(/^198\.19\.\d+\.\d+$/),
          server: null,
          description: null,
          blocked: false,
          labels: {},
          protection: { delete: false },
          home_location: expect.objectContaining({ name: 'fsn1' }),
          created: expect.stringMatching(/Z$/),
          dns_ptr: [
            { ip: expect.any(String), dns_ptr: expect.stringMatching(/\.clients\.your-server\.de$/) },
          ],
        },
        action: null,
      },
    ]);
    const more = { name: 'vip', description: 'the way in', labels: { env: 'dev' }, type: 'ipv6' };
    expect(await create(more)).toMatchObject({ ...more, ip: expect.stringMatching(/::\/64$/), dns_ptr: [] });
  });

  it('are created at a server, whose location is their home then', async () => {
    const { id } = await hetzner.server('one', { location: 'hel1' });
    const { body } = await hetzner.call<{ floating_ip: FloatingIp; action: ShownAction }>(
      'POST',
      '/floating_ips',
      { type: 'ipv4', server: id },
    );
    expect(body.floating_ip).toMatchObject({ server: id, home_location: { name: 'hel1' } });
    expect(body.action).toMatchObject({ command: 'assign_floating_ip', status: 'running' });
    await hetzner.project.actions.idle();
    expect((await hetzner.shown(id)).public_net.floating_ips).toEqual([body.floating_ip.id]);
    expect(given).toEqual([{ id: body.floating_ip.id, ip: body.floating_ip.ip, server: id }]);
  });

  it('need a type, and a home or server that exists', async () => {
    expect(await refused({ type: 'ipv5' })).toBe('422 invalid_input type');
    expect(await refused({ server: 99_999 })).toBe('422 invalid_input server');
    for (const home_location of [null, 'mars1'])
      expect(await refused({ home_location })).toBe('422 invalid_input server home_location');
  });

  it('have names of their own, and are no more than the project may have', async () => {
    await create({ name: 'vip' });
    expect(await refused({ name: 'vip' })).toBe('409 uniqueness_error name');
    const { id } = await create();
    expect(await hetzner.refused('PUT', `/floating_ips/${id}`, { name: 'vip' })).toBe(
      '409 uniqueness_error name',
    );
    hetzner.project.rules.set({ 'limits.floating_ips': '2' });
    expect(await refused({})).toBe('403 resource_limit_exceeded floating_ip_limit');
  });

  it('are found by name, address and label; renamed, relabelled and described', async () => {
    const { id, ip } = await create({ name: 'vip', labels: { env: 'dev' } });
    await create();
    const found = async (query: string) =>
      (
        await hetzner.call<{ floating_ips: FloatingIp[] }>('GET', `/floating_ips?${query}`)
      ).body.floating_ips.map((one) => one.id);
    expect(await found('name=vip')).toEqual([id]);
    expect(await found(`ip=${ip}`)).toEqual([id]);
    expect(await found('label_selector=env%3Ddev')).toEqual([id]);
    expect((await found('sort=id:desc')).at(-1)).toBe(id);
    const put = async (payload: object) =>
      (await hetzner.done<{ floating_ip: FloatingIp }>('PUT', `/floating_ips/${id}`, payload)).floating_ip;
    expect(await put({ description: 'the way in' })).toMatchObject({
      name: 'vip',
      description: 'the way in',
    });
    expect(await put({ name: 'way', labels: {}, description: null })).toMatchObject({
      name: 'way',
      labels: {},
      description: null,
    });
    expect(await hetzner.refused('GET', '/floating_ips/4711')).toBe('404 not_found');
  });

  it('move from server to server, in whatever location and whether they run or not', async () => {
    const { id, ip } = await create();
    const { id: one } = await hetzner.server('one');
    const { id: two } = await hetzner.server('two', { location: 'ash', start_after_create: false });
    expect((await act(id, 'assign', { server: one })).action).toMatchObject({
      command: 'assign_floating_ip',
      resources: [
        { id, type: 'floating_ip' },
        { id: one, type: 'server' },
      ],
    });
    await act(id, 'assign', { server: two });
    expect((await shown(id)).server).toBe(two);
    expect((await hetzner.shown(one)).public_net.floating_ips).toEqual([]);
    expect((await hetzner.shown(two)).public_net.floating_ips).toEqual([id]);
    expect(given).toEqual([{ id, ip, server: two }]);
    expect(await refusedAct(id, 'assign', { server: two })).toBe('422 floating_ip_assigned');
    expect(await refusedAct(id, 'assign', { server: 99_999 })).toBe('422 invalid_input server');
    expect((await act(id, 'unassign')).action.command).toBe('unassign_floating_ip');
    expect((await shown(id)).server).toBeNull();
    expect(given).toEqual([{ id, ip }]);
    const { status, body } = await hetzner.call('POST', `/floating_ips/${id}/actions/unassign`);
    expect([status, body.error.code, body.error.message]).toEqual([
      422,
      'service_error',
      'cannot unassign Floating IP because it is not assigned to a server',
    ]);
  });

  it('do one thing at a time: another write is a conflict', async () => {
    const { id } = await create();
    const { id: server } = await hetzner.server('one');
    hetzner.project.faults.arm('action_never_ends', null, 'assign_floating_ip');
    await hetzner.call('POST', `/floating_ips/${id}/actions/assign`, { server });
    for (const action of ['assign', 'unassign', 'change_dns_ptr', 'change_protection'])
      expect(await refusedAct(id, action), action).toBe('409 conflict');
    expect(await hetzner.refused('PUT', `/floating_ips/${id}`, {})).toBe('409 conflict');
    expect((await hetzner.shown(server)).locked).toBe(false);
    hetzner.project.faults.disarm();
  });

  it('are deleted when they are unassigned and not protected', async () => {
    const { id: server } = await hetzner.server('one');
    const { id } = await create({ server });
    const path = `/floating_ips/${id}`;
    expect(await hetzner.refused('DELETE', path)).toBe('422 must_be_unassigned');
    await act(id, 'unassign');
    const { action } = await act(id, 'change_protection', { delete: true });
    expect(action).toMatchObject({ command: 'change_protection', status: 'success' });
    expect(await hetzner.refused('DELETE', path)).toBe('423 protected');
    expect(await refusedAct(id, 'change_protection', {})).toBe('422 invalid_input delete');
    await act(id, 'change_protection', { delete: false });
    expect((await hetzner.call('DELETE', path)).status).toBe(204);
    expect(await hetzner.refused('GET', path)).toBe('404 not_found');
  });

  it('are named as primary IPs are', async () => {
    const v4 = await create();
    const v6 = await create({ type: 'ipv6' });
    const inside = v6.ip.replace('::/64', '::2');
    expect((await act(v4.id, 'change_dns_ptr', { ip: v4.ip, dns_ptr: 'a.example.com' })).action.command).toBe(
      'change_dns_ptr',
    );
    await act(v6.id, 'change_dns_ptr', { ip: inside, dns_ptr: 'b.example.com' });
    expect((await shown(v4.id)).dns_ptr).toEqual([{ ip: v4.ip, dns_ptr: 'a.example.com' }]);
    expect((await shown(v6.id)).dns_ptr).toEqual([{ ip: inside, dns_ptr: 'b.example.com' }]);
    await act(v4.id, 'change_dns_ptr', { ip: v4.ip, dns_ptr: null });
    await act(v6.id, 'change_dns_ptr', { ip: inside, dns_ptr: null });
    expect((await shown(v4.id)).dns_ptr).toEqual(v4.dns_ptr);
    expect((await shown(v6.id)).dns_ptr).toEqual([]);
    expect(await refusedAct(v4.id, 'change_dns_ptr', { ip: inside, dns_ptr: 'a.example.com' })).toBe(
      '422 invalid_input ip',
    );
  });
});
