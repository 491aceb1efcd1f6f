import { spawn } from 'node:child_process';
import { appendFileSync, closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { ansiblePlaybook } from '../../tools/index.ts';
import { run } from '../../tools/run.ts';
import type { PhaseInput } from '../cluster/index.ts';
import { UserError } from '../errors.ts';
import { withLock } from './lock.ts';
import { CHECKOUT, progressFile, stackDirectory } from './paths.ts';
import { type SshFiles, writeSshFiles } from './ssh-files.ts';
import { ensureTunnel } from './tunnel.ts';

/** A phase whose run was killed ends itself within seconds; its successor waits that long. */
const TURN_MS = 60_000;
/** From a server's creation to sshd, packages of the first boot included. */
const REACHABLE_MS = 15 * 60_000;
const RETRY_MS = 500;
const PARENT_POLL_MS = 1_000;
const FORKS_LEAST = 10;
const TAIL_LINES = 60;

/** `groundup phase NAME`: one playbook over the tunnel, its input on standard input. Prints a short summary. */
export async function phase(name: string): Promise<void> {
  const input = JSON.parse(await text(process.stdin)) as PhaseInput;
  if (input.phase !== name)
    throw new UserError(`The input is for phase ${input.phase}, and this is ${name}.`);
  const turn = join(stackDirectory(input.stack), 'phase.lock');
  const changed = await withLock(turn, TURN_MS, () => runPhase(input));
  console.log(JSON.stringify({ phase: name, hosts: input.hosts.length, changed }));
}

/** @returns how many tasks changed something */
async function runPhase(input: PhaseInput): Promise<number> {
  const proxy = await ensureTunnel(input.stack, input.access);
  const files = await writeSshFiles(input.stack, input.access, proxy);
  const stop = new AbortController();
  const parent = process.ppid;
  // Whoever kills `pulumi up` hard kills this program's parent: nobody would wait for the playbook any more.
  const watch = setInterval(() => process.ppid !== parent && stop.abort(), PARENT_POLL_MS);
  const end = () => stop.abort();
  process.once('SIGTERM', end).once('SIGINT', end);
  try {
    await untilReachable(input, files, stop.signal);
    return await playbook(input, files, stop.signal);
  } finally {
    clearInterval(watch);
    process.off('SIGTERM', end).off('SIGINT', end);
    files.remove();
  }
}

/** New machines answer some time after they were created. A wrong host key never gets better, so that ends at once. */
async function untilReachable(
  { stack, phase: name, hosts }: PhaseInput,
  files: SshFiles,
  signal: AbortSignal,
) {
  appendFileSync(
    progressFile(stack),
    `${name}: waiting for SSH on ${hosts.map((host) => host.name).join(', ')}\n`,
  );
  const deadline = Date.now() + REACHABLE_MS;
  const failures = await Promise.all(
    hosts.map(async (host) => {
      for (;;) {
        const { code, stderr } = await run('ssh', [
          '-F',
          files.config,
          '-o',
          'BatchMode=yes',
          host.name,
          'true',
        ]);
        if (code === 0) return [];
        signal.throwIfAborted();
        if (/host key verification failed|permission denied/i.test(stderr) || Date.now() > deadline)
          return [`${host.name} (${host.address}): ${stderr.trim().split('\n').at(-1)}`];
        await sleep(RETRY_MS, undefined, { signal });
      }
    }),
  );
  const mistakes = failures.flat();
  if (mistakes.length > 0)
    throw new UserError(`Through the VPN these machines cannot be reached by SSH:\n${mistakes.join('\n')}`);
}

async function playbook(input: PhaseInput, files: SshFiles, signal: AbortSignal): Promise<number> {
  const { stack, phase: name } = input;
  const inventory = join(files.directory, 'inventory.json');
  writeFileSync(inventory, JSON.stringify(renderInventory(input)), { mode: 0o600 });
  const logs = join(stackDirectory(stack), 'logs');
  mkdirSync(logs, { recursive: true, mode: 0o700 });
  const logFile = join(logs, `${name}.log`);
  const log = openSync(logFile, 'w', 0o600);
  const ansible = join(CHECKOUT, 'ansible');
  const child = spawn(await ansiblePlaybook(), ['--inventory', inventory, join(ansible, `${name}.yml`)], {
    cwd: ansible,
    stdio: ['ignore', log, log],
    detached: true,
    env: {
      ...process.env,
      ANSIBLE_CONFIG: join(ansible, 'ansible.cfg'),
      ANSIBLE_HOME: join(files.directory, 'ansible'),
      ANSIBLE_LOCAL_TEMP: join(files.directory, 'ansible', 'tmp'),
      ANSIBLE_SSH_ARGS: `-F ${quoted(files.config)}`,
      ANSIBLE_FORKS: String(Math.max(FORKS_LEAST, input.hosts.length)),
      GROUNDUP_PROGRESS: progressFile(stack),
      GROUNDUP_PHASE: name,
    },
  });
  closeSync(log);
  const end = () => child.pid !== undefined && process.kill(-child.pid, 'SIGTERM');
  signal.addEventListener('abort', end, { once: true });
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject).once('exit', (exit) => resolve(exit ?? 1));
  });
  signal.removeEventListener('abort', end);
  const output = readFileSync(logFile, 'utf8');
  if (code !== 0)
    throw new UserError(
      `Phase ${name} failed${signal.aborted ? ' because it was interrupted' : ''}; all of it is in ${logFile}\n${output.trimEnd().split('\n').slice(-TAIL_LINES).join('\n')}`,
    );
  return [...output.matchAll(/ changed=(\d+) /g)].reduce((sum, [, count]) => sum + Number(count), 0);
}

/** The option is split as a shell would. */
function quoted(path: string): string {
  return `'${path.replaceAll("'", `'\\''`)}'`;
}

/** An inventory in JSON, which is YAML. It holds secrets. */
export function renderInventory({ hosts, vars }: PhaseInput) {
  const groups = [...new Set(hosts.flatMap((host) => host.groups))];
  return {
    all: {
      vars: { ...vars, ansible_python_interpreter: '/usr/bin/python3' },
      hosts: Object.fromEntries(hosts.map((host) => [host.name, host.vars])),
      children: Object.fromEntries(
        groups.map((group) => [
          group,
          {
            hosts: Object.fromEntries(
              hosts.filter((host) => host.groups.includes(group)).map((host) => [host.name, {}]),
            ),
          },
        ]),
      ),
    },
  };
}
