import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LocalHetzner } from './local-hetzner.ts';

interface Named {
  readonly id: number;
  readonly name: string;
}

interface ServerType extends Named {
  readonly deprecated: boolean;
  readonly deprecation: null | { readonly unavailable_after: string };
  readonly locations: readonly { readonly name: string; readonly available: boolean }[];
  readonly prices: readonly { readonly location: string; readonly price_monthly: { readonly net: string } }[];
}

describe('what the local Hetzner offers', () => {
  let hetzner: LocalHetzner;
  beforeEach(() => {
    hetzner = new LocalHetzner();
  });
  afterEach(() => hetzner.remove());

  const list = async <T = Named>(plural: string, query = '') =>
    (await hetzner.call<Record<string, T[]>>('GET', `/${plural}?per_page=50&${query}`)).body[plural] ?? [];
  const one = async <T>(path: string) => (await hetzner.call<T>('GET', path)).body;
  const type = async (name: string) => (await list<ServerType>('server_types', `name=${name}`))[0];

  it('are six locations in four network zones', async () => {
    const locations = await list<Named & { network_zone: string }>('locations');
    expect(locations.map(({ name, network_zone }) => `${name} ${network_zone}`)).toEqual([
      'fsn1 eu-central',
      'nbg1 eu-central',
      'hel1 eu-central',
      'ash us-east',
      'hil us-west',
      'sin ap-southeast',
    ]);
    expect(await one('/locations/3')).toMatchObject({ location: { name: 'hel1', city: 'Helsinki' } });
    expect(await list('locations', 'name=hil')).toMatchObject([{ id: 5 }]);
  });

  it('are server types with a price and a stock for each of their locations', async () => {
    const cpx22 = await type('cpx22');
    expect(cpx22).toMatchObject({ cores: 2, memory: 4, disk: 80, architecture: 'x86', deprecated: false });
    const places = cpx22?.locations.map(({ name }) => name);
    expect(cpx22?.prices.map(({ location }) => location)).toEqual(places);
    expect(cpx22?.prices[0]?.price_monthly.net).toMatch(/^\d+\.\d{10}$/);
    expect((await type('cx23'))?.locations.map(({ name }) => name)).toEqual(['fsn1', 'nbg1', 'hel1']);
    expect(await one(`/server_types/${cpx22?.id}`)).toEqual({ server_type: cpx22 });
  });

  it('are system images by name, one for each architecture', async () => {
    const named = await list<Named & { architecture: string }>('images', 'name=debian-12');
    expect(named.map(({ id, architecture }) => [id, architecture])).toEqual([
      [114690387, 'x86'],
      [114690389, 'arm'],
    ]);
    const arm = await list<Named>('images', 'name=ubuntu-24.04&architecture=arm');
    expect(arm.map(({ id }) => id)).toEqual([161547270]);
  });

  it('give a server the image that its type can boot, where it is asked for by name', async () => {
    const wanted = { name: 'arm', server_type: 'cax11', image: 'debian-12', location: 'fsn1' };
    const { server } = await hetzner.done<{ server: { image: object } }>('POST', '/servers', wanted);
    expect(server.image).toMatchObject({ id: 114690389, architecture: 'arm' });
  });

  it('follow the rules for stock, end and price of a server type', async () => {
    hetzner.project.rules.set({
      'stock.cpx22.fsn1': 'out',
      'deprecation.cpx22': '2026-01-31',
      'price.cpx22': '7.5',
    });
    const changed = await type('cpx22');
    expect(changed).toMatchObject({
      deprecated: true,
      deprecation: { unavailable_after: '2026-01-31T00:00:00Z' },
      locations: expect.arrayContaining([expect.objectContaining({ name: 'fsn1', available: false })]),
    });
    expect(changed?.prices[0]?.price_monthly.net).toBe('7.5000000000');
    const { pricing } = await one<{ pricing: { server_types: ServerType[] } }>('/pricing');
    expect(pricing.server_types.find(({ name }) => name === 'cpx22')?.prices).toEqual(changed?.prices);
  });

  it('has prices in euros as decimal text, net and gross', async () => {
    const { pricing } = await one<{ pricing: Record<string, unknown> }>('/pricing');
    expect(pricing).toMatchObject({
      currency: 'EUR',
      vat_rate: expect.stringMatching(/^\d+\.\d+$/),
      server_backup: { percentage: expect.stringMatching(/^20\.0+$/) },
      volume: { price_per_gb_month: { net: expect.stringMatching(/^0\.\d+$/), gross: expect.any(String) } },
      image: { price_per_gb_month: { net: expect.any(String), gross: expect.any(String) } },
    });
    for (const kind of ['primary_ips', 'floating_ips']) {
      const prices = pricing[kind] as { type: string; prices: { location: string }[] }[];
      expect(prices.map(({ type: version }) => version)).toEqual(['ipv4', 'ipv6']);
      expect(prices[0]?.prices).toHaveLength(6);
    }
  });

  it('are ISOs by name and architecture', async () => {
    const all = await list<Named & { architecture: string | null }>('isos');
    expect(await one(`/isos/${all[0]?.id}`)).toEqual({ iso: all[0] });
    expect(await list('isos', `name=${all[1]?.name}`)).toEqual([all[1]]);
    const arm = await list<{ architecture: string | null }>('isos', 'architecture=arm');
    expect(new Set(arm.map(({ architecture }) => architecture))).toEqual(new Set(['arm', null]));
  });

  it('are no data centres any more, and 410 says where to look', async () => {
    for (const path of ['/datacenters', '/datacenters/4']) {
      const { status, body } = await hetzner.call('GET', path);
      expect([status, body.error.code]).toEqual([410, 'deprecated_api_endpoint']);
      expect(body.error.details).toMatchObject({ announcement: expect.stringContaining('changelog') });
    }
  });

  it('are data centres again with the legacy switch, one for each location', async () => {
    hetzner.project.rules.set({ 'legacy.datacenters': 'on', 'stock.cpx22.fsn1': 'out' });
    const all = await list<Named & { server_types: Record<string, number[]> }>('datacenters');
    expect(all.map(({ name }) => name)).toContain('fsn1-dc14');
    expect(all).toHaveLength(6);
    const falkenstein = all.find(({ name }) => name === 'fsn1-dc14');
    const cpx22 = (await type('cpx22'))?.id;
    expect(falkenstein?.server_types['supported']).toContain(cpx22);
    expect(falkenstein?.server_types['available']).not.toContain(cpx22);
    expect(await one(`/datacenters/${falkenstein?.id}`)).toEqual({ datacenter: falkenstein });
  });

  it.each([
    ['GET', '/storage_boxes'],
    ['POST', '/storage_boxes'],
    ['GET', '/storage_boxes/1'],
    ['PUT', '/storage_boxes/1'],
    ['DELETE', '/storage_boxes/1'],
    ['POST', '/storage_boxes/1/actions/change_protection'],
    ['GET', '/storage_box_types'],
    ['GET', '/storage_box_types/1'],
  ] as const)('are no Storage Boxes: %s %s is refused with what to do instead', async (method, path) => {
    const { status, body } = await hetzner.call(method, path, method === 'GET' ? undefined : {});
    expect([status, body.error.code]).toEqual([422, 'unsupported_error']);
    expect(body.error.message).toMatch(/a server with a volume/);
  });
});
