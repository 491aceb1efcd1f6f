import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { pulumi } from './pulumi.ts';
import type { StackFile } from './stack-file.ts';
import { apiToken } from './token.ts';

interface Pending {
  readonly type: 'creating' | 'updating' | 'deleting' | 'reading' | 'importing';
  readonly resource: {
    readonly urn: string;
    readonly type: string;
    readonly inputs?: Readonly<Record<string, unknown>>;
  };
}

interface Checkpoint {
  readonly deployment: { readonly pending_operations?: readonly Pending[] };
}

/** Collections of the API whose objects have unique names. */
const COLLECTIONS: Readonly<Record<string, string>> = {
  'hcloud:index/network:Network': 'networks',
  'hcloud:index/firewall:Firewall': 'firewalls',
  'hcloud:index/placementGroup:PlacementGroup': 'placement_groups',
  'hcloud:index/primaryIp:PrimaryIp': 'primary_ips',
  'hcloud:index/server:Server': 'servers',
  'hcloud:index/sshKey:SshKey': 'ssh_keys',
  'hcloud:index/volume:Volume': 'volumes',
};

/**
 * A run that was killed leaves operations whose end nobody saw. What it was creating may exist at Hetzner without
 * being in the state; such an object is minutes old, empty and carries our label, so it is removed, and the next
 * run makes it again. Nothing that the state knows is touched.
 */
export async function recover(stack: StackFile, endpoint: string): Promise<void> {
  const exported = await pulumi(stack, ['stack', 'export'], { quiet: true });
  if (exported.code !== 0) return;
  const checkpoint = JSON.parse(exported.stdout) as Checkpoint;
  const pending = checkpoint.deployment.pending_operations ?? [];
  if (pending.length === 0) return;
  console.error(
    `groundup: the last run was cut off during ${pending.length} operations; putting that in order`,
  );
  const token = apiToken(stack);
  for (const operation of pending) {
    if (operation.type === 'creating') await removeOrphan(operation.resource, endpoint, token);
  }
  const directory = await mkdtemp(join(tmpdir(), 'groundup-'));
  try {
    const file = join(directory, 'state.json');
    const mended = { ...checkpoint, deployment: { ...checkpoint.deployment, pending_operations: [] } };
    await writeFile(file, JSON.stringify(mended), { mode: 0o600 });
    const imported = await pulumi(stack, ['stack', 'import', '--file', file], { quiet: true });
    if (imported.code !== 0)
      throw new UserError(`The state could not be put in order: ${imported.stderr.trim()}`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function removeOrphan(
  { type, inputs }: Pending['resource'],
  endpoint: string,
  token: string,
): Promise<void> {
  const collection = COLLECTIONS[type];
  const name = inputs?.['name'];
  if (!collection || typeof name !== 'string') return;
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${endpoint}/${collection}?name=${encodeURIComponent(name)}`, { headers });
  const found =
    ((await answer.json()) as Record<string, { id: number; labels?: Record<string, string> }[]>)[
      collection
    ] ?? [];
  for (const { id, labels } of found) {
    if (labels?.['groundup-cluster'] === undefined) continue;
    const removed = await fetch(`${endpoint}/${collection}/${id}`, { method: 'DELETE', headers });
    if (!removed.ok && removed.status !== 404) {
      throw new UserError(
        `${type} ${name} (id ${id}) was left by the last run and cannot be removed: ${await removed.text()}`,
      );
    }
  }
}
