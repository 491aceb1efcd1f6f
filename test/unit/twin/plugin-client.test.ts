import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HcloudClient } from '../../../twin/plugins/hcloud/client.ts';
import { clientOptions } from '../../../twin/plugins/hcloud/configuration.ts';
import { boundMs, requestBackoffMs } from '../../../twin/plugins/hcloud/patience.ts';
import { LocalHetzner, TOKEN } from './local-hetzner.ts';

describe("the stand-in's client, in trouble as hcloud-go", () => {
  let hetzner: LocalHetzner;
  let client: HcloudClient;
  beforeEach(async () => {
    hetzner = new LocalHetzner();
    await hetzner.app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = hetzner.app.server.address() as AddressInfo;
    const config = { endpoint: `http://127.0.0.1:${port}/v1`, token: TOKEN, pollInterval: '5ms' };
    client = new HcloudClient(clientOptions(config, { TWIN_PROVIDER_PACE: '0.001' }));
  });
  afterEach(() => hetzner.remove());
  const arm = (name: string, times: number | null, on: string) =>
    hetzner.call('POST', '/twin/faults', { name, times, on });
  const left = () => hetzner.project.faults.armed.map(({ left }) => left);
  const key = () => client.post('/placement_groups', { name: 'a', type: 'spread' });
  const PATH = 'POST /placement_groups';

  it.each(['rate_limit_exceeded', 'conflict', 'timeout'])('%s: sent again five times', async (name) => {
    await arm(name, 5, PATH);
    expect(await key()).toMatchObject({ placement_group: { name: 'a' } });
    await arm(name, 7, PATH);
    await expect(client.post('/placement_groups', { name: 'b', type: 'spread' })).rejects.toThrow(
      new RegExp(`^POST /placement_groups: .+ \\(${name}, [0-9a-f]+\\)$`),
    );
    expect(left()).toEqual([1]);
  });

  it.each(['server_error', 'unavailable'])('%s: not sent again', async (name) => {
    await arm(name, 2, PATH);
    await expect(key()).rejects.toThrow(name);
    expect(left()).toEqual([1]);
  });

  it('a reply that never came: a write is not sent again, a read is, once', async () => {
    await arm('dropped_reply', 1, PATH);
    await expect(key()).rejects.toThrow(/no answer from/);
    expect(hetzner.store.count('placement_groups')).toBe(1);
    await arm('dropped_reply', 1, 'GET /placement_groups');
    expect(await client.get('/placement_groups')).toHaveProperty('placement_groups');
  });

  it('half an answer: neither is sent again', async () => {
    await arm('truncated_body', 1, 'GET /placement_groups');
    await expect(client.get('/placement_groups')).rejects.toThrow(/unexpected EOF/);
  });

  it('waits for an action, and says which one failed', async () => {
    await hetzner.server('a');
    const id = hetzner.store.all('servers')[0]?.id;
    await client.act(`/servers/${id}/actions/reboot`);
    await arm('action_fails', 1, 'reboot_server');
    await expect(client.act(`/servers/${id}/actions/reboot`)).rejects.toThrow(
      /^reboot_server: .+ \(action_failed, \d+\)$/,
    );
  });

  it('an action that never ends: the bound ends the wait, and names action and server', async () => {
    await hetzner.server('a');
    const id = hetzner.store.all('servers')[0]?.id;
    await arm('action_never_ends', 1, 'reboot_server');
    await expect(client.until(AbortSignal.timeout(100)).act(`/servers/${id}/actions/reboot`)).rejects.toThrow(
      new RegExp(`^context deadline exceeded, and still running: reboot_server .* of server ${id}$`),
    );
  });

  it('names action and server, too, when the bound comes while it asks about them', async () => {
    await hetzner.server('a');
    const id = hetzner.store.all('servers')[0]?.id;
    await arm('action_never_ends', 1, 'reboot_server');
    hetzner.project.faults.arm('slow_body', null, 'GET /actions');
    await expect(client.until(AbortSignal.timeout(300)).act(`/servers/${id}/actions/reboot`)).rejects.toThrow(
      /^context deadline exceeded, and still running: reboot_server /,
    );
  });

  it('waits from one second on, doubled each time, never over a minute', () => {
    for (const retries of [0, 1, 2, 5, 9]) {
      const most = Math.min(60_000, 1000 * 2 ** retries);
      for (let draw = 0; draw < 50; draw++) {
        const ms = requestBackoffMs({ pace: 1 }, retries);
        expect(ms).toBeGreaterThanOrEqual(1000);
        expect(ms).toBeLessThanOrEqual(most);
      }
    }
  });

  it('bounds every operation by twenty minutes, and the creation of a server by ninety', () => {
    expect(boundMs({ pace: 1 }, 'network', 'create')).toBe(20 * 60_000);
    expect(boundMs({ pace: 1 }, 'server', 'delete')).toBe(20 * 60_000);
    expect(boundMs({ pace: 1 }, 'server', 'create')).toBe(90 * 60_000);
    const hurried = clientOptions(
      { endpoint: 'http://127.0.0.1:1/v1', token: TOKEN },
      { TWIN_PROVIDER_BOUND: '2s' },
    );
    expect(boundMs(hurried.patience, 'server', 'create')).toBe(2000);
  });

  it.each([
    [{ TWIN_PROVIDER_PACE: 'slow' }, /TWIN_PROVIDER_PACE is "slow"/],
    [{ TWIN_PROVIDER_BOUND: 'soon' }, /TWIN_PROVIDER_BOUND soon is not a duration/],
  ])('refuses %j', (environment, message) => {
    const config = { endpoint: 'http://127.0.0.1:1/v1', token: TOKEN };
    expect(() => clientOptions(config, environment)).toThrow(message);
  });
});
