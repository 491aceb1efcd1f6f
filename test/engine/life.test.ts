import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Checkout } from './checkout.ts';

interface Server {
  readonly id: number;
  readonly name: string;
  readonly labels: Record<string, string>;
}

const SERVERS = [
  'local-control-plane-1',
  'local-control-plane-2',
  'local-control-plane-3',
  'local-gateway',
  'local-worker-1',
];

describe('an environment on the local Hetzner, by the real Pulumi CLI', () => {
  let checkout: Checkout;
  const servers = async () => (await checkout.api<{ servers: Server[] }>('/v1/servers?per_page=50')).servers;
  const names = async () => (await servers()).map(({ name }) => name).sort();
  const requests = () => checkout.api<{ reads: number; writes: number }>('/twin/requests');

  beforeAll(() => {
    checkout = new Checkout('life', 8501);
  });
  afterAll(() => checkout.remove());

  it('comes up', async () => {
    const { code, output } = checkout.groundup('up');
    expect(output).toContain('Resources:');
    expect(code).toBe(0);
    expect(await names()).toEqual(SERVERS);
  });

  it('leaves the committed files as they are', () => {
    expect(readFileSync(join(checkout.directory, 'Pulumi.local.yaml'), 'utf8')).not.toContain(
      'encryptionsalt',
    );
  });

  it('keeps its state in one file, which no kill can leave without its other half', () => {
    const state = join(checkout.directory, '.groundup', 'pulumi', '.pulumi', 'stacks', 'groundup');
    expect(readdirSync(state).sort()).toEqual(['local.json', 'local.json.bak']);
  });

  it('changes nothing when nothing changed, and asks the API for nothing to be written', async () => {
    const before = await requests();
    const { code, output } = checkout.groundup('up');
    expect(code).toBe(0);
    expect(output).toMatch(/\d+ unchanged/);
    expect(output).not.toMatch(/[+~-] \d+ (created|updated|deleted|replaced)/);
    expect((await requests()).writes).toBe(before.writes);
  });

  it('adds exactly what a larger pool needs', async () => {
    checkout.editStackFile('local', (text) => text.replace('count: 1', 'count: 2'));
    const { code, output } = checkout.groundup('up');
    expect(code).toBe(0);
    expect(output).not.toMatch(/- \d+ deleted|replaced/);
    expect(await names()).toEqual([...SERVERS, 'local-worker-2']);
  });

  it('removes exactly what a smaller pool no longer has', async () => {
    checkout.editStackFile('local', (text) => text.replace('count: 2', 'count: 1'));
    expect(checkout.groundup('up').code).toBe(0);
    expect(await names()).toEqual(SERVERS);
  });

  it('finds by refresh what someone changed by hand, and mends it', async () => {
    const [server] = (await servers()).filter(({ name }) => name === 'local-worker-1');
    await checkout.api(`/v1/servers/${server?.id}`, {
      method: 'PUT',
      body: JSON.stringify({ labels: { changed: 'by-hand' } }),
    });
    const refresh = checkout.groundup('pulumi', 'refresh', '--yes', '--skip-preview');
    expect(refresh.code).toBe(0);
    expect(refresh.output).toMatch(/~ 1 updated/);
    expect(checkout.groundup('up').code).toBe(0);
    const mended = (await servers()).find(({ name }) => name === 'local-worker-1');
    expect(mended?.labels['groundup-node']).toBe('local-worker-1');
  });

  it('makes again what someone deleted by hand', async () => {
    const server = (await servers()).find(({ name }) => name === 'local-worker-1');
    await checkout.api(`/v1/servers/${server?.id}`, { method: 'DELETE', body: '{}' });
    expect(checkout.groundup('pulumi', 'refresh', '--yes', '--skip-preview').code).toBe(0);
    expect(checkout.groundup('up').code).toBe(0);
    expect(await names()).toEqual(SERVERS);
  });

  it('keeps private keys, token and kubeconfig out of state and logs', () => {
    const { output } = checkout.groundup('pulumi', 'stack', 'output', '--json', '--show-secrets');
    const outputs = JSON.parse(output) as {
      kubeconfig: string;
      access: { tunnel: { privateKey: string }; ssh: { privateKey: string } };
    };
    const sshKey = outputs.access.ssh.privateKey.split('\n')[1] ?? '';
    const adminKey = /client-key-data: (\S+)/.exec(outputs.kubeconfig)?.[1] ?? '';
    const secrets = [
      checkout.token,
      outputs.access.tunnel.privateKey,
      sshKey,
      adminKey,
      Buffer.from(adminKey, 'base64').toString().split('\n')[1] ?? '',
    ];
    for (const secret of secrets) expect(secret.length).toBeGreaterThan(30);
    const files = readdirSync(join(checkout.directory, '.groundup', 'pulumi'), {
      recursive: true,
      withFileTypes: true,
    }).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      const text = readFileSync(join(file.parentPath, file.name), 'utf8');
      for (const secret of secrets) expect(text.includes(secret), `${file.name} holds a secret`).toBe(false);
      expect(text).not.toContain('BEGIN OPENSSH PRIVATE KEY');
    }
  });

  it('goes down and leaves nothing', async () => {
    expect(checkout.groundup('pulumi', 'destroy', '--yes', '--skip-preview').code).toBe(0);
    for (const kind of [
      'servers',
      'networks',
      'firewalls',
      'volumes',
      'primary_ips',
      'ssh_keys',
      'placement_groups',
    ]) {
      expect((await checkout.api<Record<string, unknown[]>>(`/v1/${kind}`))[kind], kind).toEqual([]);
    }
  });

  it.each([600, 1200, 1800, 2400, 3000])(
    'killed after %i ms, finishes on the next run: nothing twice, nothing orphaned',
    async (delay) => {
      const run = checkout.spawn('groundup', 'up');
      await sleep(delay);
      run.kill('SIGKILL');
      await sleep(1500);
      const { code, output } = checkout.groundup('up');
      expect(code, output).toBe(0);
      expect(await names()).toEqual(SERVERS);
      const volumes = await checkout.api<{ volumes: { name: string; server: number | null }[] }>(
        '/v1/volumes',
      );
      expect(volumes.volumes.filter(({ server }) => server !== null).length).toBe(3);
      expect(volumes.volumes.length).toBe(3);
      expect((await checkout.api<{ primary_ips: unknown[] }>('/v1/primary_ips')).primary_ips.length).toBe(1);
      expect(checkout.groundup('pulumi', 'destroy', '--yes', '--skip-preview').code).toBe(0);
    },
  );

  it('asked to stop, stops; the next run goes on', async () => {
    const run = checkout.spawn('groundup', 'up');
    await sleep(1500);
    run.kill('SIGINT');
    await run.ended;
    expect(checkout.groundup('up').code).toBe(0);
    expect(await names()).toEqual(SERVERS);
  });

  it('survives a kill of the local Hetzner', async () => {
    checkout.killTwin();
    const { code, output } = checkout.groundup('up');
    expect(code, output).toBe(0);
    expect(output).toMatch(/\d+ unchanged/);
    expect(await names()).toEqual(SERVERS);
  });

  it('is gone after `down`, with its state', () => {
    expect(checkout.groundup('down').code).toBe(0);
    expect(readdirSync(checkout.directory)).not.toContain('twin-state');
    expect(readdirSync(join(checkout.directory, '.groundup'), { recursive: true }).join('\n')).not.toMatch(
      /local(\.json|$)/m,
    );
  });
});
