import { closeSync, existsSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { Failure } from './run-record.ts';

/** Inputs that say which object at Hetzner is meant; none of them is secret. */
const IDENTIFYING = [
  'name',
  'labels',
  'networkId',
  'ipRange',
  'destination',
  'gateway',
  'volumeId',
  'serverId',
  'serverType',
  'location',
  'homeLocation',
];

interface EngineEvent {
  readonly diagnosticEvent?: {
    readonly urn?: string;
    readonly message: string;
    readonly severity: string;
  };
  readonly resOpFailedEvent?: {
    readonly metadata: {
      readonly op: string;
      readonly urn: string;
      readonly type: string;
      readonly new: { readonly inputs?: Readonly<Record<string, unknown>> } | null;
      readonly old: { readonly inputs?: Readonly<Record<string, unknown>> } | null;
    };
  };
}

/** What Pulumi's engine reports while it runs, as far as it is trouble. */
export interface RunEvents {
  /** An open file that the engine writes to; it has no name. */
  readonly file: number;
  /** To be called when the engine has ended: takes the last lines in. */
  end(): void;
  readonly failures: readonly Failure[];
  /** Errors that belong to no resource's operation, such as a look-up that failed. */
  readonly errors: readonly string[];
}

const POLL_MS = 100;
const CHUNK_BYTES = 64 * 1024;
/** Memory, where there is such a place. */
const MEMORY = '/dev/shm';

/**
 * Listens to the engine through a file that has no name: its events carry secrets in the clear, and whatever is killed,
 * nothing of them stays. (A pipe would stop an engine whose listener was killed.)
 * @param onFailure called with all failures so far, at each new one
 */
export function listen(onFailure: (failures: readonly Failure[]) => void): RunEvents {
  const directory = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'groundup-events-'));
  const path = join(directory, 'events');
  const file = openSync(path, 'wx+', 0o600);
  rmSync(directory, { recursive: true, force: true });
  const decoder = new StringDecoder();
  const chunk = Buffer.alloc(CHUNK_BYTES);
  const reasons = new Map<string, string>();
  const failures: Failure[] = [];
  const errors: string[] = [];
  let position = 0;
  let rest = '';
  const take = (line: string) => {
    const { diagnosticEvent: said, resOpFailedEvent: failed } = JSON.parse(line) as EngineEvent;
    if (said?.severity === 'error') {
      if (said.urn) reasons.set(said.urn, `${reasons.get(said.urn) ?? ''}${said.message}`);
      else errors.push(said.message.trim());
    }
    if (!failed) return;
    const { op, urn, type, new: now, old } = failed.metadata;
    failures.push({
      op,
      urn,
      type,
      reason: (reasons.get(urn) ?? '').trim(),
      inputs: identifying(now ?? old),
    });
    onFailure(failures);
  };
  const read = () => {
    for (let count = -1; count !== 0; ) {
      count = readSync(file, chunk, 0, CHUNK_BYTES, position);
      position += count;
      const lines = `${rest}${decoder.write(chunk.subarray(0, count))}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) take(line);
    }
  };
  const timer = setInterval(read, POLL_MS);
  return {
    file,
    failures,
    get errors() {
      const failed = failures.map(({ urn }) => urn);
      const others = [...reasons].filter(([urn]) => !failed.includes(urn)).map(([, text]) => text.trim());
      return [...errors, ...others];
    },
    end: () => {
      clearInterval(timer);
      read();
      closeSync(file);
    },
  };
}

function identifying(
  state: { readonly inputs?: Readonly<Record<string, unknown>> } | null,
): Failure['inputs'] {
  return Object.fromEntries(Object.entries(state?.inputs ?? {}).filter(([key]) => IDENTIFYING.includes(key)));
}
