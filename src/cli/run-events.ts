import { spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
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
  /** Where the engine writes to. */
  readonly path: string;
  /** To be called when the engine has ended: waits for the last line. */
  end(): Promise<void>;
  readonly failures: readonly Failure[];
  /** Errors that belong to no resource's operation, such as a look-up that failed. */
  readonly errors: readonly string[];
}

/**
 * Listens to the engine through a named pipe: its events carry secrets in the clear, so they never become a file.
 * @param onFailure called with all failures so far, at each new one
 */
export function listen(onFailure: (failures: readonly Failure[]) => void): RunEvents {
  const directory = mkdtempSync(join(tmpdir(), 'groundup-events-'));
  const path = join(directory, 'events');
  const made = spawnSync('mkfifo', ['-m', '600', path], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`mkfifo ${path}: ${made.stderr}`);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  // A writer of our own keeps the pipe open until the engine has come and gone.
  const writer = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  const socket = new Socket({ fd: reader, readable: true, writable: false });
  const lines = createInterface({ input: socket });
  const closed = new Promise<void>((resolve) => lines.once('close', resolve));
  const reasons = new Map<string, string>();
  const failures: Failure[] = [];
  const errors: string[] = [];
  lines.on('line', (line) => {
    const { diagnosticEvent: said, resOpFailedEvent: failed } = JSON.parse(line) as EngineEvent;
    if (said?.severity === 'error') {
      if (said.urn) reasons.set(said.urn, `${reasons.get(said.urn) ?? ''}${said.message}`);
      else errors.push(said.message.trim());
    }
    if (failed) {
      const { op, urn, type, new: now, old } = failed.metadata;
      failures.push({
        op,
        urn,
        type,
        reason: (reasons.get(urn) ?? '').trim(),
        inputs: identifying(now ?? old),
      });
      onFailure(failures);
    }
  });
  return {
    path,
    failures,
    get errors() {
      const failed = failures.map(({ urn }) => urn);
      const others = [...reasons].filter(([urn]) => !failed.includes(urn)).map(([, text]) => text.trim());
      return [...errors, ...others];
    },
    end: async () => {
      closeSync(writer);
      await closed;
      socket.destroy();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function identifying(
  state: { readonly inputs?: Readonly<Record<string, unknown>> } | null,
): Failure['inputs'] {
  return Object.fromEntries(Object.entries(state?.inputs ?? {}).filter(([key]) => IDENTIFYING.includes(key)));
}
