import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ServerFilter } from '../../../twin/engines/engine.ts';
import { LocalHetzner } from './local-hetzner.ts';

interface ShownFirewall {
  readonly id: number;
  readonly rules: readonly object[];
  readonly applied_to: readonly object[];
}

interface ShownAction {
  readonly command: string;
  readonly resources: readonly { readonly id: number; readonly type: string }[];
}

describe('firewalls of the local Hetzner', () => {
  let hetzner: LocalHetzner;
  let filters: readonly ServerFilter[];
  beforeEach(() => {
    filters = [];
    hetzner = new LocalHetzner({
      putFirewalls: async (wanted) => {
        filters = wanted;
      },
    });
  });
  afterEach(() => hetzner.remove());

  const https = { direction: 'in', protocol: 'tcp', port: '443', source_ips: ['0.0.0.0/0', '::/0'] };
  const create = async (more: object = {}): Promise<ShownFirewall> =>
    (await hetzner.done<{ firewall: ShownFirewall }>('POST', '/firewalls', { name: 'web', ...more }))
      .firewall;
  const notCreated = (more: object) => hetzner.refused('POST', '/firewalls', { name: 'web', ...more });
  const shown = async (id: number) =>
    (await hetzner.call<{ firewall: ShownFirewall }>('GET', `/firewalls/${id}`)).body.firewall;
  const act = async (id: number, action: string, payload: object) =>
    (await hetzner.done<{ actions: ShownAction[] }>('POST', `/firewalls/${id}/actions/${action}`, payload))
      .actions;
  const refused = (id: number, action: string, payload: object) =>
    hetzner.refused('POST', `/firewalls/${id}/actions/${action}`, payload);
  const on = ({ id }: { id: number }) => ({ type: 'server', server: { id } });
  const labelled = (selector: string) => ({ type: 'label_selector', label_selector: { selector } });
  const rulesOf = (id: number) => filters.find(({ server }) => server === id)?.rules;

  it('are created with rules and targets by a setting action and an applying one for each server', async () => {
    const server = await hetzner.server('one');
    const { firewall, actions } = await hetzner.done<{ firewall: ShownFirewall; actions: ShownAction[] }>(
      'POST',
      '/firewalls',
      { name: 'web', rules: [https], apply_to: [on(server)], labels: { a: 'b' } },
    );
    expect(firewall).toMatchObject({ name: 'web', labels: { a: 'b' }, applied_to: [on(server)] });
    expect(firewall.rules).toEqual([{ ...https, destination_ips: [], description: null }]);
    expect(actions.map(({ command }) => command)).toEqual(['set_firewall_rules', 'apply_firewall']);
    expect(rulesOf(server.id)).toEqual([
      { direction: 'in', protocol: 'tcp', port: '443', ips: ['0.0.0.0/0', '::/0'] },
    ]);
  });

  it('have names of their own, and no more of them than the project may have', async () => {
    await create();
    expect(await notCreated({})).toBe('409 uniqueness_error name');
    hetzner.project.rules.set({ 'limits.firewalls': '1' });
    expect(await notCreated({ name: 'more' })).toBe('403 resource_limit_exceeded firewall_limit');
  });

  it.each([
    ['a port that is none', { ...https, port: '0' }, 'rules.0.port'],
    ['a range of ports backwards', { ...https, port: '90-80' }, 'rules.0.port'],
    ['tcp without port', { ...https, port: undefined }, 'rules.0.port'],
    ['icmp with port', { ...https, protocol: 'icmp' }, 'rules.0.port'],
    ['a range with host bits', { ...https, source_ips: ['10.0.0.1/8'] }, 'rules.0.source_ips.0'],
    ['an address without prefix', { ...https, source_ips: ['10.0.0.1'] }, 'rules.0.source_ips.0'],
    ['an incoming rule from nowhere', { ...https, source_ips: [] }, 'rules.0.source_ips'],
    [
      'an outgoing rule to nowhere',
      { ...https, direction: 'out' },
      'rules.0.destination_ips rules.0.source_ips',
    ],
    ['a protocol of its own', { ...https, protocol: 'sctp' }, 'rules.0.protocol'],
    ['a long description', { ...https, description: 'x'.repeat(256) }, 'rules.0.description'],
  ])('refuse %s', async (_, rule, fields) => {
    expect(await notCreated({ rules: [rule] })).toBe(`422 invalid_input ${fields}`);
  });

  it('tell ranges of IPv6 as RFC 5952 writes them', async () => {
    const { rules } = await create({ rules: [{ ...https, source_ips: ['2001:0DB8:0::/48'] }] });
    expect(rules).toMatchObject([{ source_ips: ['2001:db8::/48'] }]);
  });

  it('hold no more rules, ranges and effective rules than a firewall can have', async () => {
    const range = (index: number) => `10.${Math.floor(index / 256)}.${index % 256}.0/24`;
    const wide = (count: number) => ({
      ...https,
      source_ips: Array.from({ length: count }, (_, i) => range(i)),
    });
    expect(await notCreated({ rules: Array.from({ length: 51 }, () => https) })).toBe(
      '422 invalid_input rules',
    );
    expect(await notCreated({ rules: [https, wide(101)] })).toBe('422 invalid_input rules.1.source_ips');
    expect(await notCreated({ rules: Array.from({ length: 6 }, () => wide(100)) })).toBe(
      '422 invalid_input rules',
    );
    await create({ rules: Array.from({ length: 5 }, () => wide(100)) });
  });

  it('change their rules as a whole, which is applied to every server', async () => {
    const [one, other] = [await hetzner.server('one'), await hetzner.server('other')];
    const { id } = await create({ rules: [https], apply_to: [on(one), on(other)] });
    const actions = await act(id, 'set_rules', { rules: [{ ...https, port: '80-85' }] });
    expect(actions.map(({ command }) => command)).toEqual([
      'set_firewall_rules',
      'apply_firewall',
      'apply_firewall',
    ]);
    expect(rulesOf(other.id)).toMatchObject([{ port: '80-85' }]);
    await act(id, 'set_rules', { rules: [] });
    expect(rulesOf(one.id)).toEqual([]);
    expect(await refused(id, 'set_rules', {})).toBe('422 invalid_input rules');
  });

  it('are applied to servers and removed from them, once each', async () => {
    const server = await hetzner.server('one');
    const { id } = await create({ rules: [https] });
    expect(rulesOf(server.id)).toBeUndefined();
    expect((await act(id, 'apply_to_resources', { apply_to: [on(server)] }))[0]?.resources).toEqual([
      { id: server.id, type: 'server' },
      { id, type: 'firewall' },
    ]);
    expect(await refused(id, 'apply_to_resources', { apply_to: [on(server)] })).toBe(
      '422 firewall_already_applied',
    );
    expect(await hetzner.refused('DELETE', `/firewalls/${id}`)).toBe('422 resource_in_use');
    expect((await act(id, 'remove_from_resources', { remove_from: [on(server)] }))[0]?.command).toBe(
      'remove_firewall',
    );
    expect(await refused(id, 'remove_from_resources', { remove_from: [on(server)] })).toBe(
      '404 firewall_resource_not_found',
    );
    expect((await hetzner.call('DELETE', `/firewalls/${id}`)).status).toBe(204);
  });

  it('need a server that exists, with a public interface, and with fewer than five of them', async () => {
    const subnets = [{ type: 'cloud', network_zone: 'eu-central', ip_range: '10.0.1.0/24' }];
    const { network } = await hetzner.done<{ network: { id: number } }>('POST', '/networks', {
      name: 'private',
      ip_range: '10.0.0.0/16',
      subnets,
    });
    const inside = await hetzner.server('inside', {
      networks: [network.id],
      public_net: { enable_ipv4: false, enable_ipv6: false },
    });
    const server = await hetzner.server('one');
    const { id } = await create();
    const apply = (target: object) => refused(id, 'apply_to_resources', { apply_to: [target] });
    expect(await apply(on({ id: 4711 }))).toBe('404 firewall_resource_not_found');
    expect(await apply(on(inside))).toBe('422 private_net_only_server');
    hetzner.project.rules.set({ 'limits.server_firewalls': '1' });
    await create({ name: 'first', apply_to: [on(server)] });
    expect(await apply(on(server))).toBe('403 resource_limit_exceeded server_firewall_limit');
    expect(await notCreated({ name: 'new', apply_to: [on({ id: 4711 })] })).toBe(
      '422 firewall_resource_not_found',
    );
    expect(await notCreated({ name: 'new', apply_to: [on(inside)] })).toBe('422 incompatible_network_type');
    expect(await notCreated({ name: 'new', apply_to: [on(server), on(server)] })).toBe(
      '422 server_already_added',
    );
    expect(hetzner.store.all('firewalls')).toHaveLength(2);
  });

  it('by labels guard whoever has them, as labels come and go', async () => {
    const server = await hetzner.server('one', { labels: { role: 'web' } });
    const other = await hetzner.server('other');
    const { id } = await create({ rules: [https], apply_to: [labelled('role=web')] });
    expect((await shown(id)).applied_to).toEqual([
      { ...labelled('role=web'), applied_to_resources: [on(server)] },
    ]);
    await hetzner.done('PUT', `/servers/${other.id}`, { labels: { role: 'web' } });
    expect(rulesOf(other.id)).toHaveLength(1);
    expect(await refused(id, 'remove_from_resources', { remove_from: [on(other)] })).toBe(
      '422 firewall_managed_by_label_selector',
    );
    await hetzner.done('PUT', `/servers/${server.id}`, { labels: {} });
    expect(rulesOf(server.id)).toBeUndefined();
    expect(await refused(id, 'apply_to_resources', { apply_to: [labelled('role=web')] })).toBe(
      '422 firewall_already_applied',
    );
    expect(await refused(id, 'apply_to_resources', { apply_to: [labelled('(((')] })).toBe(
      '422 invalid_input apply_to.0.label_selector.selector',
    );
    await act(id, 'remove_from_resources', { remove_from: [labelled('role=web')] });
    expect(rulesOf(other.id)).toBeUndefined();
  });

  it('do one thing at a time: another write is a conflict', async () => {
    const { id } = await create();
    hetzner.project.faults.arm('action_never_ends', null, 'set_firewall_rules');
    await hetzner.call('POST', `/firewalls/${id}/actions/set_rules`, { rules: [https] });
    expect(await refused(id, 'set_rules', { rules: [] })).toBe('409 conflict');
    expect(await hetzner.refused('DELETE', `/firewalls/${id}`)).toBe('409 conflict');
    hetzner.project.faults.disarm();
    await hetzner.project.actions.idle();
  });

  it('are renamed, relabelled and found by name', async () => {
    const { id } = await create();
    await hetzner.done('PUT', `/firewalls/${id}`, { name: 'new', labels: { a: 'b' } });
    const { body } = await hetzner.call<{ firewalls: object[] }>('GET', '/firewalls?name=new');
    expect(body.firewalls).toMatchObject([{ id, labels: { a: 'b' } }]);
  });
});
