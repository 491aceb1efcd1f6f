import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RecordSet } from './dns-zone.ts';
import { LocalHetzner, type Refusal } from './local-hetzner.ts';

const ROOT = '/zones/example.com/rrsets';

describe('names and values in a zone of the local Hetzner', () => {
  let hetzner: LocalHetzner;
  beforeEach(async () => {
    hetzner = new LocalHetzner();
    await hetzner.done('POST', '/zones', { name: 'example.com', mode: 'primary' });
  });
  afterEach(() => hetzner.remove());

  const values = (...list: readonly string[]) => ({ records: list.map((value) => ({ value })) });
  const create = (name: string, type: string, ...list: readonly string[]) =>
    hetzner.done('POST', ROOT, { name, type, ...values(...list) });
  const recordsOf = async (id: string) =>
    (await hetzner.call<{ rrset: RecordSet }>('GET', `${ROOT}/${id}`)).body.rrset.records.map(
      ({ value }) => value,
    );
  const refused = async (method: 'POST', path: string, payload: object) => {
    const { status, body } = await hetzner.call<Refusal>(method, path, payload);
    return { status, ...body.error };
  };

  it.each([
    ['www.example.com', 'the zone is part of it'],
    ['example.com', 'it is the zone'],
    ['www.', 'it ends with a dot'],
    ['WWW', 'it is not in lower case'],
    ['a.*', 'the star does not stand for everything'],
    ['münchen', 'it is not in Punycode'],
    ['', 'it is empty'],
    ['a'.repeat(64), 'a part of it has more than 63 characters'],
    [`${'a.'.repeat(125)}a`, 'it is longer than a name can be'],
  ])('are not called %s: %s', async (name) => {
    expect(await refused('POST', ROOT, { name, type: 'A', ...values('203.0.113.1') })).toMatchObject({
      status: 422,
      code: 'invalid_input',
      details: { fields: [{ name: 'name' }] },
    });
  });

  it.each(['*', '*.apps', '_sip._tcp', 'xn--4bi', 'a.b.c', '10'])('may be called %s', async (name) => {
    await create(name, 'A', '203.0.113.1');
    expect(await recordsOf(`${name}/A`)).toEqual(['203.0.113.1']);
  });

  it.each([
    ['A', ['203.0.113.1'], ['203.0.113', '203.0.113.256', '2001:db8::1', '203.0.113.1/32']],
    ['AAAA', ['2001:db8::1', 'fdd0:367a:0cb7::2'], ['203.0.113.1', 'fe80::1%eth0', '2001:db8::g']],
    [
      'CAA',
      ['0 issue "letsencrypt.org"', '128 iodef "mailto:a b"'],
      ['issue "x"', '256 issue "x"', '0 issue'],
    ],
    ['CNAME', ['www.example.net.', 'other', '@'], ['www..net.', 'a b', '"quoted"']],
    [
      'DS',
      ['60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118'],
      ['60485 5 1', '60485 5 1 xyz', '65536 5 1 ab'],
    ],
    ['HINFO', ['"ARM64" "Linux"', 'PC Linux'], ['"ARM64"', '"ARM64" "Linux" "more"']],
    ['HTTPS', ['1 . alpn="h3,h2" ipv4hint=203.0.113.1', '0 www.example.net.'], ['www', '1', '1 . "no key"']],
    ['MX', ['10 mail.example.com.', '0 .'], ['mail.example.com.', '65536 mail', '10 mail more']],
    ['NS', ['ns.example.net.'], ['ns example', '203.0.113.1 x']],
    ['PTR', ['www.example.com.'], ['two hosts']],
    ['RP', ['admin.example.com. info.example.com.', 'admin .'], ['admin.example.com.']],
    ['SRV', ['10 5 5060 sip.example.com.', '0 0 0 .'], ['10 5 sip', '10 5 65536 sip', '10 5 5060']],
    ['SVCB', ['1 www.example.net. port=8443 no-default-alpn'], ['65536 www']],
    ['TLSA', ['3 1 1 0123456789abcdef'], ['3 1 1', '3 1 1 012', '256 1 1 ab']],
    ['TXT', ['"v=spf1 -all"', '"one" "two"', '"say \\"hi\\""', '"🍪"'], ['text', '"open', '"a"b', 'a "b"']],
  ])('of type %s have values such as %j, and not such as %j', async (type, right, wrong) => {
    for (const [index, value] of right.entries()) {
      await create(`right-${index}`, type, value);
      expect(await recordsOf(`right-${index}/${type}`)).toEqual([value]);
    }
    for (const value of wrong) {
      const refusal = await refused('POST', ROOT, { name: 'wrong', type, ...values(value) });
      expect(refusal, value).toMatchObject({
        status: 422,
        code: 'invalid_input',
        message: expect.stringContaining(`invalid value '${value}': must be `),
        details: { fields: [{ name: 'records[0].records[0].value' }] },
      });
    }
  });

  it('have no value with a line break, and no comment either', async () => {
    const broken = { name: 'x', type: 'TXT', records: [{ value: '"a\nb"' }] };
    expect(await refused('POST', ROOT, broken)).toMatchObject({ status: 422, code: 'invalid_input' });
    const comment = { name: 'x', type: 'A', records: [{ value: '203.0.113.1', comment: 'a\nb' }] };
    expect(await refused('POST', ROOT, comment)).toMatchObject({ status: 422, code: 'invalid_input' });
  });

  it('of type TXT have strings of 255 characters at most, and as many as are needed', async () => {
    const long = 'a'.repeat(255);
    await create('long', 'TXT', `"${long}" "${long}"`, `"${'\\"'.repeat(255)}"`);
    const refusal = await refused('POST', ROOT, { name: 'x', type: 'TXT', ...values(`"${long}a"`) });
    expect(refusal).toMatchObject({
      status: 422,
      code: 'invalid_input',
      message: 'a TXT string exceeds 255 characters',
    });
  });

  it.each([
    [{ name: 'x', type: 'SPF', ...values('"x"') }, 'type'],
    [{ name: 'x', type: 'A' }, 'records'],
    [{ name: 'x', type: 'A', records: [] }, 'records'],
    [{ name: 'x', ...values('203.0.113.1') }, 'type'],
    [{ type: 'A', ...values('203.0.113.1') }, 'name'],
    [{ name: 'x', type: 'A', ...values('203.0.113.1'), labels: { '-': 'x' } }, 'labels.-'],
  ])('are refused when they are %j: %s is wrong', async (payload, field) => {
    expect(await refused('POST', ROOT, payload)).toMatchObject({
      status: 422,
      code: 'invalid_input',
      details: { fields: [{ name: field }] },
    });
  });
});
