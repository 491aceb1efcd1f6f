import { isIPv4, isIPv6 } from 'node:net';

type Test = (field: string) => boolean;

interface Grammar {
  /** Follows "must be". */
  readonly words: string;
  readonly test: (value: string) => boolean;
}

const LONGEST_TEXT = 255;
const QUOTED = /^"(?:[^"\\]|\\.)*"$/;

const number =
  (bits: number): Test =>
  (field) =>
    /^\d{1,10}$/.test(field) && Number(field) < 2 ** bits;
const hexadecimal: Test = (field) => /^([0-9a-f]{2})+$/i.test(field);
const text: Test = (field) => QUOTED.test(field) || /^[^"\s]+$/.test(field);
const parameter: Test = (field) => /^[a-z0-9-]{1,63}(=("(?:[^"\\]|\\.)*"|[^"\s]*))?$/.test(field);
const isRoot: Test = (field) => field === '.';

/** A host, absolute with a dot at the end, relative to the zone without, `@` for the zone. */
const host: Test = (field) => {
  if (field === '@') return true;
  // An escaped dot belongs to its label, as in the mailbox first\.last.example.com.
  const name = field.replaceAll('\\.', '-').replace(/\.$/, '');
  return name.length <= 253 && name.split('.').every((label) => /^(\*|[a-z0-9_-]{1,63})$/i.test(label));
};
const hostOrRoot: Test = (field) => isRoot(field) || host(field);

/** Fields apart by blanks; the last test may be for the rest, joined. */
function line(words: string, tests: readonly Test[], rest?: (others: readonly string[]) => boolean): Grammar {
  const test = (value: string): boolean => {
    const fields = split(value);
    const others = fields.slice(tests.length);
    return (
      fields.length >= tests.length &&
      tests.every((fits, index) => fits(fields[index] ?? '')) &&
      (rest ? rest(others) : others.length === 0)
    );
  };
  return { words, test };
}

/** Blanks within quotes separate nothing. Nothing at all when a quote is not closed. */
function split(value: string): readonly string[] {
  const fields: readonly string[] = value.match(/(?:"(?:[^"\\]|\\.)*"|[^\s"])+|"/g) ?? [];
  return fields.includes('"') ? [] : fields;
}

const rest16 = (others: readonly string[]): boolean => hexadecimal(others.join(''));
const service = line(
  'a priority, a host and parameters, such as 1 . alpn="h3,h2" ipv4hint=203.0.113.1',
  [number(16), hostOrRoot],
  (others) => others.every(parameter),
);
const hostOnly = line('a host such as www.example.com.', [host]);

/**
 * How a value of each type looks in a zone file, as far as it can be told without asking anyone.
 * Sources: https://docs.hetzner.com/networking/dns/record-types/overview, and the RFC of each type
 */
const GRAMMARS: Readonly<Record<string, Grammar>> = {
  A: { words: 'an IPv4 address such as 203.0.113.1', test: isIPv4 },
  AAAA: {
    words: 'an IPv6 address such as 2001:db8::1',
    test: (value) => isIPv6(value) && !value.includes('%'),
  },
  CAA: line('a flag, a tag and a value, such as 0 issue "letsencrypt.org"', [
    number(8),
    (tag) => /^[a-z0-9]{1,63}$/i.test(tag),
    text,
  ]),
  CNAME: hostOnly,
  DS: line(
    'a key tag, an algorithm, a digest type and a digest, such as 60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118',
    [number(16), number(8), number(8)],
    rest16,
  ),
  HINFO: line('two texts, such as "ARM64" "Linux"', [text, text]),
  HTTPS: service,
  MX: line('a priority and a host, such as 10 mail.example.com.', [number(16), hostOrRoot]),
  NS: hostOnly,
  PTR: hostOnly,
  RP: line('a mailbox and a host, such as admin.example.com. info.example.com.', [hostOrRoot, hostOrRoot]),
  SOA: line(
    'a name server, a mailbox, a serial and four times, such as hydrogen.ns.hetzner.com. dns.hetzner.com. 0 86400 10800 3600000 3600',
    [host, host, number(32), number(32), number(32), number(32), number(32)],
  ),
  SRV: line('a priority, a weight, a port and a host, such as 10 5 5060 sip.example.com.', [
    number(16),
    number(16),
    number(16),
    hostOrRoot,
  ]),
  SVCB: service,
  TLSA: line(
    'a usage, a selector, a matching type and data, such as 3 1 1 0123456789abcdef',
    [number(8), number(8), number(8)],
    rest16,
  ),
  TXT: {
    words: 'quoted text, such as "v=spf1 -all"',
    test: (value) => {
      const fields = split(value);
      return fields.length > 0 && fields.every((field) => QUOTED.test(field));
    },
  },
};

/** Types of which a name has one record at most. */
const SINGLE = ['CNAME', 'SOA'];

export interface ValueMistake {
  readonly index: number;
  readonly message: string;
}

/** What is wrong with the values of a record set; nothing when all fit. */
export function valueMistakes(type: string, values: readonly string[]): ValueMistake[] {
  const mistakes = values.flatMap((value, index): ValueMistake[] => {
    const message = mistake(type, value, values.indexOf(value) < index);
    return message === undefined ? [] : [{ index, message }];
  });
  if (mistakes.length === 0 && SINGLE.includes(type) && values.length > 1)
    return [{ index: 1, message: `there can be one ${type} record only` }];
  return mistakes;
}

function mistake(type: string, value: string, again: boolean): string | undefined {
  if (again) return `duplicate value '${value}'`;
  const grammar = GRAMMARS[type];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must not be in a value
  if (grammar === undefined || /[\u0000-\u0008\u000a-\u001f\u007f]/.test(value) || !grammar.test(value))
    return `invalid value '${value}': must be ${grammar?.words ?? 'of a type that exists'}`;
  if (type === 'TXT' && split(value).some((field) => bytesOf(field) > LONGEST_TEXT))
    return `a TXT string exceeds ${LONGEST_TEXT} characters`;
  return undefined;
}

/** Bytes of a quoted string on the wire: `\"` and `\195` are one each. */
function bytesOf(quoted: string): number {
  return Buffer.byteLength(quoted.slice(1, -1).replaceAll(/\\(\d{3}|.)/g, '.'));
}
