import { doctor } from '../../tools/index.ts';

const COLUMNS = ['tool', 'wanted', 'found', 'from', 'mend'] as const;

/** Prints the tool chain as a table. Returns 1 when something is missing. */
export async function printDoctor(): Promise<number> {
  const rows = await doctor();
  const header = Object.fromEntries(COLUMNS.map((column) => [column, column.toUpperCase()])) as Record<
    (typeof COLUMNS)[number],
    string
  >;
  const lines = [header, ...rows].map((row) => COLUMNS.map((column) => row[column] || '-'));
  const widths = COLUMNS.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)));
  for (const line of lines)
    console.log(
      line
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  return rows.some((row) => row.mend !== '') ? 1 : 0;
}
