/** One record of a zone file; `name` is relative to the zone, `@` for the zone itself. */
export interface ZoneFileRecord {
  readonly name: string;
  readonly type: string;
  /** Seconds; `null`: the zone's. */
  readonly ttl: number | null;
  readonly value: string;
  /** What followed it behind a semicolon; empty without one. */
  readonly comment: string;
}

export interface ZoneFile {
  /** Of `$TTL`, in seconds; absent without one. */
  readonly ttl: number | undefined;
  readonly records: readonly ZoneFileRecord[];
}

/**
 * Reads a zone file (RFC 1035, section 5) as Hetzner does: `$TTL`, parentheses, quoted text, comments, owners left out,
 * class IN only, and an `$ORIGIN` only if it is the zone. Values stay the text that they are, so that no type of record
 * is lost; the libraries that read zone files know some types only, and drop comments.
 * Source: https://docs.hetzner.cloud/reference/cloud#tag/zones/zone-file-import
 * @throws Error with the line that cannot be read
 */
export function readZoneFile(text: string, zone: string): ZoneFile {
  let standardTtl: number | undefined;
  let owner = '@';
  const records: ZoneFileRecord[] = [];
  for (const { line, tokens, indented, comment } of entries(text)) {
    const fail = (why: string) => new Error(`line ${line}: ${why}`);
    const [first = '', second = ''] = tokens;
    if (first === '$TTL') {
      standardTtl = seconds(second);
      if (standardTtl === undefined) throw fail(`"${second}" is no TTL`);
      continue;
    }
    if (first === '$ORIGIN') {
      if (second.toLowerCase() !== `${zone}.`) throw fail(`$ORIGIN must be ${zone}.`);
      continue;
    }
    if (first.startsWith('$')) throw fail(`${first} is not supported`);
    const rest = [...tokens];
    if (!indented) owner = relative(rest.shift() ?? '', zone);
    if (owner.endsWith('.')) throw fail(`${owner} is not in the zone`);
    let ttl: number | null = null;
    for (; rest.length > 0; rest.shift()) {
      const [token = ''] = rest;
      const number = seconds(token);
      if (number !== undefined) ttl = number;
      else if (['CH', 'HS', 'CS'].includes(token.toUpperCase())) throw fail('only class IN is supported');
      else if (token.toUpperCase() !== 'IN') break;
    }
    const type = (rest.shift() ?? '').toUpperCase();
    if (!/^[A-Z][A-Z0-9]*$/.test(type)) throw fail('a type such as A or MX is missing');
    if (rest.length === 0) throw fail(`the ${type} record has no value`);
    records.push({ name: owner, type, ttl, value: rest.join(' '), comment });
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

/** Relative to the zone; with its dot when it is somewhere else. */
function relative(name: string, zone: string): string {
  const lower = name.toLowerCase();
  if (lower === `${zone}.`) return '@';
  return lower.endsWith(`.${zone}.`) ? lower.slice(0, -zone.length - 2) : lower;
}

interface Entry {
  readonly line: number;
  readonly tokens: readonly string[];
  /** The line began with a blank, so the owner is the one before. */
  readonly indented: boolean;
  /** Of the line on which the entry ends. */
  readonly comment: string;
}

const TOKEN = /;.*|[()]|(?:"(?:[^"\\]|\\.)*"|\\.|[^\s();"\\])+|["\\]/g;

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
    let comment = '';
    for (const [token] of line.matchAll(TOKEN)) {
      if (token.startsWith(';')) comment = token.slice(1).trim();
      else if (token === '(') depth += 1;
      else if (token === ')') depth -= 1;
      else if (token === '"') throw new Error(`line ${index + 1}: a quote is not closed`);
      else tokens.push(token);
    }
    if (depth < 0) throw new Error(`line ${index + 1}: a parenthesis was not opened`);
    if (depth === 0 && tokens.length > 0) found.push({ line: begun, tokens, indented, comment });
  }
  if (depth > 0) throw new Error(`line ${begun}: a parenthesis is not closed`);
  return found;
}

/** Writes records as a zone file that `readZoneFile` reads to the same ones; sets are apart by an empty line. */
export function writeZoneFile(zone: string, ttl: number, records: readonly ZoneFileRecord[]): string {
  const lines = [`$ORIGIN\t${zone}.`, `$TTL\t${ttl}`];
  let previous = '';
  for (const { name, type, ttl: own, value, comment } of records) {
    const set = `${name}/${type}`;
    if (set !== previous) lines.push('');
    previous = set;
    const fields = [name, 'IN', ...(own === null ? [] : [String(own)]), type, value];
    lines.push(`${fields.join('\t')}${comment === '' ? '' : ` ; ${comment}`}`);
  }
  return `${lines.join('\n')}\n`;
}
