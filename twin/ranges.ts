import { createHash } from 'node:crypto';
import ipaddr from 'ipaddr.js';

/** Address of the Internet's router as every server sees it; nobody in a private network can have it. */
export const PUBLIC_GATEWAY = '172.31.1.1';
export const DEFAULT_ROUTE = '0.0.0.0/0';

/** An IPv4 range as numbers; `undefined` when the text is none or has host bits. */
export function toRange(
  text: string,
): { readonly first: number; readonly size: number; readonly prefix: number } | undefined {
  if (!ipaddr.IPv4.isValidCIDRFourPartDecimal(text)) return undefined;
  const [address, prefix] = ipaddr.IPv4.parseCIDR(text);
  const first = toNumber(address.toString());
  const size = 2 ** (32 - prefix);
  return first % size === 0 ? { first, size, prefix } : undefined;
}

export function toNumber(address: string): number {
  return address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

export function toAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

export function isAddress(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text);
}

export function inside(address: string, range: string): boolean {
  const outer = toRange(range);
  const value = toNumber(address);
  return outer !== undefined && value >= outer.first && value < outer.first + outer.size;
}

export function overlaps(one: string, other: string): boolean {
  const [a, b] = [toRange(one), toRange(other)];
  return a !== undefined && b !== undefined && a.first < b.first + b.size && b.first < a.first + a.size;
}

export function isPrivate(range: string): boolean {
  return ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].some((outer) => {
    const [a, b] = [toRange(range), toRange(outer)];
    return a !== undefined && b !== undefined && a.first >= b.first && a.first + a.size <= b.first + b.size;
  });
}

/** The first address of a range that is not in `taken`, from `skip` addresses on. */
export function firstFree(range: string, taken: ReadonlySet<string>, skip: number): string | undefined {
  const outer = toRange(range);
  for (let offset = skip; outer && offset < outer.size - 1; offset++) {
    const address = toAddress(outer.first + offset);
    if (!taken.has(address)) return address;
  }
  return undefined;
}

/**
 * An address of a range that nobody has, but for its first and its last one.
 * @param after where to begin: behind this one, and round to the beginning of the range
 */
export function nextFree(
  range: string,
  isTaken: (address: string) => boolean,
  after: string | undefined,
): string | undefined {
  const { first, size } = toRange(range) ?? { first: 0, size: 0 };
  const usable = size - 2;
  const begin = after !== undefined && inside(after, range) ? toNumber(after) - first : 0;
  for (let step = 0; step < usable; step++) {
    const address = toAddress(first + 1 + ((begin + step) % usable));
    if (!isTaken(address)) return address;
  }
  return undefined;
}

/** A locally administered MAC address that follows from what it is for. */
export function macAddress(...parts: readonly (string | number)[]): string {
  const digest = createHash('sha256').update(parts.join('/')).digest();
  return `86:00:${digest.subarray(0, 4).toString('hex').match(/../g)?.join(':')}`;
}
