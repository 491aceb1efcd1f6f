import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stackDirectory } from './paths.ts';

/** One resource that a run could not bring to its end. */
export interface Failure {
  readonly urn: string;
  /** Pulumi's type token. */
  readonly type: string;
  /** What Pulumi was doing: `create`, `create-replacement`, `update`, `delete` … */
  readonly op: string;
  /** What the provider said, with what Hetzner said in it. */
  readonly reason: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** What is kept of the run until it is known that nothing is left of it. No secrets. */
export interface RunRecord {
  /** By Hetzner's clock, in full seconds: nothing that was made earlier is this run's. */
  readonly startedAt: string;
  readonly failures: readonly Failure[];
}

function recordFile(stack: string): string {
  return join(stackDirectory(stack), 'unfinished.json');
}

/** The record of the last run that changed the stack on this machine; absent when that succeeded. */
export function readRecord(stack: string): RunRecord | undefined {
  const file = recordFile(stack);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as RunRecord) : undefined;
}

export function writeRecord(stack: string, record: RunRecord): void {
  const file = recordFile(stack);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, JSON.stringify(record), { mode: 0o600 });
}

export function removeRecord(stack: string): void {
  rmSync(recordFile(stack), { force: true });
}
