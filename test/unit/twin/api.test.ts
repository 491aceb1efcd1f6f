import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createApp } from '../../../twin/api/app.ts';
import { findImages } from '../../../twin/catalogue/images.ts';
import { createNoneEngine } from '../../../twin/engines/none.ts';
import { Project } from '../../../twin/project.ts';
import { readSettings } from '../../../twin/settings.ts';
import { Store } from '../../../twin/store.ts';

const TOKEN = 'T'.repeat(64);

interface Fault {
  readonly error: { readonly code: string; readonly message: string; readonly details: unknown };
}

interface Thing {
  readonly id: number;
  readonly name: string;
}

describe("the local Hetzner's API", () => {
  let folder: string;
  let store: Store;
  let project: Project;
  let app: FastifyInstance;
  const open = () => {
    store = new Store(join(folder, 'twin.db'));
    project = new Project({
      store,
      engine: createNoneEngine(),
      images: findImages('', false),
      ranges: readSettings({}).ranges,
      log: () => {},
    });
    app = createApp({ project, token: TOKEN, page: { name: 'test', neighbours: () => [] } });
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'groundup-api-'));
    open();
  });
  afterEach(async () => {
    await project.actions.idle();
    await app.close();
    store.close();
    rmSync(folder, { recursive: true });
  });

  const call = async <T = Fault>(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    payload?: object,
  ) => {
    const answer = await app.inject({
      method,
      url: `/v1${path}`,
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      ...(payload ? { payload } : {}),
    });
    return {
      status: answer.statusCode,
      headers: answer.headers,
      body: (answer.body ? answer.json() : {}) as T,
    };
  };
  const create = async <K extends string>(path: string, singular: K, payload: object): Promise<Thing> => {
    const { status, body } = await call<Record<K, Thing>>('POST', path, payload);
    expect(status, JSON.stringify(body)).toBe(201);
    await project.actions.idle();
    return body[singular];
  };
  const server = (name: string, more: object = {}) =>
    create('/servers', 'server', {
      name,
      server_type: 'cx23',
      image: 'debian-12',
      location: 'fsn1',
      ...more,
    });
  const network = (more: object = {}) =>
    create('/networks', 'network', {
      name: 'private',
      ip_range: '10.0.0.0/16',
      subnets: [{ type: 'cloud', network_zone: 'eu-central', ip_range: '10.0.1.0/24' }],
      ...more,
    });
  const refused = (answer: { status: number; body: Fault }, status: number, code: string) => {
    expect(answer.body.error?.code, JSON.stringify(answer.body)).toBe(code);
    expect(answer.status).toBe(status);
    expect(answer.body.error.message.length).toBeGreaterThan(5);
    expect(answer.body.error).toHaveProperty('details');
  };

  it('lets nobody in without the token', async () => {
    for (const authorization of [undefined, 'Bearer short', `Bearer ${'x'.repeat(64)}`, TOKEN]) {
      const answer = await app.inject({
        url: '/v1/servers',
        headers: authorization ? { authorization } : {},
      });
      expect(answer.statusCode).toBe(401);
      expect(answer.json()).toMatchObject({ error: { code: 'unauthorized' } });
      expect(answer.headers['content-type']).toMatch(/^application\/json/);
    }
  });

  it('tells correlation and rate limit with every answer', async () => {
    const { headers } = await call('GET', '/locations');
    expect(headers['x-correlation-id']).toMatch(/^[0-9a-f]{32}$/);
    expect(headers['ratelimit-limit']).toBe('3600');
  });

  it('lists in pages of 25, at most 50, with links to the others', async () => {
    for (let index = 0; index < 30; index++)
      await create('/placement_groups', 'placement_group', { name: `group-${index}`, type: 'spread' });
    type Page = { placement_groups: Thing[]; meta: { pagination: Record<string, number | null> } };
    const first = await call<Page>('GET', '/placement_groups');
    expect(first.body.placement_groups.length).toBe(25);
    expect(first.body.meta.pagination).toEqual({
      page: 1,
      per_page: 25,
      previous_page: null,
      next_page: 2,
      last_page: 2,
      total_entries: 30,
    });
    expect(first.headers['link']).toMatch(/page=2>; rel="next"/);
    const last = await call<Page>('GET', '/placement_groups?page=2');
    expect(last.body.placement_groups.length).toBe(5);
    expect(last.body.meta.pagination['next_page']).toBeNull();
    expect((await call<Page>('GET', '/placement_groups?per_page=500')).body.meta.pagination['per_page']).toBe(
      50,
    );
    refused(await call('GET', '/placement_groups?page=zero'), 422, 'invalid_input');
  });

  it('finds by name, label selector and order', async () => {
    for (const [name, labels] of [
      ['a', { env: 'dev', tier: 'web' }],
      ['b', { env: 'prod' }],
      ['c', { tier: 'db' }],
    ] as const)
      await create('/placement_groups', 'placement_group', { name, type: 'spread', labels });
    const found = async (query: string) =>
      (
        await call<{ placement_groups: Thing[] }>('GET', `/placement_groups?${query}`)
      ).body.placement_groups.map(({ name }) => name);
    expect(await found('name=b')).toEqual(['b']);
    for (const [selector, names] of [
      ['env=prod', ['b']],
      ['env==dev,tier=web', ['a']],
      ['env!=dev', ['b']],
      ['tier', ['a', 'c']],
      ['!env', ['c']],
      ['!constructor', ['a', 'b', 'c']],
      ['env in (dev,prod)', ['a', 'b']],
      ['env notin (dev)', ['b']],
    ] as const)
      expect(await found(`label_selector=${encodeURIComponent(selector)}`), selector).toEqual(names);
    expect(await found('sort=name:desc')).toEqual(['c', 'b', 'a']);
    refused(await call('GET', '/placement_groups?label_selector=((('), 422, 'invalid_input');
  });

  it.each([
    [
      'a body that is none',
      async () => {
        const answer = await app.inject({
          method: 'POST',
          url: '/v1/networks',
          headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
          payload: '{"name":',
        });
        return { status: answer.statusCode, body: answer.json() as Fault };
      },
      400,
      'json_error',
    ],
    ['what does not exist', () => call('GET', '/servers/4711'), 404, 'not_found'],
    ['a path that does not exist', () => call('GET', '/nothing'), 404, 'not_found'],
    [
      'a public network',
      () => call('POST', '/networks', { name: 'n', ip_range: '8.8.0.0/16' }),
      422,
      'invalid_input',
    ],
    ['a missing name', () => call('POST', '/networks', { ip_range: '10.0.0.0/16' }), 422, 'invalid_input'],
    [
      'a label that is too long',
      () => call('POST', '/networks', { name: 'n', ip_range: '10.0.0.0/16', labels: { k: 'v'.repeat(64) } }),
      422,
      'invalid_input',
    ],
    [
      'a volume that is too small',
      () => call('POST', '/volumes', { name: 'v', size: 9, location: 'fsn1' }),
      422,
      'invalid_input',
    ],
    [
      'a firewall rule without port',
      () =>
        call('POST', '/firewalls', {
          name: 'f',
          rules: [{ direction: 'in', protocol: 'tcp', source_ips: ['0.0.0.0/0'] }],
        }),
      422,
      'invalid_input',
    ],
  ] as const)('refuses %s', async (_, attempt, status, code) => {
    refused(await attempt(), status, code);
    expect(store.all('actions')).toEqual([]);
  });

  it('gives a name once, and says which field was wrong', async () => {
    await network();
    const again = await call('POST', '/networks', { name: 'private', ip_range: '10.1.0.0/16' });
    refused(again, 409, 'uniqueness_error');
    expect(again.body.error.details).toMatchObject({ fields: [{ name: 'name' }] });
  });

  it('keeps addresses of a private network apart', async () => {
    const { id } = await network();
    const one = await server('one', { networks: [id] });
    const two = await server('two');
    const attach = (body: object) =>
      call('POST', `/servers/${two.id}/actions/attach_to_network`, { network: id, ...body });
    const taken = (await call<{ server: { private_net: { ip: string }[] } }>('GET', `/servers/${one.id}`))
      .body.server;
    refused(await attach({ ip: taken.private_net[0]?.ip }), 422, 'ip_not_available');
    refused(await attach({ ip: '10.0.9.1' }), 422, 'invalid_input');
    expect((await attach({ ip: '10.0.1.77' })).status).toBe(201);
    await project.actions.idle();
    refused(await attach({}), 422, 'server_already_attached');
    refused(
      await call('POST', `/networks/${id}/actions/delete_subnet`, { ip_range: '10.0.1.0/24' }),
      422,
      'service_error',
    );
  });

  it('locks a server while an action runs, and the action ends after its answer', async () => {
    const { id } = await server('busy');
    project.rules.set({ speed: '50' });
    const { body } = await call<{ action: { id: number; status: string; progress: number } }>(
      'POST',
      `/servers/${id}/actions/reboot`,
    );
    expect(body.action).toMatchObject({ status: 'running', command: 'reboot_server', finished: null });
    refused(await call('POST', `/servers/${id}/actions/poweroff`), 423, 'locked');
    await sleep(50);
    await project.actions.idle();
    const done = await call<{ action: object }>('GET', `/actions/${body.action.id}`);
    expect(done.body.action).toMatchObject({ status: 'success', progress: 100, error: null });
  });

  it('deletes nothing that is protected or in use', async () => {
    const { id } = await network();
    await call('POST', `/networks/${id}/actions/change_protection`, { delete: true });
    await project.actions.idle();
    refused(await call('DELETE', `/networks/${id}`), 423, 'protected');
    const group = await create('/placement_groups', 'placement_group', { name: 'g', type: 'spread' });
    await server('member', { placement_group: group.id });
    refused(await call('DELETE', `/placement_groups/${group.id}`), 422, 'resource_in_use');
  });

  it('puts ten servers into a placement group and no more; nothing is left of the eleventh', async () => {
    const group = await create('/placement_groups', 'placement_group', { name: 'g', type: 'spread' });
    for (let index = 0; index < 10; index++) await server(`s-${index}`, { placement_group: group.id });
    const wanted = { name: 's-10', server_type: 'cx23', image: 'debian-12', placement_group: group.id };
    refused(await call('POST', '/servers', wanted), 422, 'placement_group_member_limit_reached');
    type Servers = { servers: Thing[]; meta: { pagination: { total_entries: number } } };
    expect((await call<Servers>('GET', '/servers?name=s-10')).body.servers).toEqual([]);
    expect(
      (await call<{ primary_ips: Thing[] }>('GET', '/primary_ips?per_page=50')).body.primary_ips.length,
    ).toBe(20);
  });

  it('remembers everything after a restart', async () => {
    const { id } = await network();
    const one = await server('one', { networks: [id], labels: { keep: 'me' } });
    const before = (await call('GET', `/servers/${one.id}`)).body;
    await app.close();
    store.close();
    open();
    expect((await call('GET', `/servers/${one.id}`)).body).toEqual(before);
    expect((await server('two')).id).toBeGreaterThan(one.id);
  });
});
