/** One record of a zone file; `name` is relative to the zone, `@` for the zone itself. */
export interface ZoneFileRecord {
  readonly name: string;
  readonly type: string;
  readonly ttl: number | null;
  readonly value: string;
}

const CLASSES = ['IN', 'CH', 'HS'];

/**
 * Reads a zone file (RFC 1035, section 5): `$ORIGIN`, `$TTL`, parentheses, quoted text, comments, owners left out.
 * Values stay the text that they are, so that no type of record is lost.
 * @throws Error with the line that cannot be read
 */
export function readZoneFile(
  text: string,
  zone: string,
): { readonly ttl: number | undefined; readonly records: readonly ZoneFileRecord[] } {
  let origin = `${zone}.`;
  let standardTtl: number | undefined;
  let owner = '@';
  const records: ZoneFileRecord[] = [];
  for (const { line, tokens, indented } of entries(text)) {
    const fail = (why: string) => new Error(`line ${line}: ${why}`);
    const [first = '', second = ''] = tokens;
    if (first === '$TTL') {
      standardTtl = seconds(second);
      if (standardTtl === undefined) throw fail(`"${second}" is no TTL`);
      continue;
    }
    if (first === '$ORIGIN') {
      origin = second.endsWith('.') ? second : `${second}.${origin}`;
      continue;
    }
    if (first.startsWith('$')) throw fail(`${first} is not supported`);
    const rest = [...tokens];
    if (!indented) owner = relative(rest.shift() ?? '', origin, zone);
    let ttl: number | null = null;
    for (; rest.length > 0; rest.shift()) {
      const [token = ''] = rest;
      const number = seconds(token);
      if (number !== undefined) ttl = number;
      else if (!CLASSES.includes(token.toUpperCase())) break;
    }
    const type = (rest.shift() ?? '').toUpperCase();
    if (!/^[A-Z][A-Z0-9]*$/.test(type)) throw fail('a type such as A or MX is missing');
    if (rest.length === 0) throw fail(`the ${type} record has no value`);
    records.push({ name: owner, type, ttl, value: rest.join(' ') });
  }
  return { ttl: standardTtl, records };
}

/** A TTL as number of seconds, or with units as in `1h30m`. */
function seconds(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  if (!/^(\d+[smhdw])+$/i.test(text)) return undefined;
  const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
  return [...text.toLowerCase().matchAll(/(\d+)([smhdw])/g)].reduce(
    (sum, [, count, unit = 's']) => sum + Number(count) * (units[unit] ?? 1),
    0,
  );
}

function relative(name: string, origin: string, zone: string): string {
  const full = name === '@' ? origin : name.endsWith('.') ? name : `${name}.${origin}`;
  const lower = full.toLowerCase();
  if (lower === `${zone}.`) return '@';
  return lower.endsWith(`.${zone}.`) ? lower.slice(0, -zone.length - 2) : lower;
}

interface Entry {
  readonly line: number;
  readonly tokens: readonly string[];
  /** The line began with a blank, so the owner is the one before. */
  readonly indented: boolean;
}

/** Logical lines: what is between parentheses is one. */
function entries(text: string): Entry[] {
  const found: Entry[] = [];
  let tokens: string[] = [];
  let depth = 0;
  let indented = false;
  let begun = 1;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (depth === 0) {
      indented = /^\s/.test(line);
      begun = index + 1;
      tokens = [];
    }
    for (const [token] of line.matchAll(/"(?:[^"\\]|\\.)*"|;.*|[()]|[^\s();"]+/g)) {
      if (token.startsWith(';')) break;
      if (token === '(') depth += 1;
      else if (token === ')') depth -= 1;
      else tokens.push(token);
    }
    if (depth <= 0 && tokens.length > 0) found.push({ line: begun, tokens, indented });
    depth = Math.max(0, depth);
  }
  if (depth > 0) throw new Error(`line ${begun}: a parenthesis is not closed`);
  return found;
}

/** Writes records as a zone file that `readZoneFile` reads to the same ones. */
export function writeZoneFile(zone: string, ttl: number, records: readonly ZoneFileRecord[]): string {
  const lines = records.map(({ name, type, ttl: own, value }) =>
    [name, own === null ? '' : String(own), 'IN', type, value].filter(Boolean).join('\t'),
  );
  return `${[`$ORIGIN\t${zone}.`, `$TTL\t${ttl}`, ...lines].join('\n')}\n`;
}
