import { existsSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { attempt, must } from './commands.ts';

const DIRECTORY = '/run/netns';
const KILL_POLL_MS = 20;

export function namespaceExists(namespace: string): boolean {
  return existsSync(`${DIRECTORY}/${namespace}`);
}

export function namespacePath(namespace: string): string {
  return `${DIRECTORY}/${namespace}`;
}

/** Every network namespace of one twin. */
export function namespacesOf(name: string): string[] {
  return existsSync(DIRECTORY)
    ? readdirSync(DIRECTORY).filter((namespace) => namespace.startsWith(`${name}-`))
    : [];
}

/** Whether some twin, of whatever name, still has its Internet. */
export function anyTwinRuns(): boolean {
  return (
    existsSync(DIRECTORY) && readdirSync(DIRECTORY).some((namespace) => /^[a-z0-9]+-inet$/.test(namespace))
  );
}

/** @param router forwards packets; others do not, whatever the host does */
export async function makeNamespace(namespace: string, router: boolean): Promise<void> {
  if (namespaceExists(namespace)) return;
  await must('ip', ['netns', 'add', namespace]);
  const forward = router ? '1' : '0';
  const settings = [
    ['ipv4/ip_forward', forward],
    ['ipv6/conf/all/forwarding', forward],
    ['ipv4/conf/all/rp_filter', '0'],
    ['ipv4/conf/default/rp_filter', '0'],
    ['ipv4/ping_group_range', '0 2147483647'],
  ];
  const script = settings.map(([key, value]) => `echo ${value} >/proc/sys/net/${key}`).join('\n');
  await must('ip', ['netns', 'exec', namespace, 'sh', '-ec', `${script}\nip link set lo up`]);
}

/** Removes a namespace with its links, ending first whatever still runs in it. */
export async function removeNamespace(namespace: string): Promise<void> {
  if (!namespaceExists(namespace)) return;
  for (let round = 0; round < 100; round++) {
    const pids = (await must('ip', ['netns', 'pids', namespace])).split('\n').filter(Boolean).map(Number);
    if (pids.length === 0) break;
    for (const pid of pids) kill(pid);
    await sleep(KILL_POLL_MS);
  }
  await attempt('ip', ['netns', 'delete', namespace]);
}

/** The power cord for one process; it may be gone already. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone in the meantime, which is what was wanted.
  }
}

/** Lines for `ip -batch` inside a namespace, all or an error at the first that fails. */
export async function configure(namespace: string, lines: readonly string[]): Promise<void> {
  if (lines.length > 0) await must('ip', ['-n', namespace, '-batch', '-'], `${lines.join('\n')}\n`);
}

export async function hasLink(namespace: string, link: string): Promise<boolean> {
  return attempt('ip', ['-n', namespace, 'link', 'show', 'dev', link]);
}

/** Takes a link away if it is there, and its other end with it. */
export async function removeLink(namespace: string, link: string): Promise<void> {
  await attempt('ip', ['-n', namespace, 'link', 'delete', link]);
}

interface Route {
  readonly dst: string;
}

/** Destinations of a namespace's routes that `selector` matches, for example `proto static`. */
export async function routes(
  namespace: string,
  selector: readonly string[],
  family: '-4' | '-6' = '-4',
): Promise<string[]> {
  const text = await must('ip', ['-n', namespace, family, '-j', 'route', 'show', ...selector]);
  return (JSON.parse(text || '[]') as Route[]).map(({ dst }) => dst);
}
