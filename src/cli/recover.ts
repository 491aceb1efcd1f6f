import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { HetznerApi } from './hetzner-api.ts';
import { type Creation, removeLeftover } from './leftovers.ts';
import { pulumi } from './pulumi.ts';
import { type Failure, readRecord, removeRecord } from './run-record.ts';
import type { StackFile } from './stack-file.ts';
import { apiToken } from './token.ts';

interface Resource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  /** What the provider said of a resource that exists and is not as it should be. */
  readonly initErrors?: readonly string[];
  /** Whether the next run replaces it. */
  readonly taint?: boolean;
  readonly protect?: boolean;
  /** Gone from Hetzner, and waiting for its successor. */
  readonly pendingReplacement?: boolean;
}

interface Pending {
  readonly type: 'creating' | 'updating' | 'deleting' | 'reading' | 'importing';
  readonly resource: Resource;
}

interface Checkpoint {
  readonly deployment: {
    readonly resources?: readonly Resource[];
    readonly pending_operations?: readonly Pending[];
  };
}

/**
 * Puts in order what the last run left, whether it was killed or failed; see docs/decisions/0006-failed-runs.md. Nothing that the
 * state knows is removed here:
 * - what was being created, exists at Hetzner and is in no state is removed, and the next run makes it again;
 * - what was created and then failed is in the state: the next run replaces it;
 * - what could not be changed is read anew, so that the next run sees what is, and not what was wanted.
 * @returns what was done or found, a line each
 */
export async function recover(stack: StackFile, endpoint: string): Promise<string[]> {
  const exported = await pulumi(stack, ['stack', 'export'], { quiet: true });
  if (exported.code !== 0) return [];
  const checkpoint = JSON.parse(exported.stdout) as Checkpoint;
  const { resources = [], pending_operations: pending = [] } = checkpoint.deployment;
  const record = readRecord(stack.name);
  const failures = record?.failures ?? [];
  if (pending.length === 0 && failures.length === 0) {
    removeRecord(stack.name);
    return [];
  }
  if (pending.length > 0)
    console.error(
      `groundup: the last run was cut off during ${pending.length} operations; putting that in order`,
    );
  const creations = [
    ...pending
      .filter(({ type }) => type === 'creating')
      .map(({ resource }) => ({ ...resource, inputs: resource.inputs ?? {} })),
    ...failures.filter(isCreation),
  ];
  const present = resources.filter(({ pendingReplacement }) => pendingReplacement !== true);
  const half = halfMade(present, failures);
  const told = await removeLeftovers(
    new HetznerApi(endpoint, apiToken(stack)),
    creations.filter(({ urn }) => !half.includes(urn)),
    new Set(present.map(({ type, id }) => `${type} ${id ?? ''}`)),
    record?.startedAt,
  );
  if (pending.length > 0 || half.length > 0) await mendState(stack, checkpoint, half);
  await readAnew(
    stack,
    failures.filter(({ op }) => op === 'update').map(({ urn }) => urn),
  );
  removeRecord(stack.name);
  return told;
}

function isCreation({ op }: Failure): boolean {
  return op === 'create' || op === 'create-replacement';
}

/** Resources that were created and then failed, by URN. */
function halfMade(resources: readonly Resource[], failures: readonly Failure[]): string[] {
  const created = failures.filter(isCreation).map(({ urn }) => urn);
  return resources
    .filter(({ urn, initErrors = [] }) => initErrors.length > 0 && created.includes(urn))
    .map(({ urn }) => urn);
}

/** What holds others goes last. */
async function removeLeftovers(
  api: HetznerApi,
  creations: readonly Creation[],
  known: ReadonlySet<string>,
  since: string | undefined,
): Promise<string[]> {
  const told: string[] = [];
  for (const creation of creations) told.push(...(await removeLeftover(api, creation, known, since)));
  return told;
}

/** Without pending operations, and with what is half made marked for replacement: protection is for what is whole. */
async function mendState(stack: StackFile, checkpoint: Checkpoint, half: readonly string[]): Promise<void> {
  const { deployment } = checkpoint;
  const mended = {
    ...checkpoint,
    deployment: {
      ...deployment,
      pending_operations: [],
      resources: deployment.resources?.map((resource) =>
        half.includes(resource.urn) ? { ...resource, taint: true, protect: false } : resource,
      ),
    },
  };
  const directory = await mkdtemp(join(tmpdir(), 'groundup-'));
  try {
    const file = join(directory, 'state.json');
    await writeFile(file, JSON.stringify(mended), { mode: 0o600 });
    const imported = await pulumi(stack, ['stack', 'import', '--file', file], { quiet: true });
    if (imported.code !== 0)
      throw new UserError(`The state could not be put in order: ${imported.stderr.trim()}`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function readAnew(stack: StackFile, urns: readonly string[]): Promise<void> {
  if (urns.length === 0) return;
  const targets = urns.flatMap((urn) => ['--target', urn]);
  const { code, stdout, stderr } = await pulumi(stack, ['refresh', '--yes', '--skip-preview', ...targets], {
    quiet: true,
  });
  if (code !== 0)
    throw new UserError(`What could not be changed could not be read either: ${`${stdout}${stderr}`.trim()}`);
}
