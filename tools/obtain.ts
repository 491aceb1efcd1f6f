import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeOnce, toolFile } from './cache.ts';
import { download } from './download.ts';
import { goBuild } from './go-build.ts';
import type { Tool } from './manifest.ts';
import { withProgress } from './progress.ts';
import { run } from './run.ts';

/** How a tool came to be where it is. */
export type Origin = 'PATH' | 'cache';

/** The tool on PATH, when it is of exactly the wanted version. */
export async function onPath(tool: Tool): Promise<string | undefined> {
  if (!tool.ask) return undefined;
  for (const folder of (process.env['PATH'] ?? '').split(':')) {
    const file = join(folder, tool.name);
    if (!existsSync(file)) continue;
    return (await versionOf(tool, file)) === tool.version ? file : undefined;
  }
  return undefined;
}

export async function versionOf(tool: Tool, file: string): Promise<string | undefined> {
  if (!tool.ask) return undefined;
  const { stdout, stderr } = await run(file, tool.ask.args);
  return tool.ask.pattern.exec(`${stdout}\n${stderr}`)?.[1];
}

/** The tool's file: from PATH, from the cache, or obtained now (download first, else built). */
export async function obtain(tool: Tool): Promise<{ readonly file: string; readonly from: Origin }> {
  const file = toolFile(tool);
  if (existsSync(file)) return { file, from: 'cache' };
  const present = await onPath(tool);
  if (present) return { file: present, from: 'PATH' };
  const folder = dirname(dirname(file));
  await makeOnce(folder, async (place) => {
    const target = join(place, 'bin', tool.name);
    const { download: vendor } = tool;
    const fetched =
      vendor &&
      (await withProgress(`downloading ${tool.name} ${tool.version}`, () => download(vendor, target)));
    if (!fetched) await withProgress(`building ${tool.name} ${tool.version}`, () => goBuild(tool, target));
  });
  return { file, from: 'cache' };
}
