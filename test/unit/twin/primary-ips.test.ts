import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LocalHetzner } from './local-hetzner.ts';

interface ShownAddress {
  readonly id: number;
  readonly ip: string;
  readonly assignee_id: number | null;
  readonly assignee_type: string;
}

describe('primary IPs of the local Hetzner', () => {
  let hetzner: LocalHetzner;
  beforeEach(() => {
    hetzner = new LocalHetzner();
  });
  afterEach(() => hetzner.remove());

  const wanted = { name: 'one', type: 'ipv4', location: 'fsn1' };
  const create = async (more: object = {}): Promise<ShownAddress> =>
    (await hetzner.done<{ primary_ip: ShownAddress }>('POST', '/primary_ips', { ...wanted, ...more }))
      .primary_ip;
  const notCreated = (more: object) => hetzner.refused('POST', '/primary_ips', { ...wanted, ...more });
  const shown = async (id: number) =>
    (await hetzner.call<{ primary_ip: ShownAddress }>('GET', `/primary_ips/${id}`)).body.primary_ip;
  const act = (id: number, action: string, payload: object = {}) =>
    hetzner.done<{ action: { command: string } }>('POST', `/primary_ips/${id}/actions/${action}`, payload);
  const refused = (id: number, action: string, payload: object = {}) =>
    hetzner.refused('POST', `/primary_ips/${id}/actions/${action}`, payload);
  const bare = { public_net: { enable_ipv4: false, enable_ipv6: false }, start_after_create: false };
  const inNetwork = async () => {
    const subnets = [{ type: 'cloud', network_zone: 'eu-central', ip_range: '10.0.1.0/24' }];
    const { network } = await hetzner.done<{ network: { id: number } }>('POST', '/networks', {
      name: 'private',
      ip_range: '10.0.0.0/16',
      subnets,
    });
    return { ...bare, networks: [network.id] };
  };

  it('are created free, and stay after their server unless they say otherwise', async () => {
    expect(await create()).toMatchObject({
      assignee_id: null,
      assignee_type: 'unassigned',
      auto_delete: false,
      blocked: false,
      location: { name: 'fsn1' },
      protection: { delete: false },
    });
    expect((await create({ name: 'six', type: 'ipv6' })).ip).toMatch(/::\/64$/);
  });

  it('need a location or a server, and the server is in the location', async () => {
    const { id } = await hetzner.server('off', await inNetwork());
    expect(await notCreated({ location: null })).toBe('422 invalid_input assignee_id location');
    expect(await notCreated({ location: 'mars' })).toBe('422 invalid_input location');
    expect(await notCreated({ location: 'hel1', assignee_id: id })).toBe('422 invalid_input location');
    const { primary_ip, action } = await hetzner.done<{ primary_ip: object; action: object }>(
      'POST',
      '/primary_ips',
      { name: 'one', type: 'ipv4', assignee_type: 'server', assignee_id: id },
    );
    expect(primary_ip).toMatchObject({ assignee_id: id, assignee_type: 'server' });
    expect(action).toMatchObject({ command: 'assign_primary_ip' });
  });

  it('have names of their own, and no more of them than the project may have', async () => {
    await create();
    expect(await notCreated({})).toBe('409 uniqueness_error name');
    hetzner.project.rules.set({ 'limits.primary_ips': '1' });
    expect(await notCreated({ name: 'more' })).toBe('403 resource_limit_exceeded primary_ips');
  });

  it('go to a server only while it is off and has none of their kind, in the same location', async () => {
    const [here, there, on] = [
      await hetzner.server('here', await inNetwork()),
      await hetzner.server('there', { location: 'hel1', start_after_create: false }),
      await hetzner.server('on'),
    ];
    const { id } = await create();
    expect(await refused(id, 'unassign')).toBe('422 service_error');
    expect(await refused(id, 'assign', { assignee_id: on.id })).toBe('422 server_not_stopped');
    expect(await refused(id, 'assign', { assignee_id: there.id })).toBe('422 server_has_ipv4');
    const far = await create({ name: 'far', location: 'nbg1' });
    expect(await refused(far.id, 'assign', { assignee_id: here.id })).toBe('422 invalid_input assignee_id');
    await act(id, 'assign', { assignee_id: here.id, assignee_type: 'server' });
    expect(hetzner.store.get('servers', here.id)?.ipv4).toBe(id);
    expect(await refused(id, 'assign', { assignee_id: here.id })).toBe('422 primary_ip_already_assigned');
    await hetzner.done('POST', `/servers/${here.id}/actions/poweron`);
    expect(await refused(id, 'unassign')).toBe('422 server_not_stopped');
    await hetzner.done('POST', `/servers/${here.id}/actions/poweroff`);
    await act(id, 'unassign');
    expect(await shown(id)).toMatchObject({ assignee_id: null, assignee_type: 'unassigned' });
    expect(hetzner.store.get('servers', here.id)?.ipv4).toBeNull();
  });

  it('are given to new servers only when kind, place and freedom fit', async () => {
    const address = await create();
    const server = (public_net: object, location = 'fsn1') =>
      hetzner.refused('POST', '/servers', {
        name: 'new',
        server_type: 'cpx22',
        image: 'debian-12',
        location,
        public_net,
      });
    expect(await server({ ipv6: address.id })).toBe('412 primary_ip_version_mismatch');
    expect(await server({ ipv4: address.id }, 'hel1')).toBe('422 primary_ip_datacenter_mismatch');
    await hetzner.server('first', { public_net: { ipv4: address.id } });
    expect(await server({ ipv4: address.id })).toBe('422 primary_ip_assigned');
  });

  it('of a deleted server stay, but for those that go with it', async () => {
    const address = await create();
    const server = await hetzner.server('one', { public_net: { ipv4: address.id } });
    expect(hetzner.store.all('primary_ips')).toHaveLength(2);
    await hetzner.done('DELETE', `/servers/${server.id}`);
    expect(hetzner.store.all('primary_ips').map(({ id }) => id)).toEqual([address.id]);
    expect(await shown(address.id)).toMatchObject({ assignee_id: null });
  });

  it('are either protected, or go with their server', async () => {
    const { id } = await create();
    await act(id, 'change_protection', { delete: true });
    expect(await hetzner.refused('PUT', `/primary_ips/${id}`, { auto_delete: true })).toBe(
      '422 invalid_input auto_delete',
    );
    await act(id, 'change_protection', { delete: false });
    await hetzner.done('PUT', `/primary_ips/${id}`, { auto_delete: true });
    expect(await refused(id, 'change_protection', { delete: true })).toBe('422 invalid_input delete');
  });

  it('do one thing at a time: another write is a conflict', async () => {
    const { id, ip } = await create();
    hetzner.project.faults.arm('action_never_ends', null, 'change_dns_ptr');
    await hetzner.call('POST', `/primary_ips/${id}/actions/change_dns_ptr`, { ip, dns_ptr: 'a.example.com' });
    expect(await refused(id, 'change_protection', { delete: true })).toBe('409 conflict');
    expect(await hetzner.refused('DELETE', `/primary_ips/${id}`)).toBe('409 conflict');
    hetzner.project.faults.disarm();
    await hetzner.project.actions.idle();
  });

  it('are changed, found by their address, and deleted once they are free and unprotected', async () => {
    const { id, ip } = await create();
    const server = await hetzner.server('one', { public_net: { ipv4: id } });
    await act(id, 'change_dns_ptr', { ip, dns_ptr: 'www.example.com' });
    await hetzner.done('PUT', `/primary_ips/${id}`, { name: 'new', labels: { a: 'b' } });
    const { body } = await hetzner.call<{ primary_ips: object[] }>('GET', `/primary_ips?ip=${ip}`);
    const dns_ptr = [{ ip, dns_ptr: 'www.example.com' }];
    expect(body.primary_ips).toMatchObject([{ id, name: 'new', labels: { a: 'b' }, dns_ptr }]);
    expect(await hetzner.refused('DELETE', `/primary_ips/${id}`)).toBe('422 must_be_unassigned');
    await hetzner.done('DELETE', `/servers/${server.id}`);
    await act(id, 'change_protection', { delete: true });
    expect(await hetzner.refused('DELETE', `/primary_ips/${id}`)).toBe('423 protected');
    await act(id, 'change_protection', { delete: false });
    expect((await hetzner.call('DELETE', `/primary_ips/${id}`)).status).toBe(204);
  });
});
