import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { lockStack } from './lock.ts';
import { CHECKOUT, stackDirectory, twinState } from './paths.ts';
import { ensureStack, pulumi, stackOutputs } from './pulumi.ts';
import { recover } from './recover.ts';
import { readStackFile, type StackFile } from './stack-file.ts';
import { apiToken, requireAnswer } from './token.ts';

const HETZNER = 'https://api.hetzner.cloud/v1';

/** Steps of `groundup up`: local Hetzner, stack, what a killed run left, the run itself, the kubeconfig. */
export async function up(name: string): Promise<void> {
  const stack = readStackFile(name);
  const free = lockStack(name);
  try {
    if (stack.local) startTwin(stack);
    await requireAnswer(stack.endpoint ?? HETZNER, apiToken(stack));
    await ensureStack(stack);
    await afterCrash(stack);
    const env = withoutMachines(stack) ? { GROUNDUP_WITHOUT_MACHINES: '1' } : {};
    const { code } = await pulumi(stack, ['up', '--yes', '--skip-preview'], { env });
    if (code !== 0)
      throw new UserError(
        `Stack ${name} is not up; what failed is above. Mend it and run the same command again: it goes on.`,
      );
    await writeKubeconfig(name);
  } finally {
    free();
  }
}

/** Before any command that changes a stack: a dead run's lock and operations must not stand in its way. */
export async function afterCrash(stack: StackFile): Promise<void> {
  if (stack.local) await pulumi(stack, ['cancel', '--yes'], { quiet: true });
  await recover(stack, stack.endpoint ?? HETZNER);
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

/** Keeps the kubeconfig where only its owner reads it. */
async function writeKubeconfig(name: string): Promise<void> {
  const { kubeconfig } = await stackOutputs(name);
  await mkdir(stackDirectory(name), { recursive: true, mode: 0o700 });
  await writeFile(join(stackDirectory(name), 'kubeconfig'), String(kubeconfig), { mode: 0o600 });
}
