import { contains, LOCATIONS, overlap, toRange } from '../plan/index.ts';
import type { Finding } from './findings.ts';
import type { NetworkSpec } from './schema.ts';

const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].map(toRange);

type RangeKey = 'cidr' | 'vpnCidr' | 'podCidr' | 'serviceCidr';

/** Smallest range (largest prefix) that each use needs, and why. */
const LARGEST_PREFIX: Readonly<Record<RangeKey, readonly [number, string]>> = {
  cidr: [22, 'the gateway and each pool take a /24 of it'],
  vpnCidr: [24, 'people have the addresses 11 to 210'],
  podCidr: [18, 'each node takes a /24 of it'],
  serviceCidr: [22, 'every service takes an address'],
};

/** The parts of an IPv4 range, or `undefined` when the text is none. */
function isCidr(text: string): boolean {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (!match) return false;
  const [, ...parts] = match;
  return parts.slice(0, 4).every((octet) => Number(octet) <= 255) && Number(parts[4]) <= 32;
}

export function checkNetwork(network: NetworkSpec): Finding[] {
  const findings: Finding[] = [];
  const zones = [...new Set(Object.values(LOCATIONS).map(({ zone }) => zone))];
  if (!zones.includes(network.zone)) {
    findings.push({
      path: 'groundup:network.zone',
      value: network.zone,
      rule: 'is no network zone of Hetzner',
      remedy: `Write one of ${zones.join(', ')}.`,
    });
  }
  const keys: readonly RangeKey[] = ['cidr', 'vpnCidr', 'podCidr', 'serviceCidr'];
  const sound = keys.filter((key) => {
    const finding = checkRange(key, network[key]);
    if (finding) findings.push(finding);
    return finding === undefined;
  });
  sound.forEach((key, index) => {
    for (const other of sound.slice(0, index)) {
      if (!overlap(toRange(network[key]), toRange(network[other]))) continue;
      findings.push({
        path: `groundup:network.${key}`,
        value: network[key],
        rule: `must not overlap ${other} (${network[other]})`,
        remedy: 'Choose ranges that have no address in common.',
      });
    }
  });
  return findings;
}

function checkRange(key: RangeKey, value: string): Finding | undefined {
  const path = `groundup:network.${key}`;
  if (!isCidr(value)) {
    return {
      path,
      value,
      rule: 'is not an IPv4 range',
      remedy: 'Write an address and a prefix, such as 10.0.0.0/16.',
    };
  }
  const range = toRange(value);
  if (range.first % range.size !== 0) {
    return {
      path,
      value,
      rule: `must begin at a multiple of its size (${range.size} addresses)`,
      remedy: 'Set the bits behind the prefix to zero, as in 10.0.0.0/16.',
    };
  }
  if (!PRIVATE.some((outer) => contains(outer, range))) {
    return {
      path,
      value,
      rule: 'must be private (RFC 1918)',
      remedy: 'Take a range within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16.',
    };
  }
  const [largest, why] = LARGEST_PREFIX[key];
  if (range.prefix > largest) {
    return {
      path,
      value,
      rule: `is too small: ${why}`,
      remedy: `Write /${largest} or a smaller number behind the slash.`,
    };
  }
  return undefined;
}
