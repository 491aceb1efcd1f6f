import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { attempt } from './commands.ts';
import { unmountBelow } from './disk.ts';
import type { Layout } from './layout.ts';
import { cutPower, killGroup } from './machine.ts';
import { anyTwinRuns, namespacesOf, removeNamespace } from './namespaces.ts';
import { loopDevices } from './volumes.ts';

/** Twenty machines watch more files than a desktop's limits allow. */
const LIMITS: Readonly<Record<string, number>> = {
  'fs/inotify/max_user_instances': 8192,
  'fs/inotify/max_user_watches': 524_288,
};

function limitsFile(layout: Layout): string {
  return join(layout.state, 'host-limits.json');
}

/** Raises this computer's limits where they are too low, and notes what they were. */
export async function raiseLimits(layout: Layout): Promise<void> {
  await mkdir(layout.machines, { recursive: true, mode: 0o700 });
  const before: Record<string, number> = {};
  for (const [key, wanted] of Object.entries(LIMITS)) {
    const now = Number(readFileSync(`/proc/sys/${key}`, 'utf8'));
    if (now < wanted) before[key] = now;
  }
  if (Object.keys(before).length === 0) return;
  if (!existsSync(limitsFile(layout))) writeFileSync(limitsFile(layout), JSON.stringify(before));
  for (const key of Object.keys(before)) writeFileSync(`/proc/sys/${key}`, String(LIMITS[key]));
}

/** Puts the limits back, unless another twin still needs them. */
function restoreLimits(layout: Layout): void {
  const file = limitsFile(layout);
  if (!existsSync(file)) return;
  const others = anyTwinRuns();
  const before = JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>;
  if (!others)
    for (const [key, value] of Object.entries(before)) writeFileSync(`/proc/sys/${key}`, String(value));
  rmSync(file);
}

/**
 * Leaves nothing of a twin on this computer: no process, namespace, mount, loop device, control group, link or route.
 * Knows only the twin's name and directory, so it works after any crash.
 */
export async function destroyEverything(layout: Layout): Promise<void> {
  for (const server of layout.serverIds()) await cutPower(layout, server);
  await killGroup(layout.name);
  for (const namespace of namespacesOf(layout.name)) await removeNamespace(namespace);
  await attempt('ip', ['link', 'delete', layout.hostLink]);
  await unmountBelow(layout.machines);
  for (const { device, backing } of await loopDevices()) {
    if (backing.startsWith(`${layout.volumes}/`)) await attempt('losetup', ['--detach', device]);
  }
  for (const directory of [layout.machines, layout.balancers, layout.volumes, layout.savedImages]) {
    await rm(directory, { recursive: true, force: true });
  }
  restoreLimits(layout);
}
