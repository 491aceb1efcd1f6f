import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WantedServer } from '../engine.ts';
import { dataBinds } from './disk.ts';
import { kernelSettingBinds } from './guest-files.ts';
import type { Layout } from './layout.ts';
import { kill, namespacePath } from './namespaces.ts';

const SUPERVISOR = join(import.meta.dirname, 'supervise.sh');
const HIERARCHIES = '/sys/fs/cgroup';
const START_MS = 20_000;
const SHUTDOWN_MS = 60_000;
const POLL_MS = 20;

interface Supervisor {
  readonly pid: number;
  /** Clock ticks since boot; a pid alone may be someone else's by now. */
  readonly started: string;
}

function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/** The supervisor of a machine that is on. */
function supervisor(layout: Layout, server: number): number | undefined {
  const file = layout.machine(server, 'supervisor.json');
  if (!existsSync(file)) return undefined;
  const { pid, started } = JSON.parse(readFileSync(file, 'utf8')) as Supervisor;
  return startTime(pid) === started ? pid : undefined;
}

export function isRunning(layout: Layout, server: number): boolean {
  return supervisor(layout, server) !== undefined;
}

function children(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** systemd-nspawn of a machine, and the init of its guest; absent while it starts or is off. */
function processes(layout: Layout, server: number) {
  const parent = supervisor(layout, server);
  const nspawn = parent === undefined ? undefined : children(parent)[0];
  const init = nspawn === undefined ? undefined : children(nspawn)[0];
  return { nspawn, init };
}

/** The guest's init as this computer numbers it. @throws Error when the machine is off */
export function initOf(layout: Layout, server: number): number {
  const { init } = processes(layout, server);
  if (init === undefined) throw new Error('the server is off');
  return init;
}

/**
 * Boots a machine whose disk and network namespace are there. It belongs to nobody: it outlives the twin.
 * @throws Error with the end of its console when it does not come up
 */
export async function start(layout: Layout, server: WantedServer): Promise<void> {
  const log = layout.machine(server.id, 'console.log');
  const output = openSync(log, 'a', 0o600);
  const child = spawn(
    SUPERVISOR,
    [layout.cgroup(server.id), layout.namespace(server.id), ...nspawnArguments(layout, server)],
    {
      detached: true,
      cwd: '/',
      stdio: ['ignore', output, output],
      env: {
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        // Only the network part of /proc/sys may be written: the rest is this computer's.
        SYSTEMD_NSPAWN_API_VFS_WRITABLE: 'network',
        ...(server.rescue
          ? {
              RESCUE_ROOT: layout.machine(server.id, 'rescue', 'root'),
              DISK_ROOT: layout.machine(server.id, 'root'),
            }
          : {}),
      },
    },
  );
  closeSync(output);
  child.unref();
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  const pid = child.pid ?? 0;
  const record: Supervisor = { pid, started: startTime(pid) ?? '' };
  await writeFile(layout.machine(server.id, 'supervisor.json'), JSON.stringify(record));
  for (const deadline = Date.now() + START_MS; Date.now() < deadline; await sleep(POLL_MS)) {
    if (processes(layout, server.id).init !== undefined) return;
    if (!isRunning(layout, server.id)) break;
  }
  throw new Error(`${server.name} did not boot; its console ends with:\n${lastLines(log)}`);
}

function nspawnArguments(layout: Layout, server: WantedServer): string[] {
  return [
    '--quiet',
    '--register=no',
    '--keep-unit',
    `--directory=${layout.machine(server.id, 'root')}`,
    `--machine=${layout.name}-${server.name}`,
    `--hostname=${server.name}`,
    `--network-namespace-path=${namespacePath(layout.namespace(server.id))}`,
    '--capability=all',
    '--system-call-filter=@keyring bpf',
    '--bind=/dev/kmsg',
    '--bind=/dev/net/tun',
    '--resolv-conf=off',
    '--timezone=off',
    '--link-journal=no',
    '--console=pipe',
    ...kernelSettingBinds(),
    ...dataBinds(layout, server),
    '--boot',
  ];
}

function lastLines(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-8).join('\n');
}

