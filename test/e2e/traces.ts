import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Checkout } from '../engine/checkout.ts';

/** Programs that only this project starts on a computer that runs its tests. */
const OURS = /twin|groundup|pulumi|tunnel|nspawn|kube|etcd|containerd|haproxy|wireguard|flanneld|coredns/;

export interface Traces {
  readonly processes: readonly string[];
  readonly namespaces: readonly string[];
  readonly links: readonly string[];
  readonly routes: readonly string[];
  readonly mounts: readonly string[];
  readonly loops: readonly string[];
  readonly groups: readonly string[];
  readonly sockets: readonly string[];
}

/** What ran before; it is nobody's trace. */
export function processIds(): ReadonlySet<string> {
  return new Set(readdirSync('/proc').filter((name) => /^\d+$/.test(name)));
}

/** Everything of a checkout and its local Hetzner that this computer still has outside their directory. */
export function traces({ name, directory }: Checkout, before: ReadonlySet<string>): Traces {
  const lines = (program: string, args: string[], pattern: string) =>
    execFileSync(program, args, { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.includes(pattern));
  return {
    processes: [...processIds()].filter((id) => !before.has(id)).flatMap((id) => ours(id, directory)),
    namespaces: lines('ip', ['netns', 'list'], `${name}-`),
    links: lines('ip', ['-o', 'link', 'show'], ` ${name}-`),
    routes: lines('ip', ['route', 'show', 'table', 'all'], `${name}-`),
    mounts: readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => line.includes(directory) || line.includes(`/netns/${name}-`)),
    loops: lines('losetup', ['--list', '--noheadings', '--output', 'NAME,BACK-FILE'], directory),
    groups: readdirSync('/sys/fs/cgroup')
      .map((hierarchy) => join('/sys/fs/cgroup', hierarchy, name))
      .concat(join('/sys/fs/cgroup', name))
      .filter(existsSync),
    sockets: readdirSync('/tmp').filter((file) => file.startsWith('groundup-') && !directory.endsWith(file)),
  };
}

/** The process's command, if it belongs to the checkout: by what it was started with, or as a guest's program. */
function ours(id: string, directory: string): string[] {
  try {
    const command = readFileSync(`/proc/${id}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    const environment = readFileSync(`/proc/${id}/environ`, 'utf8');
    const known = `${command} ${environment}`.includes(directory);
    const guest = !environment.includes('VITEST') && OURS.test(command.split(' ').slice(0, 3).join(' '));
    return known || guest ? [`${id} ${command}`] : [];
  } catch {
    return []; // It has just ended.
  }
}

export const NO_TRACES: Traces = {
  processes: [],
  namespaces: [],
  links: [],
  routes: [],
  mounts: [],
  loops: [],
  groups: [],
  sockets: [],
};
