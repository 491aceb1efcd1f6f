import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ServingHetzner } from './serving-hetzner.ts';

describe('the private networks of a server', () => {
  let hetzner: ServingHetzner;
  let network: number;
  beforeEach(async () => {
    hetzner = new ServingHetzner();
    network = await hetzner.network('private', '10.0.0.0/16', ['10.0.1.0/24', '10.0.2.0/24']);
  });
  afterEach(() => hetzner.remove());

  const attach = (id: number, payload: object = {}) =>
    hetzner.act(id, 'attach_to_network', { network, ...payload });
  const refused = (id: number, payload: object = {}) =>
    hetzner.refusedAct(id, 'attach_to_network', { network, ...payload });
  const nics = async (id: number) => (await hetzner.shown(id)).private_net;

  it('give it the next address of the subnet that was added last, or of the one that is asked for', async () => {
    const ids: number[] = [];
    for (const name of ['one', 'two', 'three']) ids.push((await hetzner.server(name)).id);
    const [one = 0, two = 0, three = 0] = ids;
    expect((await attach(one)).action).toMatchObject({
      command: 'attach_to_network',
      resources: [{ id: one, type: 'server' }],
    });
    await attach(two, { ip_range: '10.0.1.0/24' });
    await attach(three, { ip: '10.0.1.77', alias_ips: ['10.0.2.8', '10.0.2.9'] });
    expect((await nics(one))[0]?.ip).toBe('10.0.2.1');
    expect((await nics(two))[0]?.ip).toBe('10.0.1.1');
    expect(await nics(three)).toEqual([
      {
        network,
        ip: '10.0.1.77',
        alias_ips: ['10.0.2.8', '10.0.2.9'],
        mac_address: expect.stringMatching(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/),
      },
    ]);
    expect(hetzner.store.get('networks', network)?.servers).toEqual(ids);
  });

  it('are attached once each, to addresses that are free and in a subnet near it', async () => {
    const { id } = await hetzner.server('one', { networks: [network] });
    expect(await refused(id)).toBe('422 server_already_attached');
    const { id: other } = await hetzner.server('two');
    expect(await refused(other, { ip: '10.0.2.1' })).toBe('422 ip_not_available');
    expect(await refused(other, { alias_ips: ['10.0.2.1'] })).toBe('422 ip_not_available');
    expect(await refused(other, { ip: '10.0.9.1' })).toBe('422 invalid_input ip');
    expect(await refused(other, { ip: '10.0.1.9', ip_range: '10.0.2.0/24' })).toBe('422 invalid_input ip');
    expect(await refused(other, { ip_range: '10.0.3.0/24' })).toBe('422 no_subnet_available');
    expect(await refused(other, { network: 99_999 })).toBe('422 invalid_input network');
    const { id: far } = await hetzner.server('far', { location: 'ash' });
    expect(await refused(far)).toBe('422 no_subnet_available');
  });

  it('have no place when no address is free', async () => {
    const small = await hetzner.network('small', '10.1.0.0/24', ['10.1.0.0/30']);
    for (const name of ['one', 'two']) {
      const { id } = await hetzner.server(name);
      if (name === 'one') await attach(id, { network: small });
      else expect(await refused(id, { network: small })).toBe('422 no_subnet_available');
    }
  });

  it('do not overlap, and are three at most, each with a hundred members', async () => {
    const { id } = await hetzner.server('one', { networks: [network] });
    const inside = await hetzner.network('inside', '10.0.4.0/22', ['10.0.4.0/24']);
    expect(await refused(id, { network: inside })).toBe('422 networks_overlap');
    for (const number of [1, 2])
      await attach(id, {
        network: await hetzner.network(`n${number}`, `10.${number}.0.0/16`, [`10.${number}.1.0/24`]),
      });
    const fourth = await hetzner.network('n4', '10.4.0.0/16', ['10.4.1.0/24']);
    expect(await refused(id, { network: fourth })).toBe('403 resource_limit_exceeded server_network_limit');
    hetzner.project.rules.set({ 'limits.network_servers': '1' });
    const { id: second } = await hetzner.server('two');
    expect(await refused(second)).toBe('403 resource_limit_exceeded network_server_limit');
  });

  it('let it have other addresses as well, replaced as a whole', async () => {
    const { id } = await hetzner.server('one', { networks: [network] });
    const { id: other } = await hetzner.server('two', { networks: [network] });
    const change = (alias_ips: readonly string[]) => ({ network, alias_ips });
    const { action } = await hetzner.act(id, 'change_alias_ips', change(['10.0.1.8', '10.0.2.8']));
    expect(action.command).toBe('change_alias_ips');
    await hetzner.act(id, 'change_alias_ips', change(['10.0.2.8', '10.0.2.9']));
    expect((await nics(id))[0]?.alias_ips).toEqual(['10.0.2.8', '10.0.2.9']);
    const wrong = (server: number, payload: object) =>
      hetzner.refusedAct(server, 'change_alias_ips', payload);
    expect(await wrong(other, change(['10.0.2.9']))).toBe('422 ip_not_available');
    expect(await wrong(other, change(['10.0.9.9']))).toBe('422 invalid_input alias_ips');
    expect(await wrong(other, change(['10.0.1.9', '10.0.1.9']))).toBe('422 invalid_input alias_ips');
    expect(await wrong(other, { network })).toBe('422 invalid_input alias_ips');
    expect(await wrong(other, { network: 99_999, alias_ips: [] })).toBe('422 invalid_input network');
    const six = [1, 2, 3, 4, 5, 6].map((last) => `10.0.1.10${last}`);
    expect(await wrong(other, change(six))).toBe('403 resource_limit_exceeded server_alias_ip_limit');
    await hetzner.act(id, 'change_alias_ips', change([]));
    await hetzner.act(other, 'change_alias_ips', change(['10.0.2.9']));
  });

  it('are left again, with every address in them', async () => {
    const { id } = await hetzner.server('one');
    await attach(id, { ip: '10.0.1.7', alias_ips: ['10.0.1.8'] });
    const { action } = await hetzner.act(id, 'detach_from_network', { network });
    expect(action.command).toBe('detach_from_network');
    expect(await nics(id)).toEqual([]);
    expect(hetzner.store.get('networks', network)?.servers).toEqual([]);
    const { id: other } = await hetzner.server('two');
    await attach(other, { ip: '10.0.1.8', alias_ips: ['10.0.1.7'] });
    expect(await hetzner.refusedAct(id, 'detach_from_network', { network })).toBe(
      '422 invalid_input network',
    );
  });
});
