import ipaddr from 'ipaddr.js';
import * as z from 'zod';
import { fault } from '../errors.ts';
import type { Project } from '../project.ts';

const range = z.string().transform((text, context) => {
  const canonical = canonicalRange(text);
  if (canonical !== undefined) return canonical;
  context.addIssue({
    code: 'custom',
    message: 'must be a range without host bits, such as 10.0.0.0/8, 203.0.113.7/32 or ::/0',
  });
  return z.NEVER;
});

/** A CIDR whose address is the first of its range, with IPv6 as RFC 5952 writes it; absent when the text is none. */
function canonicalRange(text: string): string | undefined {
  if (ipaddr.IPv4.isValidCIDRFourPartDecimal(text)) {
    const first = ipaddr.IPv4.networkAddressFromCIDR(text).toString();
    return text.startsWith(`${first}/`) ? text : undefined;
  }
  if (!text.includes(':') || !ipaddr.IPv6.isValidCIDR(text)) return undefined;
  const [address, prefix] = ipaddr.IPv6.parseCIDR(text);
  const first = ipaddr.IPv6.networkAddressFromCIDR(text).toRFC5952String();
  return first === address.toRFC5952String() ? `${first}/${prefix}` : undefined;
}

function validPorts(text: string): boolean {
  const ports = text.split('-').map(Number);
  const [from = 0, to = from] = ports;
  return /^\d+(-\d+)?$/.test(text) && from >= 1 && to >= from && to <= 65_535;
}

const rule = z
  .object({
    direction: z.enum(['in', 'out']),
    protocol: z.enum(['tcp', 'udp', 'icmp', 'esp', 'gre']),
    port: z
      .string()
      .nullish()
      .transform((port) => port ?? null),
    source_ips: z.array(range).nullish().transform(orNone),
    destination_ips: z.array(range).nullish().transform(orNone),
    description: z
      .string()
      .max(255)
      .nullish()
      .transform((text) => text ?? null),
  })
  .superRefine(({ direction, protocol, port, source_ips, destination_ips }, context) => {
    const wrong = (field: string, message: string) =>
      context.addIssue({ code: 'custom', path: [field], message });
    const ported = protocol === 'tcp' || protocol === 'udp';
    if (ported && port === null) wrong('port', 'is needed for tcp and udp');
    if (!ported && port !== null) wrong('port', `is not possible with ${protocol}`);
    // The documentation does not tell of `any`, which the Terraform provider's acceptance tests use.
    if (ported && port !== null && port !== 'any' && !validPorts(port))
      wrong('port', 'must be a port, a range such as 80-85, or any');
    if (direction === 'in' && source_ips.length === 0) wrong('source_ips', 'is needed for incoming rules');
    if (direction === 'in' && destination_ips.length > 0)
      wrong('destination_ips', 'is not possible with incoming rules');
    if (direction === 'out' && destination_ips.length === 0)
      wrong('destination_ips', 'is needed for outgoing rules');
    if (direction === 'out' && source_ips.length > 0)
      wrong('source_ips', 'is not possible with outgoing rules');
  });

function orNone(ranges: string[] | null | undefined): string[] {
  return ranges ?? [];
}

/** The rules of a firewall as a body gives them. Source: https://docs.hetzner.cloud/reference/cloud#firewalls */
export const rules = z.array(rule);

/** @throws ApiFault when there are more rules, or more ranges in them, than a firewall can have */
export function requireRulesFit({ rules: limits }: Project, wanted: z.infer<typeof rules>): void {
  const [most, ranges, effective] = [
    limits.limit('firewall_rules'),
    limits.limit('firewall_rule_ranges'),
    limits.limit('firewall_effective_rules'),
  ];
  if (wanted.length > most)
    throw fault.invalid('rules', `has ${wanted.length} rules, and at most ${most} fit`);
  const counts = wanted.map(({ source_ips, destination_ips }) => source_ips.length + destination_ips.length);
  const wide = counts.findIndex((count) => count > ranges);
  if (wide >= 0) {
    const field = wanted[wide]?.direction === 'in' ? 'source_ips' : 'destination_ips';
    throw fault.invalid(`rules.${wide}.${field}`, `has ${counts[wide]} ranges, and at most ${ranges} fit`);
  }
  const sum = counts.reduce((total, count) => total + count, 0);
  if (sum > effective)
    throw fault.invalid('rules', `makes ${sum} effective rules, and at most ${effective} fit`);
}
