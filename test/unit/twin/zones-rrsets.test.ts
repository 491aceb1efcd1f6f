import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DnsZone, RecordSet } from './dns-zone.ts';
import { LocalHetzner, type Refusal } from './local-hetzner.ts';

const SERVERS = ['hydrogen.ns.hetzner.com.', 'oxygen.ns.hetzner.com.', 'helium.ns.hetzner.de.'];
const ROOT = '/zones/example.com/rrsets';
const WWW = `${ROOT}/www/A`;

interface Begun {
  readonly rrset: RecordSet;
  readonly action: { readonly command: string; readonly resources: unknown };
}

describe('record sets of a zone of the local Hetzner', () => {
  let hetzner: LocalHetzner;
  let zone: DnsZone;
  beforeEach(async () => {
    hetzner = new LocalHetzner();
    const wanted = { name: 'example.com', mode: 'primary' };
    zone = (await hetzner.done<{ zone: DnsZone }>('POST', '/zones', wanted)).zone;
  });
  afterEach(() => hetzner.remove());

  const values = (...list: readonly string[]) => ({ records: list.map((value) => ({ value })) });
  const create = (name: string, type: string, ...list: readonly string[]) =>
    hetzner.done<Begun>('POST', ROOT, { name, type, ...values(...list) });
  const www = () => create('www', 'A', '203.0.113.1');
  const act = async (path: string, command: string, payload: object) =>
    (await hetzner.done<Begun>('POST', `${path}/actions/${command}`, payload)).action;
  const get = async (id: string) =>
    (await hetzner.call<{ rrset: RecordSet }>('GET', `${ROOT}/${id}`)).body.rrset;
  const recordsOf = async (id: string) => (await get(id)).records.map(({ value }) => value);
  const refused = async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, payload?: object) => {
    const { status, body } = await hetzner.call<Refusal>(method, path, payload);
    return { status, ...body.error };
  };
  const serial = async () => Number((await recordsOf('@/SOA'))[0]?.split(' ')[2]);

  it('are one for a name and a type, which is what they are known by', async () => {
    const set = {
      name: 'www',
      type: 'A',
      ttl: 300,
      labels: { env: 'prod' },
      records: [{ value: '203.0.113.1', comment: 'web' }, { value: '203.0.113.2' }],
    };
    const { status, body } = await hetzner.call<Begun>('POST', ROOT, set);
    expect(status).toBe(201);
    expect(body.action).toMatchObject({
      command: 'create_rrset',
      resources: [{ id: zone.id, type: 'zone' }],
    });
    expect(body.rrset).toEqual({
      ...set,
      id: 'www/A',
      protection: { change: false },
      zone: zone.id,
      records: [
        { value: '203.0.113.1', comment: 'web' },
        { value: '203.0.113.2', comment: '' },
      ],
    });
    expect(await get('www/A')).toEqual(body.rrset);
    expect(await refused('POST', ROOT, set)).toMatchObject({ status: 409, code: 'uniqueness_error' });
    await create('www', 'AAAA', '2001:db8::1');
  });

  it('of the zone itself are called @, in paths too', async () => {
    const { rrset } = await create('@', 'MX', '10 mail.example.com.');
    expect(rrset.id).toBe('@/MX');
    expect(await get('%40/MX')).toEqual(await get('@/MX'));
    expect(await recordsOf('@/NS')).toEqual(SERVERS);
  });

  it('without a TTL have that of the zone', async () => {
    expect((await www()).rrset.ttl).toBeNull();
    const explicit = { name: 'api', type: 'A', ttl: null, ...values('203.0.113.1') };
    expect((await hetzner.done<Begun>('POST', ROOT, explicit)).rrset.ttl).toBeNull();
    expect(await refused('POST', ROOT, { ...explicit, name: 'x', ttl: 59 })).toMatchObject({
      status: 422,
      code: 'invalid_input',
      details: { fields: [{ name: 'ttl' }] },
    });
  });

  it('are listed by name, several types and labels, in pages of up to 100', async () => {
    await www();
    await create('www', 'TXT', '"text"');
    const labelled = { name: 'api', type: 'A', labels: { env: 'prod' }, ...values('203.0.113.1') };
    await hetzner.done('POST', ROOT, labelled);
    const ids = async (query: string) => {
      const { body } = await hetzner.call<{ rrsets: RecordSet[]; meta: { pagination: object } }>(
        'GET',
        `${ROOT}?${query}`,
      );
      return { ids: body.rrsets.map(({ id }) => id), ...body.meta.pagination };
    };
    expect((await ids('name=www')).ids).toEqual(['www/A', 'www/TXT']);
    expect((await ids('type=TXT&type=SOA')).ids).toEqual(['@/SOA', 'www/TXT']);
    expect((await ids('label_selector=env%3Dprod')).ids).toEqual(['api/A']);
    expect((await ids('sort=name:desc&sort=id:desc')).ids).toEqual([
      'www/TXT',
      'www/A',
      'api/A',
      '@/NS',
      '@/SOA',
    ]);
    expect(await ids('per_page=500')).toMatchObject({ per_page: 100, total_entries: 5 });
    expect(await ids('per_page=2&page=3')).toMatchObject({ ids: ['api/A'], next_page: null });
  });

  it('have a value once, and say which one is there twice', async () => {
    await create('_acme-challenge', 'TXT', '"token"');
    const path = `${ROOT}/_acme-challenge/TXT/actions/add_records`;
    expect(await refused('POST', path, values('"token"'))).toEqual({
      status: 422,
      code: 'invalid_input',
      message: `duplicate value '"token"'`,
      details: {
        fields: [{ name: 'records[0].records[1].value', messages: [`duplicate value '"token"'`] }],
      },
    });
  });

  it('of type CNAME are alone at their name, and have one record', async () => {
    await www();
    const alias = (name: string) => ({ name, type: 'CNAME', ...values('example.net.') });
    expect(await refused('POST', ROOT, alias('www'))).toMatchObject({ status: 422, code: 'invalid_input' });
    expect(await refused('POST', ROOT, alias('@'))).toMatchObject({ status: 422, code: 'invalid_input' });
    await hetzner.done('POST', ROOT, alias('blog'));
    const text = { name: 'blog', type: 'TXT', ...values('"x"') };
    expect(await refused('POST', ROOT, text)).toMatchObject({ status: 422, code: 'invalid_input' });
    const path = `${ROOT}/blog/CNAME/actions/add_records`;
    expect(await refused('POST', path, values('example.org.'))).toMatchObject({
      status: 422,
      message: 'there can be one CNAME record only',
    });
  });

  it('change their labels by PUT, and by nothing but their actions anything else', async () => {
    await www();
    const { rrset } = await hetzner.done<Begun>('PUT', WWW, { labels: { a: '1' } });
    expect(rrset).toMatchObject({ id: 'www/A', labels: { a: '1' } });
    expect((await hetzner.done<Begun>('PUT', WWW, {})).rrset).toEqual(rrset);
    expect(await refused('PUT', WWW, values('203.0.113.9'))).toEqual({
      status: 422,
      code: 'invalid_input',
      message: "can't update records with this endpoint",
      details: null,
    });
  });

  it('have their records set, and lose the others', async () => {
    await www();
    const records = [{ value: '203.0.113.2', comment: 'new' }, { value: '203.0.113.3' }];
    expect((await act(WWW, 'set_records', { records })).command).toBe('set_rrset_records');
    expect((await get('www/A')).records).toEqual([records[0], { value: '203.0.113.3', comment: '' }]);
  });

  it('get further records, and begin to be with the first', async () => {
    await www();
    expect((await act(WWW, 'add_records', values('203.0.113.2'))).command).toBe('add_rrset_records');
    expect(await recordsOf('www/A')).toEqual(['203.0.113.1', '203.0.113.2']);
    await act(`${ROOT}/new/A`, 'add_records', { ...values('203.0.113.1'), ttl: 300 });
    expect(await get('new/A')).toMatchObject({ ttl: 300, labels: {}, protection: { change: false } });
  });

  it('have one TTL: that of further records is the same, or the first one', async () => {
    await www();
    await act(WWW, 'add_records', { ...values('203.0.113.2'), ttl: 300 });
    expect((await get('www/A')).ttl).toBe(300);
    await act(WWW, 'add_records', { ...values('203.0.113.3'), ttl: null });
    await act(WWW, 'add_records', { ...values('203.0.113.4'), ttl: 300 });
    const other = { ...values('203.0.113.5'), ttl: 600 };
    expect(await refused('POST', `${WWW}/actions/add_records`, other)).toMatchObject({
      status: 422,
      code: 'invalid_input',
      details: { fields: [{ name: 'ttl' }] },
    });
    expect(await recordsOf('www/A')).toHaveLength(4);
  });

  it('lose records by their value, and are gone with the last', async () => {
    await create('www', 'A', '203.0.113.1', '203.0.113.2');
    const first = { records: [{ value: '203.0.113.1', comment: 'whatever' }] };
    expect((await act(WWW, 'remove_records', first)).command).toBe('remove_rrset_records');
    expect(await recordsOf('www/A')).toEqual(['203.0.113.2']);
    const absent = await refused('POST', `${WWW}/actions/remove_records`, first);
    expect(absent).toMatchObject({ status: 422, code: 'invalid_input' });
    await act(WWW, 'remove_records', values('203.0.113.2'));
    expect(await refused('GET', WWW)).toMatchObject({ status: 404, code: 'not_found' });
  });

  it('get other comments for their records, answered with 200', async () => {
    await create('www', 'A', '203.0.113.1', '203.0.113.2');
    const path = `${WWW}/actions/update_records`;
    const second = { records: [{ value: '203.0.113.2', comment: 'second' }] };
    const { status, body } = await hetzner.call<Begun>('POST', path, second);
    expect([status, body.action.command]).toEqual([200, 'update_rrset_records']);
    expect((await get('www/A')).records.map(({ comment }) => comment)).toEqual(['', 'second']);
    await act(WWW, 'update_records', { records: [{ value: '203.0.113.2', comment: '' }] });
    expect((await get('www/A')).records.map(({ comment }) => comment)).toEqual(['', '']);
    expect(await refused('POST', path, values('203.0.113.1'))).toMatchObject({ code: 'invalid_input' });
    const absent = { records: [{ value: '203.0.113.9', comment: 'x' }] };
    expect(await refused('POST', path, absent)).toMatchObject({ status: 422, code: 'invalid_input' });
  });

  it.each(['set_records', 'add_records', 'remove_records', 'update_records'])(
    '%s takes from 1 to 50 records',
    async (command) => {
      await www();
      const many = Array.from({ length: 51 }, (_, i) => ({ value: `203.0.113.${i}`, comment: '' }));
      for (const records of [[], many])
        expect(await refused('POST', `${WWW}/actions/${command}`, { records })).toMatchObject({
          status: 422,
          code: 'invalid_input',
          details: { fields: [{ name: 'records' }] },
        });
    },
  );

  it('change their TTL, also back to that of the zone', async () => {
    await www();
    expect((await act(WWW, 'change_ttl', { ttl: 60 })).command).toBe('change_rrset_ttl');
    expect((await get('www/A')).ttl).toBe(60);
    await act(WWW, 'change_ttl', { ttl: null });
    expect((await get('www/A')).ttl).toBeNull();
    for (const payload of [{}, { ttl: 59 }])
      expect(await refused('POST', `${WWW}/actions/change_ttl`, payload)).toMatchObject({ status: 422 });
  });

  it('do not change in any way while they are protected', async () => {
    await www();
    const { command } = await act(WWW, 'change_protection', { change: true });
    expect(command).toBe('change_rrset_protection');
    const before = await get('www/A');
    expect(before.protection).toEqual({ change: true });
    const writes = [
      ['PUT', '', { labels: {} }],
      ['DELETE', '', undefined],
      ['POST', '/actions/set_records', values('203.0.113.2')],
      ['POST', '/actions/add_records', values('203.0.113.2')],
      ['POST', '/actions/remove_records', values('203.0.113.1')],
      ['POST', '/actions/update_records', { records: [{ value: '203.0.113.1', comment: 'x' }] }],
      ['POST', '/actions/change_ttl', { ttl: 60 }],
    ] as const;
    for (const [method, path, payload] of writes)
      expect(await refused(method, `${WWW}${path}`, payload), path).toMatchObject({
        status: 423,
        code: 'protected',
        message: 'RRSet(s) is/are change protected',
      });
    expect(await get('www/A')).toEqual(before);
    expect(await refused('POST', `${WWW}/actions/change_protection`, {})).toMatchObject({ status: 422 });
    await act(WWW, 'change_protection', { change: false });
    const { status, body } = await hetzner.call<Begun>('DELETE', WWW);
    expect([status, body.action.command]).toEqual([201, 'delete_rrset']);
    expect(await refused('GET', WWW)).toMatchObject({ status: 404, code: 'not_found' });
  });

  it('that do not exist are not found', async () => {
    for (const [method, path, payload] of [
      ['GET', WWW],
      ['GET', `${ROOT}/www/NONSENSE`],
      ['PUT', WWW, {}],
      ['DELETE', WWW],
      ['POST', `${WWW}/actions/set_records`, values('203.0.113.1')],
      ['POST', `${WWW}/actions/remove_records`, values('203.0.113.1')],
      ['POST', `${WWW}/actions/change_ttl`, { ttl: 60 }],
      ['POST', `${WWW}/actions/change_protection`, { change: true }],
      ['POST', '/zones/example.net/rrsets', values('203.0.113.1')],
    ] as const)
      expect(await refused(method, path, payload), path).toMatchObject({ status: 404, code: 'not_found' });
    const nonsense = `${ROOT}/www/NONSENSE/actions/add_records`;
    expect(await refused('POST', nonsense, values('x'))).toMatchObject({
      status: 422,
      code: 'invalid_input',
    });
  });

  it('keep the SOA record, whose serial is counted whatever is written', async () => {
    const today = Number(`${new Date().toISOString().slice(0, 10).replaceAll('-', '')}00`);
    expect(await serial()).toBe(today);
    await www();
    expect(await serial()).toBe(today + 1);
    await act(WWW, 'add_records', values('203.0.113.2'));
    expect(await serial()).toBe(today + 2);
    const soa = (value: string) => act(`${ROOT}/@/SOA`, 'set_records', values(value));
    await soa('hydrogen.ns.hetzner.com. admin.example.com. 0 3600 1800 604800 600');
    expect(await recordsOf('@/SOA')).toEqual([
      `hydrogen.ns.hetzner.com. admin.example.com. ${today + 3} 3600 1800 604800 600`,
    ]);
    await hetzner.done('DELETE', WWW);
    expect(await serial()).toBe(today + 4);
    expect(await refused('DELETE', `${ROOT}/@/SOA`)).toMatchObject({ status: 422, code: 'invalid_input' });
    const second = values('ns.example.net. a.example.net. 1 2 3 4 5');
    const path = `${ROOT}/@/SOA/actions/add_records`;
    expect(await refused('POST', path, second)).toMatchObject({ status: 422, code: 'invalid_input' });
    const elsewhere = { name: 'www', type: 'SOA', ...second };
    expect(await refused('POST', ROOT, elsewhere)).toMatchObject({ status: 422, code: 'invalid_input' });
  });

  it("keep Hetzner's name servers, and take others beside them", async () => {
    const ns = `${ROOT}/@/NS`;
    await act(ns, 'add_records', values('ns.example.net.'));
    await act(ns, 'remove_records', values('ns.example.net.'));
    const writes = [
      ['DELETE', ns, undefined],
      ['POST', `${ns}/actions/set_records`, values('ns.example.net.')],
      ['POST', `${ns}/actions/remove_records`, values(SERVERS[0] ?? '')],
    ] as const;
    for (const [method, path, payload] of writes)
      expect(await refused(method, path, payload)).toMatchObject({ status: 422, code: 'invalid_input' });
    expect(await recordsOf('@/NS')).toEqual(SERVERS);
    await create('sub', 'NS', 'ns.example.net.');
    await hetzner.done('DELETE', `${ROOT}/sub/NS`);
  });

  it('take back what a failed action changed', async () => {
    await www();
    const before = [await get('www/A'), await serial()];
    hetzner.project.faults.arm('action_fails');
    await act(WWW, 'set_records', values('203.0.113.9'));
    expect([await get('www/A'), await serial()]).toEqual(before);
  });
});
