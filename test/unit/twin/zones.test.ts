import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DnsZone, RecordSet } from './dns-zone.ts';
import { LocalHetzner, type Refusal } from './local-hetzner.ts';

const SERVERS = ['hydrogen.ns.hetzner.com.', 'oxygen.ns.hetzner.com.', 'helium.ns.hetzner.de.'];
const TODAY = new Date().toISOString().slice(0, 10).replaceAll('-', '');

interface Created {
  readonly zone: DnsZone;
  readonly action: { readonly id: number; readonly command: string; readonly resources: unknown };
}

describe('DNS zones of the local Hetzner', () => {
  let hetzner: LocalHetzner;
  beforeEach(() => {
    hetzner = new LocalHetzner();
  });
  afterEach(() => hetzner.remove());

  const create = async (more: object = {}) =>
    hetzner.done<Created>('POST', '/zones', { name: 'example.com', mode: 'primary', ...more });
  const secondary = (more: object = {}) =>
    create({ mode: 'secondary', primary_nameservers: [{ address: '203.0.113.1' }], ...more });
  const zone = async (of = 'example.com') =>
    (await hetzner.call<{ zone: DnsZone }>('GET', `/zones/${of}`)).body.zone;
  const sets = async () =>
    (await hetzner.call<{ rrsets: RecordSet[] }>('GET', '/zones/example.com/rrsets')).body.rrsets;
  const refused = async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, payload?: object) => {
    const { status, body } = await hetzner.call<Refusal>(method, path, payload);
    return { status, code: body.error.code, details: body.error.details };
  };
  const act = (command: string, payload: object, of = 'example.com') =>
    hetzner.done<{ action: Created['action'] }>('POST', `/zones/${of}/actions/${command}`, payload);

  it('begin with a SOA record and the three name servers of Hetzner', async () => {
    const { status, body } = await hetzner.call<Created>('POST', '/zones', {
      name: 'example.com',
      mode: 'primary',
      labels: { env: 'prod' },
    });
    expect(status).toBe(201);
    expect(body.action).toMatchObject({
      command: 'create_zone',
      resources: [{ id: body.zone.id, type: 'zone' }],
    });
    expect(body.zone).toEqual({
      id: expect.any(Number),
      name: 'example.com',
      mode: 'primary',
      status: 'ok',
      ttl: 3600,
      record_count: 4,
      registrar: 'other',
      labels: { env: 'prod' },
      protection: { delete: false },
      created: expect.any(String),
      primary_nameservers: [],
      authoritative_nameservers: {
        assigned: SERVERS,
        delegated: [],
        delegation_last_check: null,
        delegation_status: 'unknown',
      },
    });
    const [soa, ns] = await sets();
    expect(soa?.records).toEqual([
      { value: `${SERVERS[0]} dns.hetzner.com. ${TODAY}00 86400 10800 3600000 3600`, comment: '' },
    ]);
    expect(ns).toMatchObject({ id: '@/NS', records: SERVERS.map((value) => ({ value })) });
  });

  it('are created with record sets, whole or not at all', async () => {
    const www = { name: 'www', type: 'A', ttl: 300, records: [{ value: '203.0.113.1', comment: 'web' }] };
    await create({ rrsets: [www] });
    expect((await sets()).find(({ id }) => id === 'www/A')).toMatchObject({ ...www, labels: {} });
    const wrong = { ...www, name: 'api', records: [{ value: 'not an address' }] };
    const payload = { name: 'example.net', mode: 'primary', rrsets: [www, wrong] };
    expect(await refused('POST', '/zones', payload)).toMatchObject({
      status: 422,
      code: 'invalid_input',
      details: { fields: [{ name: 'rrsets[1].records[0].value' }] },
    });
    expect(await refused('GET', '/zones/example.net')).toMatchObject({ status: 404, code: 'not_found' });
  });

  it('may name their own SOA and further name servers at creation, but not other ones', async () => {
    const ns = (values: readonly string[]) => ({
      rrsets: [{ name: '@', type: 'NS', records: values.map((value) => ({ value })) }],
    });
    const payload = { name: 'example.com', mode: 'primary', ...ns(['ns.example.net.']) };
    expect(await refused('POST', '/zones', payload)).toMatchObject({ status: 422, code: 'invalid_input' });
    await create(ns([...SERVERS, 'ns.example.net.']));
    expect((await zone()).record_count).toBe(5);
  });

  it('are found by number and by name in every path', async () => {
    const { zone: made, action } = await create();
    for (const of of [made.id, 'example.com']) {
      expect((await zone(String(of))).id).toBe(made.id);
      const { body } = await hetzner.call<{ actions: { id: number }[] }>('GET', `/zones/${of}/actions`);
      expect(body.actions.map(({ id }) => id)).toEqual([action.id]);
      const one = await hetzner.call<{ action: { id: number } }>('GET', `/zones/${of}/actions/${action.id}`);
      expect(one.body.action.id).toBe(action.id);
    }
    const all = await hetzner.call<{ actions: { id: number }[] }>('GET', '/zones/actions');
    expect(all.body.actions.map(({ id }) => id)).toEqual([action.id]);
    const one = await hetzner.call<{ action: { id: number } }>('GET', `/zones/actions/${action.id}`);
    expect(one.body.action.id).toBe(action.id);
    expect(await refused('GET', '/zones/example.net')).toMatchObject({ status: 404, code: 'not_found' });
  });

  it('are listed by name, mode, labels and in any order', async () => {
    await create({ labels: { env: 'prod' } });
    await create({ name: 'example.net' });
    await secondary({ name: 'example.org' });
    const names = async (query: string) =>
      (await hetzner.call<{ zones: DnsZone[] }>('GET', `/zones?${query}`)).body.zones.map(({ name }) => name);
    expect(await names('name=example.net')).toEqual(['example.net']);
    expect(await names('mode=secondary')).toEqual(['example.org']);
    expect(await names('label_selector=env%3Dprod')).toEqual(['example.com']);
    expect(await names('sort=name:desc')).toEqual(['example.org', 'example.net', 'example.com']);
    expect(await refused('GET', '/zones?sort=ttl')).toMatchObject({ status: 422, code: 'invalid_input' });
  });

  it.each([
    ['sub.example.com', 'subdomains'],
    ['co.uk', 'public suffixes'],
    ['example.invalid', 'suffixes that nobody has'],
    ['Example.com', 'upper case'],
    ['example.com.', 'a dot at the end'],
    ['münchen.de', 'anything but Punycode'],
    ['203.0.113.1', 'addresses'],
  ])('have no name like %s: %s are not possible', async (name) => {
    expect(await refused('POST', '/zones', { name, mode: 'primary' })).toMatchObject({
      status: 422,
      code: 'invalid_input',
      details: { fields: [{ name: 'name' }] },
    });
  });

  it.each(['xn--mnchen-3ya.de', 'example.co.uk', 'example.xn--p1ai', 'groundup.github.io'])(
    'may be called %s',
    async (name) => {
      expect((await create({ name })).zone.name).toBe(name);
    },
  );

  it('have a name once', async () => {
    await create();
    expect(await refused('POST', '/zones', { name: 'example.com', mode: 'primary' })).toEqual({
      status: 409,
      code: 'uniqueness_error',
      details: { fields: [{ name: 'name', messages: ['is already used'] }] },
    });
  });

  it('are no more than the account may have', async () => {
    hetzner.project.rules.set({ 'limits.zones': '1' });
    await create();
    expect(await refused('POST', '/zones', { name: 'example.net', mode: 'primary' })).toEqual({
      status: 403,
      code: 'resource_limit_exceeded',
      details: { limits: [{ name: 'zone_limit' }] },
    });
  });

  it('change their labels as a whole, and nothing else by PUT', async () => {
    await create({ labels: { a: '1', b: '2' } });
    const { zone: changed } = await hetzner.done<{ zone: DnsZone }>('PUT', '/zones/example.com', {
      labels: { c: '3' },
      name: 'example.net',
    });
    expect(changed).toMatchObject({ name: 'example.com', labels: { c: '3' } });
    expect((await hetzner.done<{ zone: DnsZone }>('PUT', '/zones/example.com', {})).zone).toEqual(changed);
  });

  it('are not deleted while they are protected, or one of their record sets is', async () => {
    const set = { name: 'www', type: 'A', records: [{ value: '203.0.113.1' }] };
    await create({ rrsets: [set] });
    expect((await act('change_protection', { delete: true })).action.command).toBe('change_protection');
    expect((await act('change_protection', {})).action.command).toBe('change_protection');
    expect((await zone()).protection).toEqual({ delete: true });
    expect(await refused('DELETE', '/zones/example.com')).toMatchObject({ status: 423, code: 'protected' });
    await act('change_protection', { delete: false });
    const protect = (change: boolean) =>
      hetzner.done('POST', '/zones/example.com/rrsets/www/A/actions/change_protection', { change });
    await protect(true);
    const { status, body } = await hetzner.call('DELETE', '/zones/example.com');
    expect(status).toBe(423);
    expect(body.error).toMatchObject({ code: 'protected', message: 'RRSet(s) is/are change protected' });
    await protect(false);
    const gone = await hetzner.call<Created>('DELETE', '/zones/example.com');
    expect([gone.status, gone.body.action.command]).toEqual([201, 'delete_zone']);
    expect(await refused('GET', '/zones/example.com')).toMatchObject({ status: 404, code: 'not_found' });
    await create();
    expect((await sets()).map(({ id }) => id)).toEqual(['@/SOA', '@/NS']);
  });

  it('have a TTL from one minute to 68 years, in both modes', async () => {
    await create({ ttl: 10_800 });
    expect((await zone()).ttl).toBe(10_800);
    expect((await act('change_ttl', { ttl: 600 })).action.command).toBe('change_ttl');
    expect((await zone()).ttl).toBe(600);
    for (const ttl of [59, 2_147_483_648, null, undefined])
      expect(await refused('POST', '/zones/example.com/actions/change_ttl', { ttl })).toMatchObject({
        status: 422,
        code: 'invalid_input',
      });
    await secondary({ name: 'example.net' });
    await act('change_ttl', { ttl: 10_800 }, 'example.net');
    expect((await zone('example.net')).ttl).toBe(10_800);
  });

  it('in secondary mode come from name servers, on port 53 when none is named', async () => {
    const key = { tsig_key: 'c2VjcmV0', tsig_algorithm: 'hmac-sha256' };
    const { zone: made } = await secondary({
      primary_nameservers: [{ address: '203.0.113.1' }, { address: '2001:db8::1', port: 5353, ...key }],
    });
    expect(made).toMatchObject({ mode: 'secondary', record_count: 0, ttl: 3600 });
    expect(made.primary_nameservers).toEqual([
      { address: '203.0.113.1', port: 53 },
      { address: '2001:db8::1', port: 5353, ...key },
    ]);
    const { action } = await act('change_primary_nameservers', {
      primary_nameservers: [{ address: '203.0.113.2' }],
    });
    expect(action.command).toBe('change_primary_nameservers');
    expect((await zone()).primary_nameservers).toEqual([{ address: '203.0.113.2', port: 53 }]);
  });

  it.each([
    { address: 'ns.example.net' },
    { address: '203.0.113.1', port: 0 },
    { address: '203.0.113.1', tsig_key: 'not base64!' },
    { address: '203.0.113.1', tsig_algorithm: 'hmac-sha512' },
  ])('in secondary mode cannot come from %o', async (server) => {
    const payload = { name: 'example.com', mode: 'secondary', primary_nameservers: [server] };
    expect(await refused('POST', '/zones', payload)).toMatchObject({ status: 422, code: 'invalid_input' });
  });

  it('in secondary mode need a name server, and ignore records; those in primary mode ignore name servers', async () => {
    const records = { rrsets: [{ name: 'www', type: 'A', records: [{ value: '203.0.113.1' }] }] };
    for (const primary_nameservers of [undefined, []]) {
      const payload = { name: 'example.com', mode: 'secondary', primary_nameservers };
      expect(await refused('POST', '/zones', payload)).toMatchObject({
        status: 422,
        details: { fields: [{ name: 'primary_nameservers' }] },
      });
    }
    expect((await secondary(records)).zone.record_count).toBe(0);
    const { zone: made } = await create({
      name: 'example.net',
      primary_nameservers: [{ address: '203.0.113.1' }],
    });
    expect(made).toMatchObject({ primary_nameservers: [], record_count: 4 });
  });

  it.each([
    ['GET', '/zonefile', undefined],
    ['POST', '/actions/import_zonefile', { zonefile: '' }],
    ['GET', '/rrsets', undefined],
    ['POST', '/rrsets', { name: 'www', type: 'A', records: [{ value: '203.0.113.1' }] }],
    ['GET', '/rrsets/www/A', undefined],
    ['PUT', '/rrsets/www/A', {}],
    ['DELETE', '/rrsets/www/A', undefined],
    ['POST', '/rrsets/www/A/actions/set_records', {}],
    ['POST', '/rrsets/www/A/actions/add_records', {}],
    ['POST', '/rrsets/www/A/actions/remove_records', {}],
    ['POST', '/rrsets/www/A/actions/update_records', {}],
    ['POST', '/rrsets/www/A/actions/change_ttl', {}],
    ['POST', '/rrsets/www/A/actions/change_protection', {}],
  ] as const)('in secondary mode refuse %s %s', async (method, path, payload) => {
    await secondary();
    expect(await refused(method, `/zones/example.com${path}`, payload)).toMatchObject({
      status: 422,
      code: 'incorrect_zone_mode',
    });
  });

  it('in primary mode refuse other name servers to come from', async () => {
    await create();
    const payload = { primary_nameservers: [{ address: '203.0.113.1' }] };
    const path = '/zones/example.com/actions/change_primary_nameservers';
    expect(await refused('POST', path, payload)).toMatchObject({ status: 422, code: 'incorrect_zone_mode' });
  });

  it('take several actions at once, which end one after the other', async () => {
    hetzner.project.rules.set({ speed: '20' });
    await create();
    const begun = [
      await hetzner.call<Created>('POST', '/zones/example.com/actions/change_ttl', { ttl: 600 }),
      await hetzner.call<Created>('POST', '/zones/example.com/actions/change_protection', { delete: true }),
      await hetzner.call<Created>('POST', '/zones/example.com/rrsets', {
        name: 'www',
        type: 'A',
        records: [{ value: '203.0.113.1' }],
      }),
    ];
    expect(begun.map(({ status }) => status)).toEqual([201, 201, 201]);
    await hetzner.project.actions.idle();
    const ids = begun.map(({ body }) => body.action.id).join('&id=');
    const { body } = await hetzner.call<{ actions: { status: string; finished: string }[] }>(
      'GET',
      `/actions?id=${ids}&sort=id`,
    );
    expect(body.actions.map(({ status }) => status)).toEqual(['success', 'success', 'success']);
    const ends = body.actions.map(({ finished }) => finished);
    expect(ends).toEqual(ends.toSorted());
    expect(await zone()).toMatchObject({ ttl: 600, protection: { delete: true }, record_count: 5 });
  });

  it('are remembered with their records after a restart', async () => {
    await create({ rrsets: [{ name: 'www', type: 'A', records: [{ value: '203.0.113.1' }] }] });
    const before = [await zone(), await sets()];
    await hetzner.restart();
    expect([await zone(), await sets()]).toEqual(before);
  });
});
