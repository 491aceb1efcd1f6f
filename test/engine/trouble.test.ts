import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Checkout } from './checkout.ts';

const STACK_TRACE = /\n\s+at .+:\d+:\d+/;

describe('trouble is told in one clear message', () => {
  let checkout: Checkout;
  beforeAll(() => {
    checkout = new Checkout('trouble', 8502);
  });
  afterAll(() => checkout.remove());

  const told = (outcome: { code: number; output: string }, ...parts: (string | RegExp)[]) => {
    expect(outcome.code).not.toBe(0);
    for (const part of parts) expect(outcome.output).toMatch(part);
    expect(outcome.output).not.toMatch(STACK_TRACE);
  };

  it('unknown stack', () => told(checkout.groundup('up', 'nowhere'), /no stack "nowhere"/, /local/));

  it('token absent', () => told(checkout.groundup('up', 'dev'), /HCLOUD_TOKEN/));

  it('token of wrong length, which is not repeated', () => {
    const outcome = checkout.run('groundup', ['up', 'dev'], { HCLOUD_TOKEN: 'tooshort' });
    told(outcome, /8 characters/, /64/);
    expect(outcome.output).not.toContain('tooshort');
  });

  it('twin not running', () => told(checkout.groundup('pulumi', 'preview'), /\.\/bin\/twin up/));

  it('twin not running, asked by the twin itself', () =>
    told(checkout.run('twin', ['status']), /does not run/));

  it('token refused', () => {
    checkout.run('twin', ['up']);
    told(checkout.run('groundup', ['up'], { HCLOUD_TOKEN: 'x'.repeat(64) }), /refuses the token/);
  });

  it('passphrase absent for a shared stack', () => {
    told(
      checkout.run('groundup', ['-s', 'dev', 'pulumi', 'preview'], { HCLOUD_TOKEN: 'x'.repeat(64) }),
      /PULUMI_CONFIG_PASSPHRASE/,
    );
  });

  it('a second run beside the first', async () => {
    const sleeper = spawn('sleep', ['60']);
    mkdirSync(join(checkout.directory, '.groundup', 'local'), { recursive: true });
    writeFileSync(join(checkout.directory, '.groundup', 'local', 'lock'), String(sleeper.pid));
    told(checkout.groundup('up'), new RegExp(`process ${sleeper.pid}`));
    sleeper.kill();
    await new Promise((resolve) => sleeper.on('exit', resolve));
  });

  it('a state that cannot be read', () => {
    const folder = join(checkout.directory, '.groundup', 'pulumi', '.pulumi', 'stacks', 'groundup');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'local.json'), '{"version": 3, "checkpoi');
    told(checkout.groundup('up'), /state of stack local cannot be read/);
    rmSync(join(folder, 'local.json'));
  });

  it('a sandbox that was never up is previewed all the same, and the committed file stays as it was', () => {
    checkout.twin('up');
    const file = join(checkout.directory, 'Pulumi.local.yaml');
    const before = readFileSync(file, 'utf8');
    expect(checkout.groundup('pulumi', 'stack', 'init').code).toBe(0);
    const { code, output } = checkout.groundup('pulumi', 'preview');
    expect(code, output).toBe(0);
    expect(output).toMatch(/\+ \d+ to create/);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it('every mistake of a stack file, before anything is created', async () => {
    checkout.editStackFile('local', (text) =>
      text.replace('count: 3', 'count: 2').replaceAll('cx33', 'cx99').replace('hel1', 'hel9'),
    );
    const outcome = checkout.groundup('up');
    told(
      outcome,
      /groundup:pools\[0\]\.count/,
      /groundup:pools\[0\]\.serverType/,
      /groundup:pools\[0\]\.locations\[2\]/,
    );
    expect((await checkout.api<{ networks: unknown[] }>('/v1/networks')).networks).toEqual([]);
  });

  it('a stack file that is not YAML', () => {
    checkout.editStackFile('local', () => 'config: [unclosed');
    told(checkout.groundup('up'), /Pulumi\.local\.yaml/);
  });

  it('port taken', async () => {
    const server = createServer().listen(8503, '127.0.0.1');
    await new Promise((resolve) => server.on('listening', resolve));
    const env = { TWIN_NAME: 'taken', TWIN_PORT: '8503', TWIN_STATE: join(checkout.directory, 'taken') };
    told(checkout.run('twin', ['up'], env), /8503 is taken/);
    server.close();
    expect(existsSync(join(checkout.directory, 'taken', 'token'))).toBe(false);
  });

  it('machines asked for where they cannot run', () => {
    const env = { TWIN_NAME: 'noimg', TWIN_PORT: '8504', TWIN_STATE: join(checkout.directory, 'noimg') };
    told(checkout.run('twin', ['up', '--engine', 'nspawn'], env), /cannot run here/);
  });

  it('a second `make` that installs packages beside the first', () => {
    const place = join(checkout.directory, 'second');
    mkdirSync(place);
    for (const file of ['Makefile', 'package-lock.json'])
      copyFileSync(join(checkout.directory, file), join(place, file));
    told(spawnSh(`cd '${place}' && flock .npm.lock make tools`), /another make is installing the packages/);
  });

  it('not root: `make up` makes no machines and brings up the rest', () => {
    const place = join(checkout.directory, 'someone');
    mkdirSync(place);
    writeFileSync(join(place, 'id'), '#!/bin/sh\necho 1000\n', { mode: 0o755 });
    const steps = (path: string) =>
      spawnSh(
        `cd '${checkout.directory}' && PATH='${path}' make --dry-run --old-file=node_modules/.installed up`,
      ).output;
    expect(steps(`${place}:${process.env['PATH']}`)).not.toContain('install machines');
    expect(steps(`${place}:${process.env['PATH']}`)).toContain('groundup up local');
    writeFileSync(join(place, 'id'), '#!/bin/sh\necho 0\n');
    expect(steps(`${place}:${process.env['PATH']}`)).toContain('install machines');
  });

  it('packages not installed', () => {
    const bare = join(checkout.directory, 'bare', 'bin');
    mkdirSync(bare, { recursive: true });
    const outcome = spawnSh(`cp '${checkout.directory}/bin/groundup' '${bare}' && '${bare}/groundup' doctor`);
    told(outcome, /make tools/);
  });
});

function spawnSh(script: string): { code: number; output: string } {
  const done = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
  return { code: done.status ?? 1, output: `${done.stdout}${done.stderr}` };
}