/** Asks the guest's init to power off. @throws Error when it does not within a minute */
export async function shutdown(layout: Layout, server: number): Promise<void> {
  const { nspawn } = processes(layout, server);
  if (nspawn !== undefined) process.kill(nspawn, 'SIGTERM');
  const deadline = Date.now() + SHUTDOWN_MS;
  while (isRunning(layout, server)) {
    if (Date.now() > deadline) throw new Error(`the server did not shut down within ${SHUTDOWN_MS / 1000} s`);
    await sleep(POLL_MS);
  }
  await cutPower(layout, server);
}

/** Ends everything of a machine, whatever state it is in, and removes its control groups. */
export async function cutPower(layout: Layout, server: number): Promise<void> {
  const group = layout.cgroup(server);
  const pid = supervisor(layout, server);
  if (pid !== undefined) kill(pid);
  await killGroup(group);
  await rm(layout.machine(server, 'supervisor.json'), { force: true });
}

/** Lets every process of a machine stand still for the time of some work; one that is off just has it done. */
export async function whileFrozen(layout: Layout, server: number, work: () => Promise<void>): Promise<void> {
  try {
    await freeze(layout, server, true);
    await work();
  } finally {
    await freeze(layout, server, false);
  }
}

/** Also lets a machine go on that a killed twin left standing. */
export async function thaw(layout: Layout, server: number): Promise<void> {
  await freeze(layout, server, false);
}

/** Control groups of version 2 have `cgroup.freeze`, those of version 1 a hierarchy of their own for it. */
async function freeze(layout: Layout, server: number, still: boolean): Promise<void> {
  const group = layout.cgroup(server);
  const unified = join(HIERARCHIES, group, 'cgroup.freeze');
  const legacy = join(HIERARCHIES, 'freezer', group, 'freezer.state');
  if (existsSync(unified)) {
    await writeFile(unified, still ? '1' : '0');
    await until(() =>
      readFileSync(join(HIERARCHIES, group, 'cgroup.events'), 'utf8').includes(`frozen ${still ? 1 : 0}`),
    );
  } else if (existsSync(legacy)) {
    const state = still ? 'FROZEN' : 'THAWED';
    await writeFile(legacy, state);
    await until(() => readFileSync(legacy, 'utf8').trim() === state);
  }
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + START_MS;
  while (!holds()) {
    if (Date.now() > deadline)
      throw new Error('the machine cannot be made to stand still for a copy of its disk');
    await sleep(POLL_MS);
  }
}

/** Kills all processes of a group of ours and removes it from every hierarchy, deepest groups first. */
export async function killGroup(group: string): Promise<void> {
  for (let round = 0; round < 250; round++) {
    const members = hierarchies().flatMap((hierarchy) =>
      groupsBelow(join(hierarchy, group)).flatMap(processesOf),
    );
    if (members.length === 0) break;
    for (const pid of members) kill(pid);
    await sleep(POLL_MS);
  }
  for (const hierarchy of hierarchies()) {
    for (const directory of groupsBelow(join(hierarchy, group))) await removeGroup(directory);
  }
}

function hierarchies(): string[] {
  if (existsSync(join(HIERARCHIES, 'cgroup.controllers'))) return [HIERARCHIES];
  return readdirSync(HIERARCHIES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(HIERARCHIES, entry.name));
}

/** The group and all below it, deepest first. */
function groupsBelow(directory: string): string[] {
  if (!existsSync(directory)) return [];
  const below = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...below.flatMap((entry) => groupsBelow(join(directory, entry.name))), directory];
}

function processesOf(directory: string): number[] {
  try {
    return readFileSync(join(directory, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

async function removeGroup(directory: string): Promise<void> {
  // The kernel forgets a group's last process a moment after it has ended.
  for (let round = 0; round < 50; round++) {
    try {
      await rmdir(directory);
      return;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EBUSY')) return;
      await sleep(POLL_MS);
    }
  }
}
