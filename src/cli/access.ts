import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { toolPath } from '../../tools/index.ts';
import type { AccessBundle } from '../cluster/index.ts';
import { UserError } from '../errors.ts';
import { stackDirectory } from './paths.ts';
import { stackOutputs } from './pulumi.ts';
import { writeSshFiles } from './ssh-files.ts';
import { ensureTunnel, runningTunnel } from './tunnel.ts';

interface Kubeconfig {
  readonly clusters: { readonly cluster: Record<string, unknown> }[];
}

async function accessOf(stack: string): Promise<AccessBundle> {
  const { access } = await stackOutputs(stack);
  if (access === undefined)
    throw new UserError(`Stack ${stack} is not whole yet. Finish it: ./bin/groundup up ${stack}`);
  return access as AccessBundle;
}

/** Opens the tunnel unless it runs. Returns its SOCKS5 proxy. */
export async function connect(stack: string): Promise<string> {
  return runningTunnel(stack) ?? (await ensureTunnel(stack, await accessOf(stack)));
}

export function kubeconfigFile(stack: string): string {
  return join(stackDirectory(stack), 'kubeconfig');
}

/** Keeps the stack's kubeconfig where only its owner reads it. */
export async function saveKubeconfig(stack: string): Promise<void> {
  const { kubeconfig } = await stackOutputs(stack);
  writeFileSync(kubeconfigFile(stack), String(kubeconfig), { mode: 0o600 });
}

/** A kubeconfig of the stack's own that goes through the tunnel, which is open afterwards. Returns its file. */
export async function openKubeconfig(stack: string): Promise<string> {
  const proxy = await connect(stack);
  const file = kubeconfigFile(stack);
  if (!existsSync(file)) await saveKubeconfig(stack);
  const config = parse(readFileSync(file, 'utf8')) as Kubeconfig;
  for (const { cluster } of config.clusters) cluster['proxy-url'] = `socks5://${proxy}`;
  const text = stringify(config);
  if (text !== readFileSync(file, 'utf8')) writeFileSync(file, text, { mode: 0o600 });
  return file;
}

/** Runs kubectl on the stack's cluster. Returns its exit code. */
export async function kubectl(stack: string, args: readonly string[]): Promise<number> {
  const file = await openKubeconfig(stack);
  return await inForeground(await toolPath('kubectl'), args, { ...process.env, KUBECONFIG: file });
}

/**
 * A person's file for `wg-quick`.
 * @throws UserError when the stack file names nobody so, or the stack was not brought up since
 */
export async function wgQuick(stack: string, person: string): Promise<string> {
  const files = ((await stackOutputs(stack))['wgQuick'] ?? {}) as Readonly<Record<string, string>>;
  const file = files[person];
  if (file !== undefined) return file;
  const known = Object.keys(files).join(', ') || 'nobody yet';
  throw new UserError(
    `Stack ${stack} lets nobody named "${person}" in: ${known}. Add them to groundup:access.people in Pulumi.${stack}.yaml and run ./bin/groundup up ${stack}`,
  );
}

/** Logs in on a machine, or runs a command there. Returns its exit code. */
export async function ssh(stack: string, machine: string, command: readonly string[]): Promise<number> {
  const access = await accessOf(stack);
  const names = access.hosts.map(({ name }) => name);
  if (!names.includes(machine))
    throw new UserError(
      `There is no machine "${machine}" in stack ${stack}. Machines are ${names.join(', ')}.`,
    );
  const files = await writeSshFiles(stack, access, await ensureTunnel(stack, access));
  try {
    return await inForeground('ssh', ['-F', files.config, machine, ...command], process.env);
  } finally {
    files.remove();
  }
}

async function inForeground(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const child = spawn(program, args, { stdio: 'inherit', env });
  // A Ctrl-C reaches the program by itself; this one only has to outlive it.
  const ignore = () => {};
  process.on('SIGINT', ignore);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', reject).once('exit', (code) => resolve(code ?? 1));
    });
  } finally {
    process.off('SIGINT', ignore);
  }
}
