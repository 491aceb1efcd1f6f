import { UserError } from '../errors.ts';
import { closingMessage } from './closing-message.ts';
import { HetznerApi } from './hetzner-api.ts';
import { pulumi } from './pulumi.ts';
import { recover } from './recover.ts';
import { listen } from './run-events.ts';
import { type Failure, removeRecord, writeRecord } from './run-record.ts';
import type { StackFile } from './stack-file.ts';
import { apiToken } from './token.ts';

export const HETZNER = 'https://api.hetzner.cloud/v1';

export interface Changed {
  /** Pulumi's exit code. */
  readonly code: number;
  /** Each resource that failed, and what mends it; empty when all went well. */
  readonly message: string;
}

/**
 * Runs a Pulumi command that changes a stack. When it fails, what it left is put in order at once as far as that is
 * possible, the rest before the next run.
 */
export async function change(
  stack: StackFile,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Changed> {
  const endpoint = stack.endpoint ?? HETZNER;
  const startedAt = (await new HetznerApi(endpoint, apiToken(stack)).clock()).toISOString();
  const record = (failures: readonly Failure[]) => writeRecord(stack.name, { startedAt, failures });
  record([]);
  const events = listen(record);
  const { code } = await pulumi(stack, args, {
    events: events.file,
    env,
  }).finally(events.end);
  if (code === 0) {
    removeRecord(stack.name);
    return { code, message: '' };
  }
  const left = await recover(stack, endpoint).catch((error: unknown) => {
    if (!(error instanceof UserError)) throw error;
    return [`What this run left at Hetzner is put in order by the next one: ${error.message}`];
  });
  return { code, message: closingMessage(stack.name, args[0] ?? '', events, left) };
}
