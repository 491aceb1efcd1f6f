import ipaddr from 'ipaddr.js';
import * as z from 'zod';
import { fault } from '../errors.ts';
import type { DnsPointer, PrimaryIp, Server } from '../model.ts';
import type { Project } from '../project.ts';

const HOST_NAME =
  /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*\.?$/;

/** The body of every `change_dns_ptr`; `null` puts the standard name back. */
export const pointerChange = z.object({
  ip: z.string(),
  dns_ptr: z.string().regex(HOST_NAME, 'is not a host name').nullish(),
});
type PointerChange = z.infer<typeof pointerChange>;

/** What Hetzner's own name servers say of an IPv4 address that nobody named. */
export function standardPointer(ip: string): DnsPointer {
  return { ip, dns_ptr: `static.${ip.split('.').toReversed().join('.')}.clients.your-server.de` };
}

/** The pointers of a new address: IPv4 has a standard name, IPv6 none. */
export function firstPointers(ip: string): DnsPointer[] {
  return ip.includes(':') ? [] : [standardPointer(ip)];
}

/**
 * The pointers of an address after a change. IPv6 addresses are told as RFC 5952 writes them.
 * @param own the address, or the /64 that the changed one must be in
 * @throws ApiFault when the address is another one
 */
export function withPointer(
  pointers: readonly DnsPointer[],
  own: string,
  { ip: written, dns_ptr }: PointerChange,
): DnsPointer[] {
  const ip = addressOf(written, own);
  if (ip === undefined)
    throw fault.invalid('ip', `must be ${own.includes('/') ? `an address in ${own}` : own}`);
  const standard = ip.includes(':') ? [] : [standardPointer(ip)];
  const wanted = dns_ptr == null ? standard : [{ ip, dns_ptr }];
  const place = pointers.findIndex((pointer) => pointer.ip === ip);
  return place < 0 ? [...pointers, ...wanted] : pointers.toSpliced(place, 1, ...wanted);
}

/**
 * A server's primary IP with a changed pointer, to be put into the store.
 * @throws ApiFault when the server has no such address, or the address is busy
 */
export function withServerPointer(
  { store, actions }: Project,
  server: Pick<Server, 'ipv4' | 'ipv6'>,
  wanted: PointerChange,
): PrimaryIp {
  const id = wanted.ip.includes(':') ? server.ipv6 : server.ipv4;
  const address = id === null ? undefined : store.get('primary_ips', id);
  if (!address) throw fault.invalid('ip', 'the server has no public address of that kind');
  actions.requireUnlocked('primary_ip', address.id);
  return { ...address, dns_ptr: withPointer(address.dns_ptr, address.ip, wanted) };
}

/** An address as it is told, when it is the one or in the network. */
function addressOf(written: string, own: string): string | undefined {
  if (!own.includes('/')) return ipaddr.isValid(written) && isSame(written, own) ? own : undefined;
  if (!ipaddr.IPv6.isValid(written)) return undefined;
  const address = ipaddr.IPv6.parse(written);
  return address.match(ipaddr.IPv6.parseCIDR(own)) ? address.toRFC5952String() : undefined;
}

function isSame(one: string, other: string): boolean {
  return ipaddr.parse(one).toNormalizedString() === ipaddr.parse(other).toNormalizedString();
}
