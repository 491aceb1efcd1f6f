import { FAULTS, type FaultKind } from '../faults/index.ts';
import { DELAYS_MS, LATENCIES_MS, LIMITS, OTHER_LATENCY_MS } from '../rules/index.ts';
import { AREAS, type Area, type Difference, EXCUSES } from './index.ts';

const COMMAND = 'node twin/ledger/main.ts';

/** The whole ledger as Markdown: what `LEDGER.md` is, byte by byte. */
export function renderLedger(): string {
  const sections = [introduction(), ...AREAS.map(area), limits(), latencies(), faults(), excuses()];
  return `${sections.join('\n\n')}\n`;
}

function introduction(): string {
  const all = AREAS.flatMap(({ behaviours }) => behaviours);
  const count = (certainty: string) => all.filter((one) => one.certainty === certainty).length;
  return `# The ledger of the local Hetzner

What the twin does, why we believe that Hetzner does it too, how sure we are, and which test proves that the twin does
it. Written by \`${COMMAND}\` from the tables in \`twin/ledger/\`, \`twin/rules/\` and \`twin/faults/\`; a test
compares this file with them, looks for each test, and asks that each path of the API is in some behaviour.

${table(
  ['certainty', 'means', 'behaviours'],
  [
    [
      'measured',
      "seen at Hetzner: by tests of its own integrations that run against it, or in someone's report",
      count('measured'),
    ],
    ['documented', 'written by Hetzner, or by the standard that it follows', count('documented')],
    ['assumed', 'our best guess; whoever knows better is welcome', count('assumed')],
  ],
)}`;
}

function area({ title, behaviours, differences }: Area): string {
  const rows = behaviours.map(({ behaviour, source, certainty, test }) => [
    behaviour,
    source,
    certainty,
    test,
  ]);
  const known = differences.length === 0 ? [] : ['### Otherwise than at Hetzner', listed(differences)];
  return [`## ${title}`, table(['behaviour', 'source', 'certainty', 'test'], rows), ...known].join('\n\n');
}

function listed(differences: readonly Difference[]): string {
  return table(
    ['what', 'why'],
    differences.map(({ what, why }) => [what, why]),
  );
}

function limits(): string {
  const rows = Object.entries(LIMITS).map(([name, { value, what, source, certainty }]) => [
    code(name),
    value.toLocaleString('en'),
    what,
    source,
    certainty,
  ]);
  return `## Limits\n\nEach can be changed: \`twin set limits.<name>=<number>\`.\n\n${table(
    ['name', 'most', 'of what', 'source', 'certainty'],
    rows,
  )}`;
}

function latencies(): string {
  const actions = Object.entries(LATENCIES_MS).map(([command, ms]) => [code(command), ms]);
  const delays = Object.entries(DELAYS_MS).map(([pair, ms]) => [pair.replace('.', ' to '), ms]);
  return `## Latencies

Assumed, and only with \`twin set speed=1\`; a speed of 0, the standard, waits for nothing.

${table(['action', 'milliseconds'], [...actions, ['every other one', OTHER_LATENCY_MS]])}

${table(['one way', 'milliseconds'], delays)}`;
}

function faults(): string {
  const rows = Object.entries(FAULTS).map(([name, kind]: [string, FaultKind]) => [
    code(name),
    kind.stage,
    kind.what,
    kind.status === undefined ? '' : `${kind.status} ${kind.code ?? name}`,
  ]);
  return `## Faults\n\nArmed by \`twin faults arm\`; none strikes by itself.\n\n${table(
    ['name', 'strikes', 'what happens', 'answer'],
    rows,
  )}`;
}

function excuses(): string {
  const title = '## Checks of the conformance suites that do not pass';
  if (EXCUSES.length === 0) return `${title}\n\nNone.`;
  return `${title}\n\n${table(
    ['suite', 'check', 'why'],
    EXCUSES.map(({ suite, check, why }) => [suite, check, why]),
  )}`;
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const row = (cells: readonly (string | number)[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');
}

/** What would mean something to Markdown means itself. */
function cell(content: string | number): string {
  return String(content).replaceAll('|', '\\|').replaceAll('*', '\\*').replaceAll('<', '&lt;');
}

function code(text: string): string {
  return `\`${text}\``;
}
