import { z } from 'zod';
import type { Excuse } from '../../twin/ledger/index.ts';

/** What a suite says of each of its checks, one line of JSON each. */
const line = z.object({ check: z.string(), ok: z.boolean(), error: z.string().nullish() });

export interface Tally {
  readonly name: string;
  readonly passed: number;
  /** All checks but those that the ledger excuses. */
  readonly total: number;
  readonly excused: number;
  /** One sentence for each thing that is not as it should be. */
  readonly troubles: readonly string[];
}

/**
 * Counts a suite's checks. One check that is told twice is two checks, and a program that did not run to its end is
 * a failed one. An excuse whose check passes after all, or is not there, is stale and a trouble too.
 */
export function tally(name: string, output: string, code: number, excuses: readonly Excuse[]): Tally {
  const checks = output
    .split('\n')
    .filter((text) => text.trim() !== '')
    .map((text) => readLine(text));
  if (code !== 0) checks.push({ check: 'runs to its end', ok: false, error: `exit code ${code}` });
  if (checks.length === 0) checks.push({ check: 'checks anything', ok: false, error: 'no check was told' });
  const mine = new Map(excuses.filter(({ suite }) => suite === name).map(({ check, why }) => [check, why]));
  const counted = checks.filter(({ check, ok }) => ok || !mine.has(check));
  const failed = new Set(checks.filter(({ ok }) => !ok).map(({ check }) => check));
  const stale = [...mine.keys()].filter((check) => !failed.has(check));
  return {
    name,
    passed: counted.filter(({ ok }) => ok).length,
    total: counted.length,
    excused: checks.length - counted.length,
    troubles: [
      ...counted.filter(({ ok }) => !ok).map(({ check, error }) => `${check}: ${error ?? 'failed'}`),
      ...stale.map((check) => `${check}: the ledger excuses this, and it does not fail; strike it off there`),
    ],
  };
}

function readLine(text: string): z.infer<typeof line> {
  try {
    return line.parse(JSON.parse(text));
  } catch {
    return { check: 'tells every check as JSON', ok: false, error: text };
  }
}
