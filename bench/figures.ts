import { mkdirSync, writeFileSync } from 'node:fs';

/** One measured number, and what it must not pass. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** For example `<= 3`; absent where there is nothing to keep. */
  readonly bound?: `${'<=' | '>='} ${number}`;
}

export function holds({ value, bound }: Figure): boolean {
  if (bound === undefined) return true;
  const [relation, limit] = bound.split(' ');
  return relation === '<=' ? value <= Number(limit) : value >= Number(limit);
}

/** Prints the table and writes `out/bench.json`. Returns whether every bound holds. */
export function report(figures: readonly Figure[]): boolean {
  const rounded = figures.map((figure) => ({ ...figure, value: Number(figure.value.toPrecision(3)) }));
  console.table(
    rounded.map((figure) => ({ ...figure, bound: figure.bound ?? '', holds: holds(figure) ? 'yes' : 'NO' })),
  );
  mkdirSync('out', { recursive: true });
  writeFileSync('out/bench.json', `${JSON.stringify({ figures: rounded }, null, 2)}\n`);
  return rounded.every(holds);
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Seconds that `work` takes. */
export async function seconds(work: () => unknown): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

/** @throws Error with everything that the command printed when it failed */
export function succeed({ code, output }: { readonly code: number; readonly output: string }): string {
  if (code !== 0) throw new Error(output);
  return output;
}
