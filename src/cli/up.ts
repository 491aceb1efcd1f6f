import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, unwatchFile, watchFile, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { kubectl, saveKubeconfig } from './access.ts';
import { change, HETZNER } from './change.ts';
import { HetznerApi } from './hetzner-api.ts';
import { lockStack } from './lock.ts';
import { CHECKOUT, progressFile, twinState } from './paths.ts';
import { ensureStack, pulumi } from './pulumi.ts';
import { recover } from './recover.ts';
import { readStackFile, type StackFile } from './stack-file.ts';
import { apiToken } from './token.ts';
import { wakeServers } from './wake.ts';

/** Steps of `groundup up`: local Hetzner, stack, what the last run left, servers that are off, the run, the kubeconfig. */
export async function up(name: string): Promise<void> {
  const stack = readStackFile(name);
  const free = lockStack(name);
  try {
    if (stack.local) startTwin(stack);
    const api = new HetznerApi(stack.endpoint ?? HETZNER, apiToken(stack));
    await api.clock();
    await ensureStack(stack);
    await afterCrash(stack);
    for (const line of await wakeServers(stack, api)) console.error(`groundup: ${line}`);
    const env: Record<string, string> = withoutMachines(stack) ? { GROUNDUP_WITHOUT_MACHINES: '1' } : {};
    const stop = followProgress(name);
    const { code, message } = await change(stack, ['up', '--yes', '--skip-preview'], env).finally(stop);
    if (code !== 0) throw new UserError(message);
    await saveKubeconfig(name);
    if (Object.keys(env).length === 0) await showNodes(name);
  } finally {
    free();
  }
}

/** Before any command that changes a stack: a dead run's lock and operations must not stand in its way. */
export async function afterCrash(stack: StackFile): Promise<void> {
  if (stack.local) await pulumi(stack, ['cancel', '--yes'], { quiet: true });
  for (const line of await recover(stack, stack.endpoint ?? HETZNER)) console.error(`groundup: ${line}`);
}

function startTwin(stack: StackFile): void {
  const port = stack.endpoint === undefined ? '' : new URL(stack.endpoint).port;
  const { status } = spawnSync(join(CHECKOUT, 'bin', 'twin'), ['up'], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { TWIN_PORT: port, ...process.env },
  });
  if (status !== 0) throw new UserError('The local Hetzner did not start; why is above.');
}

/** Whether the local Hetzner has no machines, so that nothing can be installed on them. */
export function withoutMachines(stack: StackFile): boolean {
  if (!stack.local) return false;
  const file = join(twinState(), 'daemon.json');
  if (!existsSync(file))
    throw new UserError(
      `The local Hetzner does not run, and stack ${stack.name} needs it. Start it: ./bin/twin up`,
    );
  const { engine } = JSON.parse(readFileSync(file, 'utf8')) as { engine: string };
  if (engine !== 'none') return false;
  console.error(
    'groundup: the local Hetzner has no machines here, so Kubernetes itself is left out; all the rest is declared',
  );
  return true;
}

const PROGRESS_MS = 500;

/** Shows what phases write about themselves while Pulumi waits for them in silence. Returns what ends that. */
function followProgress(stack: string): () => void {
  const file = progressFile(stack);
  writeFileSync(file, '', { mode: 0o600 });
  let shown = 0;
  const show = () => {
    const text = readFileSync(file, 'utf8');
    process.stderr.write(text.slice(shown));
    shown = text.length;
  };
  watchFile(file, { interval: PROGRESS_MS }, show);
  return () => {
    unwatchFile(file, show);
    show();
  };
}

/** The proof that people have their cluster: its nodes, asked for through the VPN. */
async function showNodes(stack: string): Promise<void> {
  const code = await kubectl(stack, ['get', 'nodes']);
  if (code !== 0)
    throw new UserError(`Stack ${stack} is up, but its Kubernetes API does not answer through the VPN.`);
}
