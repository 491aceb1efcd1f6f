import { isIPv4, isIPv6 } from 'node:net';
import * as z from 'zod';
import { fault } from '../errors.ts';
import { shape } from './http.ts';

/** Source: https://docs.hetzner.cloud/reference/cloud#zone-rrsets */
export const RECORD_TYPES = [
  'A',
  'AAAA',
  'CAA',
  'CNAME',
  'DS',
  'HINFO',
  'HTTPS',
  'MX',
  'NS',
  'PTR',
  'RP',
  'SOA',
  'SRV',
  'SVCB',
  'TLSA',
  'TXT',
] as const;

const MOST_TTL = 2_147_483_647;
export const ttl = z.int().min(60).max(MOST_TTL);
export const record = z.object({
  value: z.string().min(1),
  comment: z.string().max(1024).optional(),
});
export const records = z.array(record).min(1).max(200);
const LABEL = /^(\*|[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)$/;
const recordName = z
  .string()
  .refine(
    (name) => name === '@' || name.split('.').every((part) => LABEL.test(part)),
    'must be @ or lower-case names such as www or _sip._tcp, without the zone',
  );
export const newRrset = z.object({
  name: recordName,
  type: z.enum(RECORD_TYPES),
  ttl: ttl.nullish(),
  records,
  labels: shape.labels.default({}),
});

/** How a value of a type looks, as far as it can be told without asking anyone. */
const VALUES: Readonly<Record<string, readonly [test: (value: string) => boolean, words: string]>> = {
  A: [isIPv4, 'an IPv4 address'],
  AAAA: [isIPv6, 'an IPv6 address'],
  CAA: [(value) => /^\d+ [a-z0-9]+ "[^"]*"$/i.test(value), 'such as 0 issue "letsencrypt.org"'],
  CNAME: [isHost, 'a host name'],
  DS: [
    (value) => /^\d+ \d+ \d+ [0-9a-f]+$/i.test(value),
    'such as 60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118',
  ],
  MX: [(value) => /^\d+ \S+$/.test(value), 'such as 10 mail.example.com.'],
  NS: [isHost, 'a host name'],
  PTR: [isHost, 'a host name'],
  SRV: [(value) => /^\d+ \d+ \d+ \S+$/.test(value), 'such as 10 5 5060 sip.example.com.'],
  TLSA: [(value) => /^\d \d \d [0-9a-f]+$/i.test(value), 'such as 3 1 1 0123456789abcdef'],
  TXT: [
    (value) => /^"(?:[^"\\]|\\.)*"(\s+"(?:[^"\\]|\\.)*")*$/.test(value),
    'quoted text such as "v=spf1 -all"',
  ],
};

function isHost(value: string): boolean {
  return value === '@' || /^[A-Za-z0-9_*]([A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?$/.test(value);
}

/** @throws ApiFault with every value that does not fit the type */
export function requireValues(type: string, values: readonly string[]): void {
  const [test, words] = VALUES[type] ?? [() => true, ''];
  const wrong = values.filter((value) => !test(value));
  if (wrong.length > 0) throw fault.invalid('records', `${wrong.join(', ')} must be ${words}`);
  if (new Set(values).size < values.length) throw fault.invalid('records', 'names a value twice');
  if (['CNAME', 'SOA'].includes(type) && values.length > 1)
    throw fault.invalid('records', `there can be one ${type} record only`);
}
