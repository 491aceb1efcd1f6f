import { createConnection, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Checkout } from './checkout.ts';

interface Server {
  readonly id: number;
  readonly name: string;
  readonly private_net: readonly { readonly network: number; readonly ip: string }[];
  readonly volumes: readonly number[];
  readonly public_net: { readonly ipv4: { readonly id: number; readonly ip: string } };
}

interface Network {
  readonly id: number;
  readonly servers: readonly number[];
}

interface Volume {
  readonly id: number;
  readonly server: number | null;
}

describe('the local Hetzner survives', () => {
  let twin: Checkout;
  let other: Checkout;
  beforeAll(() => {
    twin = new Checkout('surv', 8505);
    other = new Checkout('surv2', 8506);
    for (const each of [twin, other]) expect(each.twin('up', '--engine', 'none').code).toBe(0);
  });
  afterAll(() => {
    twin.remove();
    other.remove();
  });
  const page = <T>(path: string, from = twin) => from.api<T>(`/v1${path}?per_page=50`);

  it('kill -9 in the middle of writes: what was acknowledged is there, and nothing is torn', async () => {
    const wanted = {
      name: 'n',
      ip_range: '10.0.0.0/16',
      subnets: [{ type: 'cloud', network_zone: 'eu-central', ip_range: '10.0.0.0/16' }],
    };
    const { network } = await twin.act<{ network: Network }>('/v1/networks', wanted);
    const acknowledged = new Set<number>();
    for (let round = 0; round < 5; round++) {
      const write = async (index: number) => {
        const name = `s-${round}-${index}`;
        const answer = await twin.api<{ server?: Server }>('/v1/servers', {
          method: 'POST',
          body: JSON.stringify({
            name,
            server_type: 'cpx22',
            image: 'debian-12',
            location: 'fsn1',
            networks: [network.id],
          }),
        });
        if (answer.server) acknowledged.add(answer.server.id);
        await twin.api('/v1/volumes', {
          method: 'POST',
          body: JSON.stringify({
            name,
            size: 10,
            ...(answer.server ? { server: answer.server.id } : { location: 'fsn1' }),
          }),
        });
      };
      const writes = Array.from({ length: 8 }, (_, index) => write(index));
      const killed = sleep(5 + 12 * round).then(() => twin.killTwin());
      const outcomes = await Promise.allSettled(writes);
      await killed;
      expect(outcomes.length).toBe(8);
      expect(twin.twin('up').code).toBe(0);
    }
    const { servers } = await page<{ servers: Server[] }>('/servers');
    const { networks } = await page<{ networks: Network[] }>('/networks');
    const { volumes } = await page<{ volumes: Volume[] }>('/volumes');
    for (const id of acknowledged) expect(servers.map((server) => server.id)).toContain(id);
    expect([...(networks[0]?.servers ?? [])].sort()).toEqual(servers.map(({ id }) => id).sort());
    for (const volume of volumes) {
      const holders = servers.filter((server) => server.volumes.includes(volume.id)).map(({ id }) => id);
      expect(holders).toEqual(volume.server === null ? [] : [volume.server]);
    }
    const addresses = servers.flatMap((server) => [
      server.public_net.ipv4.ip,
      ...server.private_net.map(({ ip }) => ip),
    ]);
    expect(new Set(addresses).size).toBe(addresses.length);
    expect(acknowledged.size).toBeGreaterThan(0);
  });

  it('a second one beside it: neither sees anything of the other', async () => {
    const key = { name: 'only-here', type: 'spread' };
    await other.act('/v1/placement_groups', key);
    type Groups = { placement_groups: unknown[] };
    expect((await page<Groups>('/placement_groups')).placement_groups).toEqual([]);
    expect((await page<Groups>('/placement_groups', other)).placement_groups.length).toBe(1);
    expect(other.token).not.toBe(twin.token);
    const refused = await fetch(`${twin.endpoint}/v1/servers`, {
      headers: { authorization: `Bearer ${other.token}` },
    });
    expect(refused.status).toBe(401);
  });

  describe('a request that', () => {
    const open = async (text: string): Promise<Socket> => {
      const socket = createConnection(Number(new URL(twin.endpoint).port), '127.0.0.1');
      socket.on('error', () => {});
      socket.write(text);
      await sleep(10);
      return socket;
    };
    const answer = (text: string): Promise<string> =>
      new Promise((resolve) => {
        let received = '';
        void open(text).then((socket) => {
          socket.setEncoding('utf8').on('data', (part: string) => {
            received += part;
          });
          socket.on('close', () => resolve(received));
        });
      });
    const healthy = async () => {
      const started = performance.now();
      const { locations } = await page<{ locations: unknown[] }>('/locations');
      expect(locations.length).toBe(6);
      expect(performance.now() - started).toBeLessThan(1000);
    };
    const head = () =>
      `POST /v1/servers HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${twin.token}\r\ncontent-type: application/json\r\n`;

    it('is no HTTP harms only itself', async () => {
      expect(await answer('\x16\x03\x01 nonsense\r\n\r\n')).toContain('400');
      await healthy();
    });

    it('is larger than anything sensible is refused before it is read', async () => {
      expect(await answer(`${head()}content-length: 99999999999\r\nconnection: close\r\n\r\n{`)).toContain(
        '413',
      );
      await healthy();
    });

    it('never ends is cut off', async () => {
      const socket = await open(`${head()}transfer-encoding: chunked\r\n\r\n`);
      let ended = false;
      socket.on('close', () => {
        ended = true;
      });
      socket.resume();
      const chunk = `10000\r\n${' '.repeat(0x1_00_00)}\r\n`;
      for (let sent = 0; sent < 64 && !ended; sent++) {
        socket.write(chunk);
        await sleep(5);
      }
      await expect.poll(() => ended, { timeout: 15_000 }).toBe(true);
      await healthy();
    });

    it('comes byte by byte, two hundred of them, holds nobody up and is ended', async () => {
      const sockets = await Promise.all(
        Array.from({ length: 200 }, () => open(`${head()}content-length: 100\r\n\r\n{`)),
      );
      await healthy();
      const ended = Promise.all(
        sockets.map((socket) => new Promise((resolve) => socket.resume().on('close', resolve))),
      );
      await ended;
      await healthy();
    }, 60_000);

    it.each([
      ['nests a hundred thousand times', '['.repeat(100_000)],
      ['poisons prototypes', '{"__proto__":{"name":"x"},"constructor":{"prototype":{"name":"x"}}}'],
      ['is no JSON', '{"name": nope}'],
      ['is JSON of another kind', '[1, 2, 3]'],
      ['is text in no encoding', '\xff\xfe\x00'],
    ])('%s is refused', async (_, body) => {
      const answered = await fetch(`${twin.endpoint}/v1/servers`, {
        method: 'POST',
        headers: { authorization: `Bearer ${twin.token}`, 'content-type': 'application/json' },
        body: Buffer.from(body, 'latin1'),
      });
      expect(answered.status).toBeGreaterThanOrEqual(400);
      expect(answered.status).toBeLessThan(500);
      await healthy();
    });
  });
});
