import type { Cidr, Ipv4 } from './model.ts';

/** An IPv4 range as numbers. */
export interface Range {
  readonly first: number;
  readonly prefix: number;
  readonly size: number;
}

export function toNumber(ip: Ipv4): number {
  return ip.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

export function toIpv4(value: number): Ipv4 {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

/** The range that a valid CIDR names; host bits must be zero (the configuration checks both). */
export function toRange(cidr: Cidr): Range {
  const [ip = '', prefix = ''] = cidr.split('/');
  return { first: toNumber(ip), prefix: Number(prefix), size: 2 ** (32 - Number(prefix)) };
}

export function contains(outer: Range, inner: Range): boolean {
  return inner.first >= outer.first && inner.first + inner.size <= outer.first + outer.size;
}

export function overlap(a: Range, b: Range): boolean {
  return a.first < b.first + b.size && b.first < a.first + a.size;
}

/** The address at `offset` from the start of the range. */
export function addressAt(cidr: Cidr, offset: number): Ipv4 {
  return toIpv4(toRange(cidr).first + offset);
}

/** Every pool has a block of 256 addresses, chosen by its number; block 0 is the gateway's. */
const BLOCK = 256;

/** Subnet of the pool with this number (1 and up), or of the gateways (0). */
export function poolSubnet(network: Cidr, poolNumber: number): Cidr {
  return `${addressAt(network, poolNumber * BLOCK)}/24`;
}

/**
 * Address of a node. It follows from pool number and ordinal alone, so that no other pool or node can move it.
 * @param ordinal 1 to 254
 */
export function nodeAddress(network: Cidr, poolNumber: number, ordinal: number): Ipv4 {
  return addressAt(network, poolNumber * BLOCK + ordinal);
}

/** The gateway is the second address: the first belongs to Hetzner's router. */
export function gatewayAddress(network: Cidr): Ipv4 {
  return addressAt(network, 2);
}

/** How many pools the network has room for beside the gateways' block. */
export function poolCapacity(network: Cidr): number {
  return Math.max(0, Math.floor(toRange(network).size / BLOCK) - 1);
}
