import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LocalHetzner, type Refusal, TOKEN } from './local-hetzner.ts';

interface Action {
  readonly id: number;
  readonly command: string;
  readonly status: string;
}

describe('every answer of the local Hetzner', () => {
  let hetzner: LocalHetzner;
  beforeEach(() => {
    hetzner = new LocalHetzner();
  });
  afterEach(() => hetzner.remove());

  const raw = async (method: string, url: string, payload?: string, type = 'application/json') => {
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': type };
    const answer = await hetzner.app.inject({
      method: method as 'GET',
      url: `/v1${url}`,
      headers,
      ...(payload === undefined ? {} : { payload }),
    });
    return { status: answer.statusCode, headers: answer.headers, body: answer.json() as Refusal };
  };
  const group = (name: string, more: object = {}) =>
    hetzner.done<{ placement_group: { id: number } }>('POST', '/placement_groups', {
      name,
      type: 'spread',
      ...more,
    });
  const listed = async (path: string) =>
    (await hetzner.call<{ actions: Action[] }>('GET', path)).body.actions;

  it('is JSON and says so, refusals too', async () => {
    for (const [url, status] of [
      ['/locations', 200],
      ['/locations/1', 200],
      ['/pricing', 200],
      ['/servers/4711', 404],
      ['/nothing', 404],
      ['/actions', 410],
    ] as const) {
      const answer = await raw('GET', url);
      expect([answer.status, answer.headers['content-type']]).toEqual([
        status,
        expect.stringMatching(/^application\/json/),
      ]);
    }
  });

  it('that refuses has a code, a message and details, which are null where there are none', async () => {
    const { body } = await raw('GET', '/servers/4711');
    expect(body).toEqual({
      error: { code: 'not_found', message: "server with ID '4711' not found", details: null },
    });
  });

  it('names the one field that is wrong with the reason, and several without', async () => {
    const one = await raw('POST', '/placement_groups', '{"name":"g","type":"round"}');
    const { fields } = one.body.error.details as { fields: { name: string; messages: string[] }[] };
    expect(fields).toEqual([{ name: 'type', messages: [expect.any(String)] }]);
    expect(one.body.error.message).toBe(`invalid input in field 'type': ${fields[0]?.messages[0]}`);
    const several = await raw('POST', '/placement_groups', '{}');
    expect(several.body.error).toMatchObject({
      message: "invalid input in fields 'name', 'type'",
      details: { fields: [{ name: 'name' }, { name: 'type' }] },
    });
  });

  it('to a method that a path does not take is 405, to a path that is none 404', async () => {
    for (const [method, url] of [
      ['PATCH', '/servers'],
      ['POST', '/locations'],
      ['DELETE', '/pricing'],
      ['PUT', '/zones/1/rrsets/www/A/actions/set_records'],
    ] as const)
      expect((await raw(method, url)).body.error.code, `${method} ${url}`).toBe('method_not_allowed');
    expect((await raw('PATCH', '/servers')).status).toBe(405);
    expect((await raw('PATCH', '/nothing')).body.error.code).toBe('not_found');
    expect((await raw('GET', '/servers/1/nothing')).body.error.code).toBe('not_found');
  });

  it.each([
    ['{"name":', 400, 'json_error'],
    ['[]', 422, 'invalid_input'],
    ['null', 422, 'invalid_input'],
    ['"text"', 422, 'invalid_input'],
    ['', 422, 'invalid_input'],
    [`{"name":"${'x'.repeat(1024 * 1024)}"}`, 413, 'invalid_input'],
  ])('to the body %.20s is %i %s', async (payload, status, code) => {
    const answer = await raw('POST', '/networks', payload);
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
  });

  it('to a body that is not JSON by its type is a refusal', async () => {
    const { status, body } = await raw('POST', '/networks', 'name: x', 'text/yaml');
    expect([status, body.error.code]).toEqual([415, 'invalid_input']);
  });

  it('ignores fields that are unknown, as those of later versions of a client', async () => {
    await group('g', { colour: 'red' });
  });

  it('has a correlation id of its own', async () => {
    const ids = [await raw('GET', '/locations'), await raw('GET', '/nothing')].map(
      ({ headers }) => headers['x-correlation-id'],
    );
    expect(ids).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/), expect.stringMatching(/^[0-9a-f]{32}$/)]);
    expect(ids[0]).not.toBe(ids[1]);
  });

  it('with a list links to the pages before, after and at the end', async () => {
    for (let index = 0; index < 5; index++) await group(`g-${index}`);
    const page = async (number: number) => {
      const path = `/placement_groups?page=${number}&per_page=2&sort=name%3Adesc`;
      const { headers, body } = await hetzner.call<{ meta: { pagination: object } }>('GET', path);
      const links = String(headers['link'] ?? '').matchAll(/<[^>]*[?&]page=(\d+)[^>]*>; rel="(\w+)"/g);
      return { ...body.meta.pagination, links: [...links].map(([, to, rel]) => `${rel} ${to}`) };
    };
    expect(await page(1)).toMatchObject({ previous_page: null, next_page: 2, links: ['next 2', 'last 3'] });
    expect(await page(2)).toMatchObject({ previous_page: 1, links: ['prev 1', 'next 3', 'last 3'] });
    expect(await page(3)).toMatchObject({ next_page: null, last_page: 3, links: ['prev 2'] });
    expect(await page(9)).toMatchObject({ previous_page: 8, next_page: null, total_entries: 5 });
    const { headers } = await hetzner.call('GET', '/placement_groups?per_page=2&sort=name%3Adesc');
    expect(headers['link']).toContain('per_page=2&sort=name%3Adesc&page=2');
  });

  it('with a list is in the order that was asked for, by several keys', async () => {
    await group('b');
    await group('a');
    const names = async (query: string) =>
      (
        await hetzner.call<{ placement_groups: { name: string }[] }>('GET', `/placement_groups?${query}`)
      ).body.placement_groups.map(({ name }) => name);
    expect(await names('')).toEqual(['b', 'a']);
    expect(await names('sort=name')).toEqual(['a', 'b']);
    expect(await names('sort=name:desc&sort=id')).toEqual(['b', 'a']);
    expect(await names('sort=created:asc&sort=id:desc')).toHaveLength(2);
    for (const sort of ['colour', 'name:up'])
      expect((await raw('GET', `/placement_groups?sort=${sort}`)).body.error.code).toBe('invalid_input');
  });

  it.each([
    ['a key and a value', { 'just-a-key': '', 'example.com/my': 'label', a_b: 'c.d' }, true],
    ['63 characters of name and value', { ['k'.repeat(63)]: 'v'.repeat(63) }, true],
    ['64 characters of name', { ['k'.repeat(64)]: 'v' }, false],
    ['64 characters of value', { k: 'v'.repeat(64) }, false],
    ['a prefix that is no domain', { 'not a domain/k': 'v' }, false],
    ['two slashes', { 'a/b/c': 'v' }, false],
    ['a value that ends with a dash', { k: 'v-' }, false],
    ["Hetzner's own prefix", { 'hetzner.cloud/k': 'v' }, false],
    ['a number', { k: 1 }, false],
  ])('takes labels with %s: %j %s', async (_, labels, fits) => {
    const answer = await raw(
      'POST',
      '/placement_groups',
      JSON.stringify({ name: 'g', type: 'spread', labels }),
    );
    expect(answer.status, JSON.stringify(answer.body)).toBe(fits ? 201 : 422);
  });

  it('about actions needs their ids, or is 410; some that are gone are left out', async () => {
    const { action: first } = await hetzner.done<{ action: Action }>('POST', '/servers', {
      name: 'one',
      server_type: 'cpx22',
      image: 'debian-12',
    });
    await hetzner.server('two');
    const [, second] = await listed('/servers/actions?sort=id');
    expect((await listed(`/actions?id=${first.id}&id=${second?.id}&id=99999&sort=id:desc`)).length).toBe(2);
    expect(await listed(`/actions?id=${first.id}`)).toMatchObject([
      { id: first.id, command: 'create_server', status: 'success' },
    ]);
    const { status, body } = await raw('GET', '/actions');
    expect([status, body.error.code]).toEqual([410, 'deprecated_api_endpoint']);
    expect(body.error.details).toEqual({ announcement: expect.stringContaining('changelog#2025-01-30-') });
  });

  it('about actions of a resource is there for each and for all, by status and order', async () => {
    const { id } = await hetzner.server('one');
    await hetzner.server('two');
    await hetzner.done('POST', `/servers/${id}/actions/reboot`);
    const own = await listed(`/servers/${id}/actions?sort=command:desc&status=success`);
    expect(own.map(({ command }) => command)).toContain('reboot_server');
    const [one] = own;
    expect((await listed('/servers/actions')).length).toBeGreaterThan(own.length);
    expect(await listed(`/servers/${id}/actions?status=error`)).toEqual([]);
    for (const path of [`/servers/${id}/actions/${one?.id}`, `/servers/actions/${one?.id}`])
      expect((await hetzner.call<{ action: Action }>('GET', path)).body.action).toEqual(one);
    for (const path of [`/networks/actions/${one?.id}`, '/servers/actions/99999', '/servers/99999/actions'])
      expect((await raw('GET', path)).body.error.code, path).toBe('not_found');
  });
});
