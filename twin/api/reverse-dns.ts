import ipaddr from 'ipaddr.js';
import * as z from 'zod';
import { fault } from '../errors.ts';
import type { DnsPointer } from '../model.ts';

/** The body of every `change_dns_ptr`; `null` puts the standard name back. */
export const pointerChange = z.object({
  ip: z.string(),
  dns_ptr: z
    .string()
    .max(253)
    .regex(/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?\.?$/, 'is not a host name')
    .nullish(),
});

/** What Hetzner's own name servers say of an IPv4 address that nobody named. */
export function standardPointer(ip: string): DnsPointer {
  return { ip, dns_ptr: `static.${ip.split('.').toReversed().join('.')}.clients.your-server.de` };
}

/** The pointers of a new address: IPv4 has a standard name, IPv6 none. */
export function firstPointers(ip: string): DnsPointer[] {
  return ip.includes(':') ? [] : [standardPointer(ip)];
}

/**
 * The pointers of an address after a change.
 * @param own the address, or the /64 that the changed one must be in
 * @throws ApiFault when the address is another one
 */
export function withPointer(
  pointers: readonly DnsPointer[],
  own: string,
  { ip, dns_ptr }: z.infer<typeof pointerChange>,
): DnsPointer[] {
  if (!belongs(ip, own))
    throw fault.invalid('ip', `must be ${own.includes('/') ? `an address in ${own}` : own}`);
  const others = pointers.filter((pointer) => pointer.ip !== ip);
  if (dns_ptr != null) return [...others, { ip, dns_ptr }];
  return ip.includes(':') ? others : [standardPointer(ip)];
}

function belongs(ip: string, own: string): boolean {
  if (!own.includes('/')) return ip === own;
  return ipaddr.isValid(ip) && ip.includes(':') && ipaddr.parse(ip).match(ipaddr.parseCIDR(own));
}
