import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MachineTrouble, WantedPlaces, WantedServer } from '../../../twin/engines/engine.ts';
import { renderPlaces } from '../../../twin/engines/nspawn/places.ts';
import { LocalHetzner } from './local-hetzner.ts';

describe('faults of machines and places', () => {
  let hetzner: LocalHetzner;
  let places: WantedPlaces | undefined;
  let stopped: number[];
  let boots: { readonly id: number; readonly troubles: readonly MachineTrouble[] }[];
  beforeEach(async () => {
    stopped = [];
    boots = [];
    hetzner = new LocalHetzner({
      putPlaces: async (wanted) => {
        places = wanted;
      },
      stopServer: async (id) => {
        stopped.push(id);
      },
      putServer: async ({ id, troubles }: WantedServer) => {
        boots.push({ id, troubles });
      },
    });
    await hetzner.project.restore();
  });
  afterEach(() => hetzner.remove());

  const arm = async (name: string, on?: string, times: number | null = 1) => {
    const answer = await hetzner.call('POST', '/twin/faults', { name, times, ...(on ? { on } : {}) });
    await hetzner.project.strikes.idle();
    return answer;
  };
  const clear = async () => {
    await hetzner.call('DELETE', '/twin/faults');
    await hetzner.project.strikes.idle();
  };
  const status = async (id: number) =>
    (await hetzner.call<{ server: { status: string } }>('GET', `/servers/${id}`)).body.server.status;

  it('machine_crash takes the power of the server that it names, and is spent', async () => {
    const [one, two] = [await hetzner.server('one'), await hetzner.server('two')];
    await arm('machine_crash', 'two');
    expect([await status(one.id), await status(two.id)]).toEqual(['running', 'off']);
    expect(stopped).toEqual([two.id]);
    expect(hetzner.project.faults.armed).toEqual([]);
  });

  it('machine_crash waits for a server that is not there yet, and for what runs on it', async () => {
    await arm('machine_crash', 'late');
    const { id } = await hetzner.server('late');
    await hetzner.project.strikes.idle();
    expect(await status(id)).toBe('off');
  });

  it('gateway_down takes the server that the default route of a network leads to', async () => {
    const { network } = await hetzner.done<{ network: { id: number } }>('POST', '/networks', {
      name: 'private',
      ip_range: '10.0.0.0/16',
      subnets: [{ type: 'cloud', ip_range: '10.0.0.0/24', network_zone: 'eu-central' }],
      routes: [{ destination: '0.0.0.0/0', gateway: '10.0.0.3' }],
    });
    const one = await hetzner.server('one', { networks: [network.id] });
    const two = await hetzner.server('two', { networks: [network.id] });
    await arm('gateway_down', 'private');
    expect([await status(one.id), await status(two.id)]).toEqual(['running', 'off']);
  });

  it('location_down: nobody knows of its servers, nothing is done there, and they run again when it is back', async () => {
    const far = await hetzner.server('far', { location: 'hel1' });
    const near = await hetzner.server('near');
    await arm('location_down', 'hel1', null);
    expect([await status(far.id), await status(near.id)]).toEqual(['unknown', 'running']);
    expect(places?.down).toEqual(['hel1']);
    const refused = await hetzner.call('POST', `/servers/${far.id}/actions/reboot`);
    expect(refused).toMatchObject({ status: 503, body: { error: { code: 'unavailable' } } });
    const wanted = { name: 'new', server_type: 'cpx22', image: 'debian-12', location: 'hel1' };
    const unavailable = await hetzner.call('POST', '/servers', wanted);
    expect(unavailable).toMatchObject({ status: 412, body: { error: { code: 'resource_unavailable' } } });
    await hetzner.restart();
    expect(await status(far.id), 'after a restart of the twin').toBe('unknown');
    await clear();
    expect(await status(far.id)).toBe('running');
    expect(places?.down).toEqual([]);
  });

  it('partition: two locations, in whatever order they are named', async () => {
    await arm('partition', 'hel1.fsn1', null);
    expect(places?.partitions).toEqual([['fsn1', 'hel1']]);
    await clear();
    expect(places?.partitions).toEqual([]);
  });

  it('a place that is none is refused, with what to write instead', async () => {
    for (const [name, on] of [
      ['partition', 'fsn1'],
      ['partition', 'fsn1.fsn1'],
      ['location_down', 'mars'],
    ] as const) {
      const { status: code, body } = await arm(name, on);
      expect(code).toBe(422);
      expect(body.error.message).toMatch(/write .* such as/);
    }
  });

  it('troubles come with the next boot, once: a full disk with the disk, everything else with the power', async () => {
    await arm('disk_full', 'one');
    await arm('no_network', 'one');
    await arm('no_metadata', 'other');
    const { id } = await hetzner.server('one');
    expect(boots.filter((boot) => boot.id === id).map(({ troubles }) => troubles)).toEqual([
      ['disk_full'],
      ['no_network'],
    ]);
    await hetzner.done('POST', `/servers/${id}/actions/reboot`);
    expect(boots.at(-1)?.troubles).toEqual([]);
    expect(hetzner.project.faults.armed.map(({ name }) => name)).toEqual(['no_metadata']);
  });

  it('a delay that is set is told to the engine at once', async () => {
    await hetzner.call('PUT', '/twin/rules', { 'delay.fsn1.hel1': '30' });
    await hetzner.project.strikes.idle();
    expect(places?.delays).toContainEqual({ between: ['fsn1', 'hel1'], ms: 30 });
  });
});

describe('what a router is told of places', () => {
  const neighbours = [
    { link: 'p-1', location: 'fsn1', addresses: ['198.18.0.1', '2001:db8::/64'] },
    { link: 'p-2', location: 'hel1', addresses: ['198.18.0.2'] },
  ];
  const passages = [
    { from: 'fsn1', to: 'hel1', delay: 5000 },
    { from: 'hel1', to: 'fsn1' },
    { from: 'fsn1', to: 'nbg1', delay: 9000 },
  ];

  it('is nothing where no two of its neighbours are concerned', () => {
    expect(renderPlaces(neighbours.slice(0, 1), passages, ['nbg1'])).toEqual({ filter: '', delays: [] });
  });

  it('is a mark for what takes longer, a drop for what does not arrive, and only the delays that it needs', () => {
    const { filter, delays } = renderPlaces(neighbours, passages, []);
    expect(delays).toEqual([5000]);
    expect(filter).toContain('ip daddr { 198.18.0.2 } meta mark set 105000 return');
    expect(filter).toContain('ip daddr { 198.18.0.1 } drop');
    expect(filter).toContain('ip6 daddr { 2001:db8::/64 } drop');
    expect(filter).toContain('iifname vmap { "p-1" : jump from-fsn1, "p-2" : jump from-hel1 }');
  });

  it('is that nothing comes from a lost location, and nothing gets there', () => {
    const { filter } = renderPlaces(neighbours, [], ['hel1']);
    expect(filter).toContain('iifname { "p-2" } drop');
    expect(filter).toContain('ip daddr { 198.18.0.2 } drop');
  });
});
