import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FirewalledHetzner, open, toServer } from './firewalled.ts';

describe('rules of a firewall of the local Hetzner', () => {
  let hetzner: FirewalledHetzner;
  beforeEach(() => {
    hetzner = new FirewalledHetzner();
  });
  afterEach(() => hetzner.remove());

  const out = { direction: 'out', protocol: 'icmp', destination_ips: ['0.0.0.0/0'] };
  const ranges = (count: number) =>
    Array.from({ length: count }, (_, index) => `10.${Math.floor(index / 256)}.${index % 256}.0/24`);
  const many = (count: number, width = 1) =>
    Array.from({ length: count }, () => ({ ...open('80'), source_ips: ranges(width) }));

  it('are replaced as a whole, by actions for the firewall and each server that it guards', async () => {
    const [one, two] = [await hetzner.server('one'), await hetzner.server('two')];
    const { id } = await hetzner.firewall({
      rules: [open('22')],
      apply_to: [toServer(one.id), toServer(two.id)],
    });
    const { actions } = await hetzner.act(id, 'set_rules', { rules: [open('80'), out] });
    expect(actions.map(({ command, resources }) => [command, ...resources.map(({ type }) => type)])).toEqual([
      ['set_firewall_rules', 'firewall'],
      ['apply_firewall', 'server', 'firewall'],
      ['apply_firewall', 'server', 'firewall'],
    ]);
    expect((await hetzner.shown(id)).rules).toMatchObject([
      { port: '80' },
      { protocol: 'icmp', port: null, source_ips: [], destination_ips: ['0.0.0.0/0'], description: null },
    ]);
    expect(hetzner.filtered(two.id)).toEqual([
      { direction: 'in', protocol: 'tcp', port: '80', ips: ['0.0.0.0/0', '::/0'] },
      { direction: 'out', protocol: 'icmp', ips: ['0.0.0.0/0'] },
    ]);
  });

  it('are all gone after an empty list, and then nothing comes in', async () => {
    const server = await hetzner.server('one');
    const { id } = await hetzner.firewall({ rules: [open('22')], apply_to: [toServer(server.id)] });
    await hetzner.act(id, 'set_rules', { rules: [] });
    expect((await hetzner.shown(id)).rules).toEqual([]);
    expect(hetzner.filtered(server.id)).toEqual([]);
    expect(await hetzner.refusedAct(id, 'set_rules', {})).toMatchObject({
      code: 'invalid_input',
      fields: ['rules'],
    });
  });

  it('take ranges of IPv6 in any form, and show them in the canonical one', async () => {
    const { id } = await hetzner.firewall();
    const source_ips = ['2001:0DB8:9a3b:ee58:5ca:990c:8bc9:c03b/128', '2001:db8:0:0::/64', '192.0.2.2/32'];
    await hetzner.act(id, 'set_rules', { rules: [{ ...open('22'), source_ips }] });
    expect((await hetzner.shown(id)).rules).toMatchObject([
      { source_ips: ['2001:db8:9a3b:ee58:5ca:990c:8bc9:c03b/128', '2001:db8::/64', '192.0.2.2/32'] },
    ]);
  });

  it.each([
    ['one port', { port: '80' }],
    ['a range of ports', { port: '1024-5000' }],
    ['all ports', { protocol: 'udp', port: 'any' }],
    ['icmp without a port', { protocol: 'icmp', port: null }],
    ['esp', { protocol: 'esp', port: undefined }],
    ['gre', { protocol: 'gre', port: undefined }],
    ['no destination, said as null', { destination_ips: null }],
    ['255 characters of description', { description: 'x'.repeat(255) }],
  ])('may name %s', async (_, rule) => {
    const { id } = await hetzner.firewall();
    await hetzner.act(id, 'set_rules', { rules: [{ ...open('80'), ...rule }] });
  });

  it.each([
    ['no port of tcp', 'port', { port: null }],
    ['a port of icmp', 'port', { protocol: 'icmp' }],
    ['port 0', 'port', { port: '0' }],
    ['port 65536', 'port', { port: '65536' }],
    ['a range of ports that runs backwards', 'port', { port: '90-80' }],
    ['several ports', 'port', { port: '80,443' }],
    ['a port as a number', 'port', { port: 80 }],
    ['another protocol', 'protocol', { protocol: 'TCP' }],
    ['another direction', 'direction', { direction: 'both' }],
    ['no source of what comes in', 'source_ips', { source_ips: [] }],
    ['a destination of what comes in', 'destination_ips', { destination_ips: ['0.0.0.0/0'] }],
    ['no destination of what goes out', 'destination_ips', { direction: 'out', source_ips: [] }],
    ['a source of what goes out', 'source_ips', { direction: 'out', destination_ips: ['0.0.0.0/0'] }],
    ['an address without a length', 'source_ips.0', { source_ips: ['192.0.2.2'] }],
    ['host bits', 'source_ips.0', { source_ips: ['192.0.2.2/24'] }],
    ['host bits of IPv6', 'source_ips.0', { source_ips: ['2001:db8::1/64'] }],
    ['a length that is too long', 'source_ips.1', { source_ips: ['0.0.0.0/0', '192.0.2.0/33'] }],
    ['256 characters of description', 'description', { description: 'x'.repeat(256) }],
  ])('are refused with %s', async (_, field, rule) => {
    const { id } = await hetzner.firewall({ rules: [open('22')] });
    const rules = [{ ...open('80'), ...rule }];
    for (const answer of [
      await hetzner.refusedAct(id, 'set_rules', { rules }),
      await hetzner.notCreated({ rules }),
    ])
      expect(answer).toMatchObject({ status: 422, code: 'invalid_input', fields: [`rules.0.${field}`] });
    expect((await hetzner.shown(id)).rules).toMatchObject([{ port: '22' }]);
  });

  it('are 50 at most, with 100 ranges each, and 500 ranges in all', async () => {
    const { id } = await hetzner.firewall();
    const set = async (rules: object[]) => {
      const { code, fields } = await hetzner.refusedAct(id, 'set_rules', { rules });
      return [code, fields];
    };
    expect(await set(many(51))).toEqual(['invalid_input', ['rules']]);
    expect(await set(many(1, 101))).toEqual(['invalid_input', ['rules.0.source_ips']]);
    expect(await set([...many(5, 100), ...many(1)])).toEqual(['invalid_input', ['rules']]);
    expect(await hetzner.notCreated({ rules: many(51) })).toMatchObject({ code: 'invalid_input' });
    await hetzner.act(id, 'set_rules', { rules: many(50, 10) });
    await hetzner.act(id, 'set_rules', { rules: many(5, 100) });
  });

  it('of several firewalls add up', async () => {
    const server = await hetzner.server('one');
    await hetzner.firewall({ rules: [open('22')], apply_to: [toServer(server.id)] });
    await hetzner.firewall({ name: 'second', rules: [open('80')], apply_to: [toServer(server.id)] });
    expect(hetzner.filtered(server.id)).toMatchObject([{ port: '22' }, { port: '80' }]);
  });

  it('are as before when the action that sets them fails', async () => {
    const { id } = await hetzner.firewall({ rules: [open('22')] });
    hetzner.project.faults.arm('action_fails', 1, 'set_firewall_rules');
    const { actions } = await hetzner.act(id, 'set_rules', { rules: [open('80')] });
    const path = `/firewalls/actions/${actions[0]?.id}`;
    expect((await hetzner.call<{ action: object }>('GET', path)).body.action).toMatchObject({
      status: 'error',
      error: { code: 'action_failed' },
    });
    expect((await hetzner.shown(id)).rules).toMatchObject([{ port: '22' }]);
  });
});
