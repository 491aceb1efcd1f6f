import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { balancers } from './balancers.ts';
import { Cli, expect } from './cli.ts';
import { KINDS, reads } from './lifecycle.ts';
import { addresses, firewalls, groups, keys, networks, volumes } from './resources.ts';
import { servers } from './servers.ts';

/** `node suite.ts PROGRAM`: every command of hcloud against the API in HCLOUD_ENDPOINT. */
async function main([program = 'hcloud']: readonly string[]): Promise<void> {
  const { HCLOUD_ENDPOINT: endpoint = '', HCLOUD_TOKEN: token = '' } = process.env;
  const cli = new Cli(program, endpoint, token);
  await cli.learn();
  await cli.check('version', async () => expect(/hcloud/.test(await cli.ok('version')), 'it says nothing'));
  for (const [kind, name] of [
    [KINDS.location, 'fsn1'],
    [KINDS.datacenter, 'fsn1-dc14'],
    [KINDS.serverType, 'cpx22'],
    [KINDS.balancerType, 'lb11'],
  ] as const)
    await reads(cli, kind, name);
  const [iso] = (await cli.api<{ isos: { name: string }[] }>('/isos')).isos;
  await reads(cli, KINDS.iso, iso?.name ?? '');
  await keys(cli);
  await networks(cli);
  await firewalls(cli);
  await groups(cli);
  await servers(cli);
  await volumes(cli);
  await addresses(cli);
  await balancers(cli);
  await cli.check('server delete', () => cli.ok('server', 'delete', 'machine'));
  await cli.check('ssh-key delete', () => cli.ok('ssh-key', 'delete', 'key'));
  await cli.check('network delete', () => cli.ok('network', 'delete', 'network'));
  await contexts(cli, endpoint, token);
  await cli.check('every command was run', async () => {
    const unused = cli.unused();
    expect(unused.length === 0, `not run: ${unused.join(', ')}`);
  });
}

/** Contexts live in a file of their own, and the one that is active knows the token. */
async function contexts(cli: Cli, endpoint: string, token: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hcloud-'));
  const env = { HCLOUD_CONFIG: join(folder, 'cli.toml'), HCLOUD_ENDPOINT: endpoint };
  const run = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await cli.run(args, env);
    if (code !== 0) throw new Error(`hcloud ${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  await cli.check('context create', async () => {
    const { code, stdout } = await cli.typed(token, ['context', 'create', 'twin'], {
      ...env,
      HCLOUD_TOKEN: '',
    });
    expect(code === 0 && stdout.includes('created'), stdout);
  });
  await cli.check('context list, use, active', async () => {
    expect((await run('context', 'list', '-o', 'noheader')).includes('twin'), 'it is not among them');
    await run('context', 'use', 'twin');
    expect((await run('context', 'active')).trim() === 'twin', 'another one is active');
  });
  await cli.check('context: its token is used', async () => {
    const { code, stdout } = await cli.run(['location', 'describe', 'fsn1'], { ...env, HCLOUD_TOKEN: '' });
    expect(code === 0 && stdout.includes('Falkenstein'), stdout);
  });
  await cli.check('context delete', () => run('context', 'delete', 'twin'));
  rmSync(folder, { recursive: true });
}

await main(process.argv.slice(2));
