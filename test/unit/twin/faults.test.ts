import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FAULTS } from '../../../twin/faults/index.ts';
import { LocalHetzner, TOKEN } from './local-hetzner.ts';

describe('faults of the local Hetzner', () => {
  let hetzner: LocalHetzner;
  beforeEach(() => {
    hetzner = new LocalHetzner();
  });
  afterEach(() => hetzner.remove());
  const arm = (name: string, more: object = {}) => hetzner.call('POST', '/twin/faults', { name, ...more });
  const wanted = { name: 'a', server_type: 'cpx22', image: 'debian-12' };

  const refusals = Object.entries(FAULTS).filter(([, { stage }]) => stage === 'request');
  it.each(refusals)('%s refuses one request, and nothing happens', async (name, { ...kind }) => {
    await hetzner.server('present');
    const { id } =
      (await hetzner.call<{ servers: { id: number }[] }>('GET', '/servers')).body.servers[0] ?? {};
    const before = hetzner.store.count('servers');
    await arm(name);
    const attempt =
      name === 'locked' ? hetzner.call('DELETE', `/servers/${id}`) : hetzner.call('POST', '/servers', wanted);
    const { status, body } = await attempt;
    expect({ status, code: body.error.code }).toEqual({
      status: 'status' in kind ? kind.status : 0,
      code: name,
    });
    expect(hetzner.store.count('servers')).toBe(before);
    expect((await hetzner.call('POST', '/servers', wanted)).status).toBe(201);
  });

  it('strikes as often as it was told to, and only where', async () => {
    await arm('server_error', { times: 2, on: 'GET /servers/*' });
    expect((await hetzner.call('GET', '/networks')).status).toBe(200);
    expect((await hetzner.call('GET', '/servers')).status).toBe(200);
    expect((await hetzner.call('GET', '/servers/1')).status).toBe(500);
    expect((await hetzner.call('GET', '/servers/1')).status).toBe(500);
    expect((await hetzner.call('GET', '/servers/1')).status).toBe(404);
  });

  it('strikes always until it is disarmed, also after a restart', async () => {
    const { body } = await hetzner.call<{ id: number }>('POST', '/twin/faults', {
      name: 'unavailable',
      times: null,
    });
    await hetzner.restart();
    for (let i = 0; i < 3; i++) expect((await hetzner.call('GET', '/servers')).status).toBe(503);
    expect((await hetzner.call('DELETE', `/twin/faults/${body.id}`)).status).toBe(200);
    expect((await hetzner.call('GET', '/servers')).status).toBe(200);
  });

  it('a failed action takes its change back and says so', async () => {
    const { id } = await hetzner.server('a');
    await hetzner.done('POST', '/networks', {
      name: 'n',
      ip_range: '10.0.0.0/16',
      subnets: [{ type: 'cloud', network_zone: 'eu-central', ip_range: '10.0.1.0/24' }],
    });
    const network = hetzner.store.all('networks')[0]?.id;
    await arm('action_fails', { on: 'attach_to_network' });
    const { body } = await hetzner.call<{ action: { id: number } }>(
      'POST',
      `/servers/${id}/actions/attach_to_network`,
      { network },
    );
    await hetzner.project.actions.idle();
    const after = await hetzner.call<{ action: { status: string; error: { code: string } } }>(
      'GET',
      `/actions/${body.action.id}`,
    );
    expect(after.body.action).toMatchObject({ status: 'error', error: { code: 'action_failed' } });
    expect(hetzner.store.get('servers', id)?.private_net).toEqual([]);
    expect(hetzner.store.all('networks')[0]?.servers).toEqual([]);
    await hetzner.done('POST', `/servers/${id}/actions/attach_to_network`, { network });
    expect(hetzner.store.get('servers', id)?.private_net.length).toBe(1);
  });

  it('a stuck action ends when its fault is disarmed', async () => {
    const { id } = await hetzner.server('a');
    await arm('action_never_ends');
    const { body } = await hetzner.call<{ action: { id: number } }>('POST', `/servers/${id}/actions/reboot`);
    const status = async () =>
      (await hetzner.call<{ action: { status: string } }>('GET', `/actions/${body.action.id}`)).body.action
        .status;
    await expect.poll(() => hetzner.project.faults.armed[0]?.on).toBe(`action ${body.action.id}`);
    expect(await status()).toBe('running');
    expect((await hetzner.call('POST', `/servers/${id}/actions/reboot`)).body.error.code).toBe('locked');
    await hetzner.call('DELETE', '/twin/faults');
    await hetzner.project.actions.idle();
    expect(await status()).toBe('success');
  });

  it('the same storm strikes the same requests', async () => {
    const weather = async () => {
      await hetzner.call('PUT', '/twin/faults/storm', {
        seed: 7,
        share: 0.3,
        names: ['server_error', 'unavailable'],
      });
      const statuses: number[] = [];
      for (let i = 0; i < 60; i++) {
        // A restart in the middle must not turn the weather.
        if (i === 30) await hetzner.restart();
        statuses.push((await hetzner.call('GET', '/servers')).status);
      }
      await hetzner.call('DELETE', '/twin/faults');
      return statuses;
    };
    const first = await weather();
    expect(await weather()).toEqual(first);
    expect(new Set(first)).toEqual(new Set([200, 500, 503]));
  });

  it.each([
    [{ name: 'nonsense' }, /no fault "nonsense"/],
    [{ name: 'conflict', times: 0 }, /times/],
  ])('refuses to arm %j', async (body, message) => {
    const { status, body: answer } = await hetzner.call('POST', '/twin/faults', body);
    expect(status).toBe(422);
    expect(answer.error.message).toMatch(message);
  });

  it('refuses a storm that cannot be', async () => {
    const { body } = await hetzner.call('PUT', '/twin/faults/storm', { names: ['location_down'] });
    expect(body.error.message).toMatch(/cannot have location_down/);
    expect((await hetzner.call('PUT', '/twin/faults/storm', { share: 2 })).status).toBe(422);
  });

  describe('on a real connection', () => {
    let url: string;
    beforeEach(async () => {
      await hetzner.app.listen({ host: '127.0.0.1', port: 0 });
      url = `http://127.0.0.1:${(hetzner.app.server.address() as AddressInfo).port}/v1`;
    });
    const post = () =>
      fetch(`${url}/servers`, {
        method: 'POST',
        headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
        body: JSON.stringify(wanted),
      });

    it.each(['dropped_reply', 'truncated_body'])(
      '%s: the request is done, and its answer is lost',
      async (name) => {
        await arm(name, { on: 'POST /servers' });
        await expect(post().then((answer) => answer.json())).rejects.toThrow();
        expect(hetzner.store.count('servers')).toBe(1);
      },
    );

    it('slow_body: the whole answer, after seconds', async () => {
      await arm('slow_body', { on: 'POST /servers' });
      const started = performance.now();
      const answer = (await (await post()).json()) as { server: { name: string } };
      expect(answer.server.name).toBe('a');
      expect(performance.now() - started).toBeGreaterThan(4000);
    });
  });
});
