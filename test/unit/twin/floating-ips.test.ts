import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LocalHetzner } from './local-hetzner.ts';

interface ShownAddress {
  readonly id: number;
  readonly name: string;
  readonly ip: string;
  readonly server: number | null;
  readonly dns_ptr: readonly { readonly ip: string; readonly dns_ptr: string }[];
}

describe('floating IPs of the local Hetzner', () => {
  let hetzner: LocalHetzner;
  beforeEach(() => {
    hetzner = new LocalHetzner();
  });
  afterEach(() => hetzner.remove());

  const create = async (more: object = {}): Promise<ShownAddress> =>
    (
      await hetzner.done<{ floating_ip: ShownAddress }>('POST', '/floating_ips', {
        type: 'ipv4',
        home_location: 'fsn1',
        ...more,
      })
    ).floating_ip;
  const shown = async (id: number) =>
    (await hetzner.call<{ floating_ip: ShownAddress }>('GET', `/floating_ips/${id}`)).body.floating_ip;
  const act = (id: number, action: string, payload: object = {}) =>
    hetzner.done<{ action: { command: string; resources: { id: number; type: string }[] } }>(
      'POST',
      `/floating_ips/${id}/actions/${action}`,
      payload,
    );
  const refused = (id: number, action: string, payload: object = {}) =>
    hetzner.refused('POST', `/floating_ips/${id}/actions/${action}`, payload);

  it('are an IPv4 address or a whole /64, each given once, named by their number unless asked otherwise', async () => {
    const [four, six] = [await create(), await create({ type: 'ipv6', name: 'six', description: 'spare' })];
    expect(four).toMatchObject({
      name: `floating-ip-${four.id}`,
      server: null,
      blocked: false,
      description: null,
      home_location: { name: 'fsn1' },
      protection: { delete: false },
    });
    expect(four.ip).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    expect(six).toMatchObject({ name: 'six', description: 'spare' });
    expect(six.ip).toMatch(/::\/64$/);
    const others = [await create(), await create({ type: 'ipv6' })];
    expect(new Set([four, six, ...others].map(({ ip }) => ip)).size).toBe(4);
  });

  it('need a home or a server that has one', async () => {
    const create = (payload: object) => hetzner.refused('POST', '/floating_ips', payload);
    expect(await create({ type: 'ipv4' })).toBe('422 invalid_input server home_location');
    expect(await create({ type: 'ipv4', home_location: 'mars' })).toBe(
      '422 invalid_input server home_location',
    );
    expect(await create({ type: 'ipv5', home_location: 'fsn1' })).toBe('422 invalid_input type');
    const server = await hetzner.server('one', { location: 'hel1' });
    const { floating_ip, action } = await hetzner.done<{ floating_ip: ShownAddress; action: object }>(
      'POST',
      '/floating_ips',
      { type: 'ipv4', server: server.id },
    );
    expect(floating_ip).toMatchObject({ server: server.id, home_location: { name: 'hel1' } });
    expect(action).toMatchObject({ command: 'assign_floating_ip' });
  });

  it('have names of their own, and no more of them than the project may have', async () => {
    await create({ name: 'one' });
    const again = { type: 'ipv4', home_location: 'fsn1' };
    expect(await hetzner.refused('POST', '/floating_ips', { ...again, name: 'one' })).toBe(
      '409 uniqueness_error name',
    );
    hetzner.project.rules.set({ 'limits.floating_ips': '1' });
    expect(await hetzner.refused('POST', '/floating_ips', again)).toBe(
      '403 resource_limit_exceeded floating_ips',
    );
  });

  it('move from one server to another, whatever its location, and are free in the end', async () => {
    const [one, other] = [await hetzner.server('one'), await hetzner.server('other', { location: 'hel1' })];
    const { id } = await create();
    expect(await refused(id, 'unassign')).toBe('422 service_error');
    expect((await act(id, 'assign', { server: one.id })).action).toMatchObject({
      command: 'assign_floating_ip',
      resources: [
        { id, type: 'floating_ip' },
        { id: one.id, type: 'server' },
      ],
    });
    expect(await refused(id, 'assign', { server: one.id })).toBe('422 floating_ip_assigned');
    await act(id, 'assign', { server: other.id });
    expect((await shown(id)).server).toBe(other.id);
    expect(hetzner.store.get('servers', one.id)?.floating_ips).toEqual([]);
    expect(hetzner.store.get('servers', other.id)?.floating_ips).toEqual([id]);
    await act(id, 'unassign');
    expect((await shown(id)).server).toBeNull();
    expect(await refused(id, 'assign', { server: 4711 })).toMatch(/^(404|422) /);
  });

  it('do one thing at a time: another write is a conflict', async () => {
    const server = await hetzner.server('one');
    const { id } = await create();
    hetzner.project.faults.arm('action_never_ends', null, 'assign_floating_ip');
    await hetzner.call('POST', `/floating_ips/${id}/actions/assign`, { server: server.id });
    expect(await refused(id, 'unassign')).toBe('409 conflict');
    expect(await hetzner.refused('PUT', `/floating_ips/${id}`, { name: 'other' })).toBe('409 conflict');
    hetzner.project.faults.disarm();
    await hetzner.project.actions.idle();
  });

  it('have a standard pointer for IPv4 and none for IPv6, and any address of the /64 can get one', async () => {
    const [four, six] = [await create(), await create({ type: 'ipv6' })];
    const standard = `static.${four.ip.split('.').toReversed().join('.')}.clients.your-server.de`;
    expect([four.dns_ptr, six.dns_ptr]).toEqual([[{ ip: four.ip, dns_ptr: standard }], []]);
    await act(four.id, 'change_dns_ptr', { ip: four.ip, dns_ptr: 'www.example.com' });
    expect((await shown(four.id)).dns_ptr).toEqual([{ ip: four.ip, dns_ptr: 'www.example.com' }]);
    await act(four.id, 'change_dns_ptr', { ip: four.ip, dns_ptr: null });
    expect((await shown(four.id)).dns_ptr).toEqual([{ ip: four.ip, dns_ptr: standard }]);
    const inside = six.ip.replace('::/64', ':0:0:0:7');
    await act(six.id, 'change_dns_ptr', { ip: inside, dns_ptr: 'six.example.com' });
    expect((await shown(six.id)).dns_ptr).toEqual([
      { ip: six.ip.replace('/64', '7'), dns_ptr: 'six.example.com' },
    ]);
    for (const payload of [
      { ip: '192.0.2.1', dns_ptr: 'a.example.com' },
      { ip: 'here', dns_ptr: null },
    ]) {
      expect(await refused(four.id, 'change_dns_ptr', payload)).toBe('422 invalid_input ip');
      expect(await refused(six.id, 'change_dns_ptr', payload)).toBe('422 invalid_input ip');
    }
    expect(await refused(four.id, 'change_dns_ptr', { ip: four.ip, dns_ptr: 'no name' })).toBe(
      '422 invalid_input dns_ptr',
    );
  });

  it('are changed, found by their address, and deleted once they are free and unprotected', async () => {
    const server = await hetzner.server('one');
    const { id, ip } = await create({ server: server.id });
    await hetzner.done('PUT', `/floating_ips/${id}`, { name: 'new', description: 'd', labels: { a: 'b' } });
    const { body } = await hetzner.call<{ floating_ips: object[] }>('GET', `/floating_ips?ip=${ip}`);
    expect(body.floating_ips).toMatchObject([{ id, name: 'new', description: 'd', labels: { a: 'b' } }]);
    expect(await hetzner.refused('DELETE', `/floating_ips/${id}`)).toBe('422 must_be_unassigned');
    await act(id, 'unassign');
    await act(id, 'change_protection', { delete: true });
    expect(await hetzner.refused('DELETE', `/floating_ips/${id}`)).toBe('423 protected');
    await act(id, 'change_protection', { delete: false });
    expect((await hetzner.call('DELETE', `/floating_ips/${id}`)).status).toBe(204);
  });

  it('outlive their server, unassigned', async () => {
    const server = await hetzner.server('one');
    const { id } = await create({ server: server.id });
    await hetzner.done('DELETE', `/servers/${server.id}`);
    expect((await shown(id)).server).toBeNull();
  });
});
