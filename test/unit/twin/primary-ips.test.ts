import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WantedServer } from '../../../twin/engines/engine.ts';
import { ServingHetzner, type ShownAction } from './serving-hetzner.ts';

interface PrimaryIp {
  readonly id: number;
  readonly name: string;
  readonly ip: string;
  readonly assignee_id: number | null;
  readonly dns_ptr: readonly { readonly ip: string; readonly dns_ptr: string }[];
}

describe('primary IPs of the local Hetzner', () => {
  let hetzner: ServingHetzner;
  let given: WantedServer[];
  beforeEach(() => {
    given = [];
    hetzner = new ServingHetzner({
      putServer: async (wanted) => {
        given.push(wanted);
      },
    });
  });
  afterEach(() => hetzner.remove());

  const WANTED = { name: 'web', type: 'ipv4', location: 'fsn1' };
  const create = async (more: object = {}) =>
    (await hetzner.done<{ primary_ip: PrimaryIp }>('POST', '/primary_ips', { ...WANTED, ...more }))
      .primary_ip;
  const refused = (more: object) => hetzner.refused('POST', '/primary_ips', { ...WANTED, ...more });
  const shown = async (id: number) =>
    (await hetzner.call<{ primary_ip: PrimaryIp }>('GET', `/primary_ips/${id}`)).body.primary_ip;
  const act = (id: number, action: string, payload: object = {}) =>
    hetzner.done<{ action: ShownAction }>('POST', `/primary_ips/${id}/actions/${action}`, payload);
  const refusedAct = (id: number, action: string, payload: object = {}) =>
    hetzner.refused('POST', `/primary_ips/${id}/actions/${action}`, payload);
  const stopped = async (name = 'one', more: object = {}) => {
    const { id } = await hetzner.server(name, more);
    await hetzner.act(id, 'poweroff');
    return id;
  };
  const WITHOUT_V4 = { public_net: { enable_ipv4: false } };

  it('are created unassigned in a location, IPv4 with its standard name, IPv6 as a /64 without', async () => {
    const { status, body } = await hetzner.call('POST', '/primary_ips', {
      ...WANTED,
      labels: { env: 'dev' },
    });
    expect([status, body]).toEqual([
      201,
      {
        primary_ip: {
          id: expect.any(Number),
          name: 'web',
          type: 'ipv4',
          ip: expect.stringMatching(/^198\.18\.\d+\.\d+$/),
          assignee_id: null,
          assignee_type: 'unassigned',
          auto_delete: false,
          blocked: false,
          labels: { env: 'dev' },
          protection: { delete: false },
          location: expect.objectContaining({ name: 'fsn1' }),
          created: expect.stringMatching(/Z$/),
          dns_ptr: [
            {
              ip: expect.stringMatching(/^198\.18\./),
              dns_ptr: expect.stringMatching(/^static\.[\d.]+\.18\.198\.clients\.your-server\.de$/),
            },
          ],
        },
        action: null,
      },
    ]);
    expect(await create({ name: 'v6', type: 'ipv6' })).toMatchObject({
      ip: expect.stringMatching(/^2001:db8:.*::\/64$/),
      dns_ptr: [],
    });
  });

  it('are told to be unassigned, or named by the type of what they are to be assigned to', async () => {
    expect(await create({ assignee_type: 'unassigned' })).toMatchObject({ assignee_type: 'unassigned' });
    expect(await refused({ name: 'other', assignee_type: 'volume' })).toBe('422 invalid_input assignee_type');
  });

  it('need a place: a location that exists, or a server', async () => {
    expect(await refused({ location: null })).toBe('422 invalid_input assignee_id location');
    expect(await refused({ location: 'mars1' })).toBe('422 invalid_input location');
    expect(await refused({ datacenter: 'fsn1-dc14' })).toBe('422 invalid_input datacenter');
    expect(await refused({ type: 'ipv5' })).toBe('422 invalid_input type');
    expect(await refused({ location: null, assignee_id: 99_999 })).toBe('422 invalid_input assignee_id');
    const id = await stopped('one', { ...WITHOUT_V4, location: 'hel1' });
    expect(await refused({ assignee_id: id })).toBe('422 invalid_input location');
  });

  it('are created for a server that is stopped and has room for them', async () => {
    const { id } = await hetzner.server('one', WITHOUT_V4);
    const wanted = { location: null, assignee_id: id, assignee_type: 'server' };
    expect(await refused(wanted)).toBe('422 server_not_stopped');
    await hetzner.act(id, 'poweroff');
    expect(await refused({ ...wanted, type: 'ipv6' })).toBe('422 server_has_ipv6');
    const { status, body } = await hetzner.call<{ primary_ip: PrimaryIp; action: ShownAction }>(
      'POST',
      '/primary_ips',
      { ...WANTED, ...wanted },
    );
    expect(status).toBe(201);
    expect(body.primary_ip).toMatchObject({ assignee_id: id, assignee_type: 'server' });
    expect(body.action).toMatchObject({ command: 'assign_primary_ip', status: 'running' });
    await hetzner.project.actions.idle();
    expect((await hetzner.shown(id)).public_net.ipv4?.id).toBe(body.primary_ip.id);
    expect(await refused({ ...wanted, name: 'second' })).toBe('422 server_has_ipv4');
  });

  it('have names of their own, and are no more than the project may have', async () => {
    await create();
    expect(await refused({})).toBe('409 uniqueness_error name');
    const { id } = await create({ name: 'two' });
    expect(await hetzner.refused('PUT', `/primary_ips/${id}`, { name: 'web' })).toBe(
      '409 uniqueness_error name',
    );
    hetzner.project.rules.set({ 'limits.primary_ips': '2' });
    expect(await refused({ name: 'three' })).toBe('403 resource_limit_exceeded primary_ip_limit');
  });

  it('are found by name, address and label', async () => {
    const { ip } = await create({ labels: { env: 'dev' } });
    await create({ name: 'other', type: 'ipv6' });
    const found = async (query: string) =>
      (await hetzner.call<{ primary_ips: PrimaryIp[] }>('GET', `/primary_ips?${query}`)).body.primary_ips.map(
        ({ name }) => name,
      );
    for (const query of ['name=web', `ip=${ip}`, 'label_selector=env', 'type=ipv4'])
      expect(await found(query), query).toEqual(['web']);
    expect(await found('sort=id:desc')).toEqual(['other', 'web']);
  });

  it('are renamed, relabelled, and go with what they are assigned to when that is told', async () => {
    const id = await stopped('one', WITHOUT_V4);
    const address = await create({ assignee_id: id, location: null });
    const put = async (payload: object) =>
      (await hetzner.done<{ primary_ip: PrimaryIp }>('PUT', `/primary_ips/${address.id}`, payload))
        .primary_ip;
    expect(await put({ name: 'renamed', labels: { env: 'prod' } })).toMatchObject({
      name: 'renamed',
      labels: { env: 'prod' },
      auto_delete: false,
    });
    expect(await put({ auto_delete: true })).toMatchObject({ name: 'renamed', auto_delete: true });
    await hetzner.done('DELETE', `/servers/${id}`);
    expect(await hetzner.refused('GET', `/primary_ips/${address.id}`)).toBe('404 not_found');
  });

  it('are assigned to a server and taken from it while it is stopped; both are locked meanwhile', async () => {
    const address = await create();
    const { id } = await hetzner.server('one', WITHOUT_V4);
    const assign = { assignee_id: id, assignee_type: 'server' };
    expect(await refusedAct(address.id, 'assign', assign)).toBe('422 server_not_stopped');
    await hetzner.act(id, 'poweroff');
    hetzner.project.rules.set({ speed: '20' });
    const path = `/primary_ips/${address.id}/actions/assign`;
    const { body } = await hetzner.call<{ action: ShownAction }>('POST', path, assign);
    expect(body.action).toMatchObject({
      command: 'assign_primary_ip',
      resources: [
        { id: address.id, type: 'primary_ip' },
        { id, type: 'server' },
      ],
    });
    expect(await hetzner.refusedAct(id, 'poweron')).toBe('423 locked');
    expect(await hetzner.refused('PUT', `/primary_ips/${address.id}`, {})).toBe('409 conflict');
    for (const action of ['assign', 'unassign', 'change_dns_ptr', 'change_protection'])
      expect(await refusedAct(address.id, action), action).toBe('409 conflict');
    hetzner.project.rules.set({ speed: null });
    await hetzner.project.actions.idle();
    expect(given.at(-1)?.publicIpv4).toBe(address.ip);
    await hetzner.act(id, 'poweron');
    expect(await refusedAct(address.id, 'unassign')).toBe('422 server_not_stopped');
    await hetzner.act(id, 'poweroff');
    expect((await act(address.id, 'unassign')).action.command).toBe('unassign_primary_ip');
    expect(await shown(address.id)).toMatchObject({ assignee_id: null, assignee_type: 'unassigned' });
    expect((await hetzner.shown(id)).public_net.ipv4).toBeNull();
    expect(given.at(-1)).not.toHaveProperty('publicIpv4');
  });

  it('are at one server only, in its own location, one of each version', async () => {
    const id = await stopped();
    const address = await create();
    const assign = (assignee_id: number) => refusedAct(address.id, 'assign', { assignee_id });
    expect(await assign(id)).toBe('422 server_has_ipv4');
    const v6 = await create({ name: 'v6', type: 'ipv6' });
    expect(await refusedAct(v6.id, 'assign', { assignee_id: id })).toBe('422 server_has_ipv6');
    expect(await assign(99_999)).toBe('422 invalid_input assignee_id');
    const far = await stopped('far', { ...WITHOUT_V4, location: 'hel1' });
    expect(await assign(far)).toBe('422 invalid_input assignee_id');
    const near = await stopped('near', WITHOUT_V4);
    await act(address.id, 'assign', { assignee_id: near });
    expect(await assign(near)).toBe('422 primary_ip_already_assigned');
    await act(address.id, 'unassign');
    expect(await refusedAct(address.id, 'unassign')).toBe('422 service_error');
  });

  it('leave a server that cannot be started without any', async () => {
    const id = await stopped('one', { public_net: { enable_ipv6: false } });
    await act((await hetzner.shown(id)).public_net.ipv4?.id ?? 0, 'unassign');
    expect(await hetzner.refusedAct(id, 'poweron')).toBe('422 invalid_input id');
  });

  it('are deleted when they are unassigned and not protected', async () => {
    const address = await create();
    const id = await stopped('one', WITHOUT_V4);
    await act(address.id, 'assign', { assignee_id: id });
    const path = `/primary_ips/${address.id}`;
    expect(await hetzner.refused('DELETE', path)).toBe('422 must_be_unassigned');
    await act(address.id, 'unassign');
    const { action } = await act(address.id, 'change_protection', { delete: true });
    expect(action).toMatchObject({ command: 'change_protection', status: 'success' });
    const { status, body } = await hetzner.call('DELETE', path);
    expect([status, body.error.code, body.error.message]).toEqual([
      423,
      'protected',
      'Primary IP deletion is protected',
    ]);
    await act(address.id, 'change_protection', { delete: false });
    expect((await hetzner.call('DELETE', path)).status).toBe(204);
    expect(await hetzner.refused('GET', path)).toBe('404 not_found');
  });

  it('are protected, or deleted with what they are assigned to, but not both', async () => {
    const { id } = await create({ auto_delete: true });
    expect(await refusedAct(id, 'change_protection', { delete: true })).toBe('422 invalid_input delete');
    await hetzner.done('PUT', `/primary_ips/${id}`, { auto_delete: false });
    await act(id, 'change_protection', { delete: true });
    expect(await hetzner.refused('PUT', `/primary_ips/${id}`, { auto_delete: true })).toBe(
      '422 invalid_input auto_delete',
    );
    expect(await refusedAct(id, 'change_protection', {})).toBe('422 invalid_input delete');
  });

  it('are named: IPv4 by its own address, IPv6 by any in the /64; null puts back what was', async () => {
    const v4 = await create();
    const name = (address: PrimaryIp, ip: string, dns_ptr: string | null) =>
      act(address.id, 'change_dns_ptr', { ip, dns_ptr });
    expect((await name(v4, v4.ip, 'a.example.com')).action.command).toBe('change_dns_ptr');
    expect((await shown(v4.id)).dns_ptr).toEqual([{ ip: v4.ip, dns_ptr: 'a.example.com' }]);
    await name(v4, v4.ip, null);
    expect((await shown(v4.id)).dns_ptr).toEqual(v4.dns_ptr);
    const v6 = await create({ name: 'v6', type: 'ipv6' });
    const inside = v6.ip.replace('::/64', '::2');
    await name(v6, inside, 'b.example.com');
    await name(v6, v6.ip.replace('::/64', ':0:0:0:a'), 'c.example.com');
    await name(v6, inside, 'd.example.com');
    expect((await shown(v6.id)).dns_ptr).toEqual([
      { ip: inside, dns_ptr: 'd.example.com' },
      { ip: v6.ip.replace('::/64', '::a'), dns_ptr: 'c.example.com' },
    ]);
    await name(v6, inside, null);
    expect((await shown(v6.id)).dns_ptr).toHaveLength(1);
    for (const [address, ip, dns_ptr, field] of [
      [v4, '198.18.255.1', 'a.example.com', 'ip'],
      [v6, '2001:db9::1', 'a.example.com', 'ip'],
      [v4, v4.ip, 'under_score.example.com', 'dns_ptr'],
    ] as const)
      expect(await refusedAct(address.id, 'change_dns_ptr', { ip, dns_ptr })).toBe(
        `422 invalid_input ${field}`,
      );
  });

  it('are not deleted while an action of theirs runs', async () => {
    const { id, ip } = await create();
    hetzner.project.rules.set({ speed: '20' });
    await hetzner.call('POST', `/primary_ips/${id}/actions/change_dns_ptr`, { ip, dns_ptr: 'a.example.com' });
    expect(await hetzner.refused('DELETE', `/primary_ips/${id}`)).toBe('409 conflict');
  });

  it('are not given away again at once', async () => {
    const first = await create();
    await create({ name: 'second' });
    await hetzner.done('DELETE', `/primary_ips/${first.id}`);
    expect((await create({ name: 'third' })).ip).not.toBe(first.ip);
  });
});
