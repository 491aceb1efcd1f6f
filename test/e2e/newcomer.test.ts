import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { debianPackage } from '../conformance/debian.ts';
import { Checkout } from '../engine/checkout.ts';
import { NO_TRACES, processIds, traces } from './traces.ts';

/** A newcomer's patience, and no question about a machine that was never seen before. */
const SSH = [
  'ConnectionAttempts=30',
  'ConnectTimeout=1',
  'StrictHostKeyChecking=no',
  'UserKnownHostsFile=/dev/null',
];

describe('a newcomer with hcloud-cli and the README of the local Hetzner', () => {
  let checkout: Checkout;
  let home: string;
  let before: ReadonlySet<string>;
  beforeAll(() => {
    before = processIds();
    checkout = new Checkout('newc', 8526, { machines: true });
    home = mkdtempSync(join(tmpdir(), 'home-'));
    mkdirSync(join(home, '.ssh'), { mode: 0o700 });
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(home, '.ssh', 'id_ed25519')]);
    // The packages are those of this checkout, whatever the time of its copy.
    utimesSync(join(checkout.directory, 'package-lock.json'), 0, 0);
  });
  afterAll(() => {
    checkout.remove();
    rmSync(home, { recursive: true });
  });

  it('gets a machine and an SSH prompt within five commands, exactly as they are written there', async () => {
    const cli = join(await debianPackage('hcloud-cli'), 'usr', 'bin');
    const readme = readFileSync(join('twin', 'README.md'), 'utf8');
    const commands = /## Five commands.*?```sh\n(.*?)```/s.exec(readme)?.[1]?.trim() ?? '';
    expect(commands.split('\n')).toHaveLength(5);
    const login = [...SSH.flatMap((option) => ['-o', option]), '-i', '~/.ssh/id_ed25519', 'hostname'];
    // The prompt itself is for people: the last command is given one more word to run there.
    const typed = `set -e\n${commands.replace(/ *#.*$/gm, '')} ${login.join(' ')}\n`;
    const { status, stdout, stderr } = spawnSync('bash', ['-c', typed], {
      cwd: checkout.directory,
      encoding: 'utf8',
      env: { ...checkout.environment, HOME: home, PATH: `${cli}:${process.env['PATH']}` },
    });
    expect(status, `${stdout}${stderr}`).toBe(0);
    expect(stdout.trim().split('\n').at(-1)).toBe('first');
  });

  it('leaves nothing after `twin down`', () => {
    expect(checkout.twin('down').code).toBe(0);
    expect(traces(checkout, before)).toEqual(NO_TRACES);
  });
});
