import * as z from 'zod';
import { ApiFault, fault } from '../errors.ts';
import { shape } from './http.ts';
import { type ValueMistake, valueMistakes } from './record-values.ts';

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

/** Seconds. Source: https://docs.hetzner.cloud/reference/cloud#zone-rrsets */
export const ttl = z.int().min(60).max(2_147_483_647);
/** Records that an action takes at once. Source: https://docs.hetzner.cloud/reference/cloud#zone-rrset-actions */
const MOST_RECORDS = 50;
const LONGEST_NAME = 253;

const value = z.string().min(1);
const comment = z.string().regex(/^[^\r\n]*$/, 'must be one line');
const record = z.object({ value, comment: comment.default('') });
export const records = z.array(record).min(1).max(MOST_RECORDS);
export const commentedRecords = z.array(z.object({ value, comment })).min(1).max(MOST_RECORDS);
export const newRrset = z.object({
  name: z.string(),
  type: z.enum(RECORD_TYPES),
  ttl: ttl.nullish(),
  records: z.array(record).min(1),
  labels: shape.labels.default({}),
});
export type NewRrset = z.infer<typeof newRrset>;

const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** @throws ApiFault when a record set of the zone cannot have this name */
export function requireRecordName(name: string, zone: string): void {
  if (name === '@') return;
  if (name === zone || name.endsWith(`.${zone}`))
    throw fault.invalid(
      'name',
      `must not end with the zone; write ${name.slice(0, -zone.length - 1) || '@'}`,
    );
  const labels = name.split('.');
  const plain = labels[0] === '*' ? labels.slice(1) : labels;
  if (name.length + 1 + zone.length > LONGEST_NAME || !plain.every((label) => LABEL.test(label)))
    throw fault.invalid('name', 'must be @ or a lower-case name such as www or _sip._tcp, without the zone');
}

/**
 * Hetzner names the values by their place in the whole set, and tells the mistake itself as message.
 * Source: https://github.com/hetzner/cert-manager-webhook-hetzner/issues/213
 * @param set where the set is in the request
 * @throws ApiFault `invalid_input` with every value that does not fit the type or is there twice
 */
export function requireValues(type: string, values: readonly string[], set = 'records[0]'): void {
  const [first, ...others] = valueMistakes(type, values);
  if (!first) return;
  const field = ({ index, message }: ValueMistake) => ({
    name: `${set}.records[${index}].value`,
    messages: [message],
  });
  throw new ApiFault(422, 'invalid_input', first.message, { fields: [first, ...others].map(field) });
}
