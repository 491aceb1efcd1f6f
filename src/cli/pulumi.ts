import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { ensureLanguageHost, toolBinDirectory, toolPath } from '../../tools/index.ts';
import { installStandIns, standInDirectory } from '../../twin/plugins/install.ts';
import { UserError } from '../errors.ts';
import { CHECKOUT, PRIVATE, stackDirectory } from './paths.ts';
import { readStackFile, type StackFile } from './stack-file.ts';
import { apiToken } from './token.ts';

/** Commands that read the stack's configuration. */
const CONFIGURED = ['up', 'update', 'preview', 'refresh', 'destroy', 'config', 'watch', 'import'];

export interface PulumiOptions {
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Keep what it prints instead of showing it. */
  readonly quiet?: boolean;
  /** An open file that gets the engine's events, a line each. They carry secrets. */
  readonly events?: number;
}

/** The first file that a child process has beside its standard ones. */
const EVENTS = 3;

export interface PulumiResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the pinned Pulumi CLI on one stack: same state, same secrets, same plugins, whoever calls. */
export async function pulumi(
  stack: StackFile,
  args: readonly string[],
  options: PulumiOptions = {},
): Promise<PulumiResult> {
  const { events } = options;
  const env = {
    ...(await pulumiEnvironment(stack)),
    ...options.env,
    // Without it the CLI does not know --event-log; nothing else changes.
    ...(events === undefined ? {} : { PULUMI_DEBUG_COMMANDS: 'true' }),
  };
  const listened = events === undefined ? [] : ['--event-log', `/dev/fd/${EVENTS}`];
  const config =
    stack.local && CONFIGURED.includes(args[0] ?? '') ? ['--config-file', await localConfigFile(stack)] : [];
  const cli = await toolPath('pulumi');
  const child = spawn(cli, [...args, '--stack', stack.name, ...config, ...listened, '--non-interactive'], {
    cwd: CHECKOUT,
    env,
    stdio: [
      ...(options.quiet
        ? (['ignore', 'pipe', 'pipe'] as const)
        : (['inherit', 'inherit', 'inherit'] as const)),
      ...(events === undefined ? [] : [events]),
    ],
  });
  const texts = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.setEncoding('utf8').on('data', (chunk: string) => {
      texts[stream] += chunk;
    });
  }
  const forward = (signal: NodeJS.Signals) => child.kill(signal);
  // A Ctrl-C on the terminal reaches the CLI by itself; this program only has to outlive it.
  const ignore = () => {};
  process.on('SIGTERM', forward).on('SIGINT', ignore);
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (exit) => resolve(exit ?? 1));
    });
    return { code, ...texts };
  } finally {
    process.off('SIGTERM', forward).off('SIGINT', ignore);
  }
}

/** What the environment already says wins. */
async function pulumiEnvironment(stack: StackFile): Promise<NodeJS.ProcessEnv> {
  await mkdir(PRIVATE, { recursive: true, mode: 0o700 });
  const env: NodeJS.ProcessEnv = {
    // One file per state: with a second one for its metadata, a kill between the two leaves what cannot be read.
    PULUMI_BACKEND_URL: `file://${join(PRIVATE, 'pulumi')}?metadata=skip`,
    PULUMI_SKIP_UPDATE_CHECK: 'true',
    PULUMI_HOME: join(PRIVATE, stack.local ? 'pulumi-home-local' : 'pulumi-home'),
    ...process.env,
    PATH: `${await toolBinDirectory()}:${process.env['PATH'] ?? ''}`,
    HCLOUD_TOKEN: apiToken(stack),
  };
  if (process.env['PULUMI_BACKEND_URL'] === undefined)
    await mkdir(join(PRIVATE, 'pulumi'), { recursive: true });
  if (env['PULUMI_CONFIG_PASSPHRASE'] === undefined && env['PULUMI_CONFIG_PASSPHRASE_FILE'] === undefined) {
    env['PULUMI_CONFIG_PASSPHRASE_FILE'] = await passphraseFile(stack);
  }
  if (stack.local) {
    env['PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION'] = 'true';
    env['PULUMI_LANGUAGE_HOST'] = join(standInDirectory(), 'pulumi-language-nodejs');
    await ensureLanguageHost();
    await installStandIns(env['PULUMI_HOME'] ?? '');
  }
  return env;
}

/** A sandbox gets a passphrase of its own; a shared environment has one that its team agreed on. */
async function passphraseFile(stack: StackFile): Promise<string> {
  if (!stack.local) {
    throw new UserError(
      `The secrets of stack ${stack.name} need their passphrase: set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE.`,
    );
  }
  const file = join(PRIVATE, 'passphrase');
  if (!existsSync(file)) await writeFile(file, randomBytes(24).toString('base64url'), { mode: 0o600 });
  return file;
}

/**
 * A sandbox's configuration is the committed file plus what encrypts its secrets. The CLI writes the latter into
 * the file that it is given, so it gets a copy, and Git stays clean.
 */
async function localConfigFile(stack: StackFile): Promise<string> {
  const directory = stackDirectory(stack.name);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, `Pulumi.${stack.name}.yaml`);
  const salt = existsSync(file)
    ? (parse(await readFile(file, 'utf8')) as Record<string, unknown>)['encryptionsalt']
    : undefined;
  const text =
    salt === undefined ? stack.text : `${stack.text.trimEnd()}\n${stringify({ encryptionsalt: salt })}`;
  await writeFile(file, text, { mode: 0o600 });
  return file;
}

/** Makes the stack where it does not exist yet. */
export async function ensureStack(stack: StackFile): Promise<void> {
  const present = await pulumi(stack, ['stack', 'export'], { quiet: true });
  if (present.code === 0) return;
  requireAbsence(stack.name, present);
  const made = await pulumi(stack, ['stack', 'init'], { quiet: true });
  if (made.code !== 0) throw new UserError(`Stack ${stack.name} could not be made: ${made.stderr.trim()}`);
  if (!stack.local) return;
  // `stack init` knows no --config-file: what it added to the committed file moves to the sandbox's copy.
  const written = await readFile(stack.path, 'utf8');
  await writeFile(stack.path, stack.text);
  await localConfigFile(stack);
  await writeFile(join(stackDirectory(stack.name), `Pulumi.${stack.name}.yaml`), written, { mode: 0o600 });
}

/** Tells a stack that was never made from a state that cannot be read. @throws UserError on the latter */
function requireAbsence(name: string, { stderr }: PulumiResult): void {
  if (!/no stack named/.test(stderr))
    throw new UserError(`The state of stack ${name} cannot be read: ${stderr.trim()}`);
}

/** The stack's outputs, secrets included. @throws UserError when the stack was never brought up */
export async function stackOutputs(name: string): Promise<Readonly<Record<string, unknown>>> {
  const result = await pulumi(readStackFile(name), ['stack', 'output', '--json', '--show-secrets'], {
    quiet: true,
  });
  if (result.code !== 0) requireAbsence(name, result);
  const outputs = result.code === 0 ? (JSON.parse(result.stdout) as Record<string, unknown>) : {};
  if (Object.keys(outputs).length === 0)
    throw new UserError(`Stack ${name} has nothing yet. Bring it up: ./bin/groundup up ${name}`);
  return outputs;
}
