import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../src/errors.ts';
import { cacheRoot, recipeHash, toolFile } from './cache.ts';
import { ensurePackages } from './debian-packages.ts';
import { DEBIAN, ensureImage, KUBERNETES } from './images/index.ts';
import { CORE, findTool, MACHINES, type Tool } from './manifest.ts';
import { obtain } from './obtain.ts';
import { ensurePython } from './python.ts';

export { cacheRoot } from './cache.ts';
export { type DoctorRow, doctor } from './doctor.ts';

/** The file of a tool, obtained first when it is not there. */
export async function toolPath(name: string): Promise<string> {
  const tool = findTool(name);
  if (!tool) throw new Error(`the tool chain has no ${name}`);
  return (await obtain(tool)).file;
}

/** Pulumi, the tunnel, kubectl and Ansible. */
export async function ensureCore(): Promise<void> {
  if (process.platform !== 'linux')
    throw new UserError(`Groundup's tools run on Linux; this is ${process.platform}.`);
  for (const tool of CORE) await obtain(tool);
  await ensurePython('requirements');
}

/** What the local Hetzner needs to boot plain Debian machines. */
export async function ensureDebian(): Promise<void> {
  await ensurePackages();
  await ensureImage(DEBIAN);
}

/** What local machines boot from, and the programs in it. */
export async function ensureMachines(): Promise<void> {
  await ensurePackages();
  for (const tool of [...CORE, ...MACHINES]) await obtain(tool);
  await ensureImage(DEBIAN);
  await ensureImage(KUBERNETES);
}

/** Programs of Ansible, by their hash-locked environment. */
export async function ansiblePlaybook(): Promise<string> {
  return join(await ensurePython('requirements'), 'ansible-playbook');
}

/**
 * A folder with exactly our tools, to be put on PATH. Beside the Pulumi CLI lies the language host, where the CLI
 * looks first: it hands over to the stand-in that PULUMI_LANGUAGE_HOST names.
 */
export async function toolBinDirectory(): Promise<string> {
  const files = await Promise.all(
    CORE.map(async (tool): Promise<[Tool, string]> => [tool, (await obtain(tool)).file]),
  );
  const version = createHash('sha256')
    .update(files.map(([tool]) => recipeHash(tool)).join(' '))
    .digest('hex')
    .slice(0, 12);
  const directory = join(cacheRoot(), `bin-${version}`);
  if (existsSync(directory)) return directory;
  const place = `${directory}.${process.pid}.new`;
  await mkdir(place, { recursive: true });
  for (const [tool, file] of files) await symlink(file, join(place, tool.name));
  await rename(place, directory).catch((error: unknown) => {
    if (!existsSync(directory)) throw error;
  });
  return directory;
}

const LANGUAGE_HOST = 'pulumi-language-nodejs';

/** Puts the hand-over to the language host beside the CLI that we built; an official CLI brings its own. */
export async function ensureLanguageHost(): Promise<void> {
  const tool = findTool('pulumi');
  const cli = tool && toolFile(tool);
  if (!cli || !existsSync(cli)) return;
  const host = join(cli, '..', LANGUAGE_HOST);
  if (existsSync(host)) return;
  const place = `${host}.${process.pid}.new`;
  await writeFile(place, `#!/bin/sh\nexec "$PULUMI_LANGUAGE_HOST" "$@"\n`);
  await chmod(place, 0o755);
  await rename(place, host);
}
