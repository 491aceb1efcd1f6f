import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ServingHetzner } from './serving-hetzner.ts';

describe('a server of the local Hetzner', () => {
  let hetzner: ServingHetzner;
  beforeEach(() => {
    hetzner = new ServingHetzner();
  });
  afterEach(() => hetzner.remove());

  const stopped = async (name = 'one', more: object = {}) => {
    const { id } = await hetzner.server(name, more);
    await hetzner.act(id, 'poweroff');
    return id;
  };
  const group = async (name = 'g') =>
    (await hetzner.made('/placement_groups', 'placement_group', { name, type: 'spread' })).id;

  describe('that changes its type', () => {
    const change = (server_type: string | number, upgrade_disk = true) => ({ server_type, upgrade_disk });

    it('is migrated with its disk, which may grow, and started again', async () => {
      const id = await stopped();
      const { body } = await hetzner.call<{ action: { command: string } }>(
        'POST',
        `/servers/${id}/actions/change_type`,
        change('cpx32'),
      );
      expect(body.action.command).toBe('change_server_type');
      expect((await hetzner.shown(id)).status).toBe('migrating');
      await hetzner.project.actions.idle();
      expect(await hetzner.shown(id)).toMatchObject({
        status: 'running',
        server_type: { name: 'cpx32' },
        primary_disk_size: 160,
      });
    });

    it('can go back only as long as its disk has not grown', async () => {
      const id = await stopped();
      await hetzner.act(id, 'change_type', change(110, false));
      expect(await hetzner.shown(id)).toMatchObject({
        server_type: { name: 'cpx32' },
        primary_disk_size: 80,
      });
      for (const [type, disk] of [
        ['cpx22', false],
        ['cpx32', true],
      ] as const) {
        await hetzner.act(id, 'poweroff');
        await hetzner.act(id, 'change_type', change(type, disk));
      }
      await hetzner.act(id, 'poweroff');
      expect(await hetzner.refusedAct(id, 'change_type', change('cpx22', false))).toBe(
        '422 invalid_server_type',
      );
    });

    it('stays off when it has no interface to be started with', async () => {
      const closed = { enable_ipv4: false, enable_ipv6: false };
      const { id } = await hetzner.server('one', { public_net: closed, start_after_create: false });
      await hetzner.act(id, 'change_type', change('cpx32'));
      expect((await hetzner.shown(id)).status).toBe('off');
    });

    it('is stopped, and its new type another one that fits, is sold, in stock and allowed', async () => {
      const { id } = await hetzner.server('one');
      const refused = (type: string) => hetzner.refusedAct(id, 'change_type', change(type));
      expect(await refused('cpx32')).toBe('422 server_not_stopped');
      await hetzner.act(id, 'poweroff');
      for (const unfit of ['cpx22', 'cax21', 'cpx12'])
        expect(await refused(unfit), unfit).toBe('422 invalid_server_type');
      expect(await refused('cpx1')).toBe('422 invalid_input server_type');
      expect(await hetzner.refusedAct(id, 'change_type', { server_type: 'cpx32' })).toBe(
        '422 invalid_input upgrade_disk',
      );
      hetzner.project.rules.set({ 'stock.cpx32.fsn1': 'out', 'deprecation.cpx42': '2026-01-31' });
      expect(await refused('cpx32')).toBe('412 resource_unavailable');
      expect(await refused('cpx42')).toBe('422 invalid_server_type');
      hetzner.project.rules.set({ 'limits.dedicated_vcpus': '1' });
      expect(await refused('ccx13')).toBe('403 resource_limit_exceeded dedicated_vcpu_limit');
    });
  });

  describe('and its placement group', () => {
    it('are joined while it is stopped', async () => {
      const { id } = await hetzner.server('one');
      const placement_group = await group();
      const refused = (payload: object) => hetzner.refusedAct(id, 'add_to_placement_group', payload);
      expect(await refused({ placement_group })).toBe('422 server_not_stopped');
      expect(await refused({ placement_group: 99_999 })).toBe('422 invalid_input placement_group');
      await hetzner.act(id, 'poweroff');
      const { action } = await hetzner.act(id, 'add_to_placement_group', { placement_group });
      expect(action.command).toBe('add_to_placement_group');
      expect((await hetzner.shown(id)).placement_group).toMatchObject({ id: placement_group, servers: [id] });
      expect(await refused({ placement_group: await group('other') })).toBe('422 already_in_placement_group');
    });

    it('are parted at any time', async () => {
      const { id } = await hetzner.server('one', { placement_group: await group() });
      const { action } = await hetzner.act(id, 'remove_from_placement_group');
      expect(action.command).toBe('remove_from_placement_group');
      expect((await hetzner.shown(id)).placement_group).toBeNull();
      expect(hetzner.store.all('placement_groups')).toMatchObject([{ servers: [] }]);
      expect(await hetzner.refusedAct(id, 'remove_from_placement_group')).toBe(
        '422 invalid_input placement_group',
      );
    });

    it('are not joined when ten others are in it', async () => {
      hetzner.project.rules.set({ 'limits.placement_group_servers': '1' });
      const placement_group = await group();
      await hetzner.server('member', { placement_group });
      const id = await stopped();
      const { status, body } = await hetzner.call('POST', `/servers/${id}/actions/add_to_placement_group`, {
        placement_group,
      });
      expect([status, body.error.code, body.error.message]).toEqual([
        422,
        'placement_group_member_limit_reached',
        `placement group with ID ${placement_group} contains already 1 servers`,
      ]);
    });
  });

  it('is protected against deletion and rebuilding at once, or not at all', async () => {
    const { id } = await hetzner.server('one');
    const { action } = await hetzner.act(id, 'change_protection', { delete: true, rebuild: true });
    expect(action).toMatchObject({ command: 'change_protection', status: 'success' });
    expect((await hetzner.shown(id)).protection).toEqual({ delete: true, rebuild: true });
    for (const half of [{ delete: false }, { rebuild: false }, { delete: true, rebuild: false }])
      expect(await hetzner.refusedAct(id, 'change_protection', half)).toBe('422 invalid_input rebuild');
    await hetzner.act(id, 'change_protection', { delete: false, rebuild: false });
    expect((await hetzner.shown(id)).protection).toEqual({ delete: false, rebuild: false });
  });

  it('names its public addresses: IPv4 goes back to the standard name, IPv6 to none', async () => {
    const { id } = await hetzner.server('one');
    const { ipv4, ipv6 } = (await hetzner.shown(id)).public_net;
    const name = (ip: string | undefined, dns_ptr: string | null) =>
      hetzner.act(id, 'change_dns_ptr', { ip, dns_ptr });
    const inside = ipv6?.ip.replace('::/64', '::7') ?? '';
    expect((await name(ipv4?.ip, 'a.example.com')).action.command).toBe('change_dns_ptr');
    await name(inside, 'b.example.com');
    expect((await hetzner.shown(id)).public_net).toMatchObject({
      ipv4: { dns_ptr: 'a.example.com' },
      ipv6: { dns_ptr: [{ ip: inside, dns_ptr: 'b.example.com' }] },
    });
    await name(ipv4?.ip, null);
    await name(inside, null);
    expect((await hetzner.shown(id)).public_net).toMatchObject({
      ipv4: { dns_ptr: ipv4?.dns_ptr },
      ipv6: { dns_ptr: [] },
    });
  });

  it('names no addresses but its own: not those of floating IPs, nor such as it does not have', async () => {
    const { id } = await hetzner.server('one', { public_net: { enable_ipv6: false } });
    const { floating_ip } = await hetzner.done<{ floating_ip: { ip: string } }>('POST', '/floating_ips', {
      type: 'ipv4',
      server: id,
    });
    for (const ip of [floating_ip.ip, '2001:db8::1', 'none'])
      expect(await hetzner.refusedAct(id, 'change_dns_ptr', { ip, dns_ptr: 'a.example.com' }), ip).toBe(
        '422 invalid_input ip',
      );
    const own = (await hetzner.shown(id)).public_net.ipv4?.ip;
    expect(await hetzner.refusedAct(id, 'change_dns_ptr', { ip: own, dns_ptr: 'no name' })).toBe(
      '422 invalid_input dns_ptr',
    );
  });
});
