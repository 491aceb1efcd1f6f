import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DnsZone, RecordSet } from './dns-zone.ts';
import { LocalHetzner, type Refusal } from './local-hetzner.ts';

const SERVERS = ['hydrogen.ns.hetzner.com.', 'oxygen.ns.hetzner.com.', 'helium.ns.hetzner.de.'];
const NS = SERVERS.map((server) => `@\tIN\tNS\t${server}`).join('\n');
const SOA = '@ SOA hydrogen.ns.hetzner.com. dns.hetzner.com. 2025032100 86400 10800 3600000 3600';
const NEEDED = `${SOA}\n${NS}\n`;

describe('zone files of the local Hetzner', () => {
  let hetzner: LocalHetzner;
  beforeEach(() => {
    hetzner = new LocalHetzner();
  });
  afterEach(() => hetzner.remove());

  const create = (more: object = {}) =>
    hetzner.done('POST', '/zones', { name: 'example.com', mode: 'primary', ...more });
  const imported = (zonefile: string) =>
    hetzner.done<{ action: { command: string } }>('POST', '/zones/example.com/actions/import_zonefile', {
      zonefile,
    });
  const refused = async (zonefile: string) => {
    const path = '/zones/example.com/actions/import_zonefile';
    const { status, body } = await hetzner.call<Refusal>('POST', path, { zonefile });
    const { fields } = body.error.details as { fields: { name: string; messages: string[] }[] };
    return { status, code: body.error.code, ...fields[0] };
  };
  const exported = async () =>
    (await hetzner.call<{ zonefile: string }>('GET', '/zones/example.com/zonefile')).body.zonefile;
  const sets = async () => {
    const { body } = await hetzner.call<{ rrsets: RecordSet[] }>(
      'GET',
      '/zones/example.com/rrsets?per_page=100',
    );
    return Object.fromEntries(body.rrsets.map((set) => [set.id, set]));
  };
  const values = async (id: string) => (await sets())[id]?.records.map(({ value }) => value);
  const zone = async () => (await hetzner.call<{ zone: DnsZone }>('GET', '/zones/example.com')).body.zone;

  it('make a zone; the SOA and NS records may be left out then', async () => {
    await create({
      zonefile: `
        $ORIGIN example.com.
        $TTL 7200
      \n@ 300 IN CAA 0 issue "letsencrypt.org"
@ IN 600 A 203.0.113.1 ; the first
@ 600 A 203.0.113.2
www IN CNAME example.com.
anything IN TXT "some value; with a semicolon"
`,
    });
    expect(await zone()).toMatchObject({ ttl: 7200, record_count: 9, labels: {} });
    const found = await sets();
    expect(Object.keys(found)).toEqual(['@/SOA', '@/NS', '@/CAA', '@/A', 'www/CNAME', 'anything/TXT']);
    expect(found['@/A']).toMatchObject({
      ttl: 600,
      records: [
        { value: '203.0.113.1', comment: 'the first' },
        { value: '203.0.113.2', comment: '' },
      ],
    });
    expect(found['www/CNAME']).toMatchObject({ ttl: null, records: [{ value: 'example.com.' }] });
    expect(await values('anything/TXT')).toEqual(['"some value; with a semicolon"']);
  });

  it('make no zone together with record sets, and nothing when they are wrong', async () => {
    const rrsets = [{ name: 'www', type: 'A', records: [{ value: '203.0.113.1' }] }];
    for (const more of [{ rrsets, zonefile: NEEDED }, { zonefile: 'www A nonsense' }]) {
      const wanted = { name: 'example.com', mode: 'primary', ...more };
      const { status, body } = await hetzner.call('POST', '/zones', wanted);
      expect([status, body.error.code]).toEqual([422, 'invalid_input']);
    }
    expect((await hetzner.call('GET', '/zones/example.com')).status).toBe(404);
    await create({ rrsets: [], zonefile: NEEDED });
  });

  it('replace everything on import, with the serial counted on', async () => {
    const old = { name: 'old', type: 'A', labels: { a: '1' }, records: [{ value: '203.0.113.1' }] };
    await create({ ttl: 600, rrsets: [old] });
    const before = Number((await values('@/SOA'))?.[0]?.split(' ')[2]);
    const { action } = await imported(`${NEEDED}new 300 A 203.0.113.9`);
    expect(action.command).toBe('import_zonefile');
    expect(Object.keys(await sets())).toEqual(['@/SOA', '@/NS', 'new/A']);
    expect(Number((await values('@/SOA'))?.[0]?.split(' ')[2])).toBe(before + 1);
    expect((await zone()).ttl).toBe(600);
    await imported(`$TTL 1h\n${NEEDED}`);
    expect((await zone()).ttl).toBe(3600);
  });

  it('are read as RFC 1035 says: parentheses, owners left out, quotes, escapes, absolute names', async () => {
    await create();
    await imported(`; a comment of its own is lost
$ORIGIN example.com.
@ IN SOA hydrogen.ns.hetzner.com. dns.hetzner.com. (
    2025032100 ; serial
    86400 10800 3600000 3600 )
${NS}
mail.example.com. 1h30m IN MX 10 mail ; first
      1h30m IN MX 20 backup.example.net. ; second
EXAMPLE.COM. TXT ( "one"
  "two \\"quoted\\"" )
svc 300 IN HTTPS 1 . alpn="h3,h2" ipv4hint=203.0.113.1
mbox RP first\\.last.example.com. .
a 3600 A 203.0.113.1
a A 203.0.113.2
`);
    expect(await values('mbox/RP')).toEqual(['first\\.last.example.com. .']);
    expect((await sets())['a/A']).toMatchObject({ ttl: 3600, records: [{}, {}] });
    expect((await values('@/SOA'))?.[0]).toMatch(/^hydrogen\S+ dns\S+ \d{10} 86400 10800 3600000 3600$/);
    expect((await sets())['mail/MX']).toMatchObject({
      ttl: 5400,
      records: [
        { value: '10 mail', comment: 'first' },
        { value: '20 backup.example.net.', comment: 'second' },
      ],
    });
    expect(await values('@/TXT')).toEqual(['"one" "two \\"quoted\\""']);
    expect(await values('svc/HTTPS')).toEqual(['1 . alpn="h3,h2" ipv4hint=203.0.113.1']);
  });

  it('are written with every record, TTL and comment, so that an import changes nothing', async () => {
    await create({ ttl: 7200 });
    const add = (name: string, type: string, records: object[], ttl?: number) =>
      hetzner.done('POST', '/zones/example.com/rrsets', { name, type, records, ttl });
    await add('www', 'A', [{ value: '203.0.113.1', comment: 'web' }, { value: '203.0.113.2' }], 300);
    await add('*.apps', 'CNAME', [{ value: 'www' }]);
    await add('@', 'TXT', [{ value: '"v=spf1; -all"', comment: 'no; mail' }]);
    const text = await exported();
    expect(text).toContain('$ORIGIN\texample.com.\n$TTL\t7200\n\n@\tIN\tSOA\t');
    expect(text).toContain('\n\nwww\tIN\t300\tA\t203.0.113.1 ; web\nwww\tIN\t300\tA\t203.0.113.2\n\n');
    const { '@/SOA': soa, ...before } = await sets();
    await imported(text);
    const { '@/SOA': counted, ...after } = await sets();
    expect(after).toEqual(before);
    expect(counted?.records[0]?.value).not.toBe(soa?.records[0]?.value);
    expect((await zone()).ttl).toBe(7200);
  });

  it('are not imported while a record set is protected', async () => {
    await create({ rrsets: [{ name: 'www', type: 'A', records: [{ value: '203.0.113.1' }] }] });
    const path = '/zones/example.com/rrsets/www/A/actions/change_protection';
    await hetzner.done('POST', path, { change: true });
    const { status, body } = await hetzner.call('POST', '/zones/example.com/actions/import_zonefile', {
      zonefile: NEEDED,
    });
    expect([status, body.error.code]).toEqual([423, 'protected']);
    expect(await values('www/A')).toEqual(['203.0.113.1']);
  });

  it.each([
    ['', /SOA record of the zone is missing/],
    [NS, /SOA record of the zone is missing/],
    [SOA, /NS records hydrogen.* are missing/],
    [`${SOA}\n@ NS ns.example.net.`, /keeps the name servers/],
    [`$ORIGIN example.net.\n${NEEDED}`, /line 1: \$ORIGIN must be example\.com\./],
    [`${NEEDED}$INCLUDE other`, /line 5: \$INCLUDE is not supported/],
    [`${NEEDED}$TTL soon`, /line 5: "soon" is no TTL/],
    [`$TTL 5\n${NEEDED}`, /TTL 5 is not possible/],
    [`${NEEDED}www CH A 203.0.113.1`, /only class IN/],
    [`${NEEDED}www.example.net. A 203.0.113.1`, /line 5: www\.example\.net\. is not in the zone/],
    [`${NEEDED}www A`, /line 5: the A record has no value/],
    [`${NEEDED}www`, /line 5: a type such as A or MX is missing/],
    [`${NEEDED}www LOC 52 22 23`, /no records of type LOC/],
    [`${NEEDED}www A nonsense`, /www A: invalid value 'nonsense'/],
    [`${NEEDED}www 59 A 203.0.113.1`, /www A: TTL 59 is not possible/],
    [`${NEEDED}www 60 A 203.0.113.1\nwww 90 A 203.0.113.2`, /www A: all records need the same TTL/],
    [`${NEEDED}www A 203.0.113.1\nwww A 203.0.113.1`, /www A: duplicate value/],
    [`${NEEDED}www CNAME x\nwww A 203.0.113.1`, /www A: .* CNAME beside other records/],
    [`${NEEDED}a_.-b A 203.0.113.1`, /must be @ or a lower-case name/],
    [`${NEEDED}www TXT "open`, /line 5: a quote is not closed/],
    [`${NEEDED}www TXT ( "x"`, /line 5: a parenthesis is not closed/],
    [`${NEEDED}www TXT "x" )`, /line 5: a parenthesis was not opened/],
  ])('are refused when they are %j', async (zonefile, words) => {
    await create();
    const before = await sets();
    expect(await refused(zonefile)).toMatchObject({
      status: 422,
      code: 'invalid_input',
      name: 'zonefile',
      messages: [expect.stringMatching(words)],
    });
    expect(await sets()).toEqual(before);
  });
});
