import { LIMITS, LOCATIONS, poolCapacity, RETIRED_SERVER_TYPES, SERVER_TYPES } from '../plan/index.ts';
import type { Finding } from './findings.ts';
import type { NetworkSpec, PoolSpec } from './schema.ts';

/** A pool with its place in the file, so that findings point there although others could not be read. */
export interface PlacedPool {
  readonly index: number;
  readonly pool: PoolSpec;
}

export function checkPools(placed: readonly PlacedPool[], network: NetworkSpec | undefined): Finding[] {
  return [
    ...duplicates(placed, 'name'),
    ...duplicates(placed, 'number'),
    ...checkControlPlanes(placed),
    ...checkServerCount(placed),
    ...placed.flatMap(({ index, pool }) => checkPool(`groundup:pools[${index}]`, pool, network)),
  ];
}

function duplicates(placed: readonly PlacedPool[], key: 'name' | 'number'): Finding[] {
  return placed.flatMap(({ index, pool }, at) => {
    const first = placed.slice(0, at).find((earlier) => earlier.pool[key] === pool[key]);
    if (!first) return [];
    return [
      {
        path: `groundup:pools[${index}].${key}`,
        value: pool[key],
        rule: `is taken by pools[${first.index}]`,
        remedy: `Give every pool a ${key} of its own.`,
      },
    ];
  });
}

function checkControlPlanes(placed: readonly PlacedPool[]): Finding[] {
  const controlPlanes = placed.filter(({ pool }) => pool.role === 'control-plane');
  const [first, second] = controlPlanes;
  if (!first) {
    return [
      {
        path: 'groundup:pools',
        rule: 'must have a pool with `role: control-plane`',
        remedy: 'Add one with count 3 and the locations [fsn1, nbg1, hel1].',
      },
    ];
  }
  const findings: Finding[] = [];
  if (second) {
    findings.push({
      path: `groundup:pools[${second.index}].role`,
      value: second.pool.role,
      rule: `must not be a second control plane pool beside pools[${first.index}]`,
      remedy: 'Put all control planes into one pool with several locations.',
    });
  }
  if (![1, 3, 5].includes(first.pool.count)) {
    findings.push({
      path: `groundup:pools[${first.index}].count`,
      value: first.pool.count,
      rule: 'must be odd for control planes, so that etcd keeps a majority, and at most 5',
      remedy: 'Write 3, or 1 for a cluster that may fail.',
    });
  }
  return findings;
}

function checkServerCount(placed: readonly PlacedPool[]): Finding[] {
  const nodes = placed.reduce((sum, { pool }) => sum + pool.count, 0);
  if (nodes + 1 <= LIMITS.serversPerNetwork) return [];
  const sum = placed.map(({ pool }) => `${pool.count} ${pool.name}`).join(' + ');
  return [
    {
      path: 'groundup:pools',
      rule: `is too much for one network: ${sum} + 1 gateway = ${nodes + 1}, and Hetzner allows ${LIMITS.serversPerNetwork}`,
      remedy: 'Lower a count, or split the environment into two stacks.',
    },
  ];
}

function checkPool(path: string, pool: PoolSpec, network: NetworkSpec | undefined): Finding[] {
  const findings: Finding[] = [...checkServerType(`${path}.serverType`, pool.serverType, network?.zone)];
  pool.locations.forEach((location, index) => {
    findings.push(...checkLocation(`${path}.locations[${index}]`, location, network?.zone));
  });
  if (network && /\/\d+$/.test(network.cidr) && pool.number > poolCapacity(network.cidr)) {
    findings.push({
      path: `${path}.number`,
      value: pool.number,
      rule: `is beyond the network ${network.cidr}, which has room for pools 1 to ${poolCapacity(network.cidr)}`,
      remedy: 'Take a smaller number or a larger network.',
    });
  }
  if (pool.role === 'worker' && pool.etcdVolumeGB !== undefined) {
    findings.push({
      path: `${path}.etcdVolumeGB`,
      value: pool.etcdVolumeGB,
      rule: 'is for control planes only: workers run no etcd',
      remedy: 'Remove the line.',
    });
  }
  for (const [key, value] of Object.entries(pool.labels))
    findings.push(...checkLabel(`${path}.labels`, key, value));
  pool.taints.forEach((taint, index) => {
    if (
      /^[A-Za-z0-9]([A-Za-z0-9._/-]*[A-Za-z0-9])?(=[A-Za-z0-9._-]*)?:(NoSchedule|PreferNoSchedule|NoExecute)$/.test(
        taint,
      )
    )
      return;
    findings.push({
      path: `${path}.taints[${index}]`,
      value: taint,
      rule: 'is not a taint',
      remedy: 'Write key=value:EFFECT, where EFFECT is NoSchedule, PreferNoSchedule or NoExecute.',
    });
  });
  return findings;
}

export function checkServerType(path: string, type: string, zone: string | undefined): Finding[] {
  const facts = SERVER_TYPES[type];
  if (!facts) {
    const instead = RETIRED_SERVER_TYPES[type];
    return [
      {
        path,
        value: type,
        rule: instead ? 'can no longer be ordered' : 'is no server type of Hetzner Cloud',
        remedy: `Write ${instead ?? `one of ${Object.keys(SERVER_TYPES).join(', ')}`}.`,
      },
    ];
  }
  if (zone && zone in ZONES && !facts.zones.includes(zone)) {
    const sold = Object.keys(SERVER_TYPES).filter((name) => SERVER_TYPES[name]?.zones.includes(zone));
    return [
      { path, value: type, rule: `is not sold in ${zone}`, remedy: `Write one of ${sold.join(', ')}.` },
    ];
  }
  return [];
}

const ZONES = Object.fromEntries(Object.values(LOCATIONS).map(({ zone }) => [zone, true]));

export function checkLocation(path: string, location: string, zone: string | undefined): Finding[] {
  const facts = LOCATIONS[location];
  if (!facts) {
    const wrong = /^(.+)-dc\d+$/.exec(location)?.[1];
    return [
      {
        path,
        value: location,
        rule: wrong ? 'is a datacenter; Hetzner removed them in July 2026' : 'is no location of Hetzner',
        remedy: `Write ${wrong && LOCATIONS[wrong] ? wrong : `one of ${Object.keys(LOCATIONS).join(', ')}`}.`,
      },
    ];
  }
  if (zone && zone in ZONES && facts.zone !== zone) {
    return [
      {
        path,
        value: location,
        rule: `is in ${facts.zone}, the network is in ${zone}, and a network does not span zones`,
        remedy: `Write one of ${Object.keys(LOCATIONS)
          .filter((name) => LOCATIONS[name]?.zone === zone)
          .join(', ')}.`,
      },
    ];
  }
  return [];
}

/** Rules of Kubernetes for labels, which Hetzner's share. */
function checkLabel(path: string, key: string, value: string): Finding[] {
  const findings: Finding[] = [];
  const [prefix, name] = key.includes('/')
    ? [key.slice(0, key.lastIndexOf('/')), key.slice(key.lastIndexOf('/') + 1)]
    : ['', key];
  const word = /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/;
  if (
    name.length > LIMITS.labelNameLength ||
    !word.test(name) ||
    prefix.length > 253 ||
    !/^[a-z0-9.-]*$/.test(prefix)
  ) {
    findings.push({
      path: `${path}.${key.slice(0, 80)}`,
      rule: `is not a label's key: at most ${LIMITS.labelNameLength} characters of A-Z, a-z, 0-9, -, _ and . with an optional prefix before a slash`,
      remedy: 'Shorten it or replace the other characters.',
    });
  }
  if (/(^|\.)(kubernetes|k8s)\.io$/.test(prefix) || prefix.endsWith('hetzner.cloud')) {
    findings.push({
      path: `${path}.${key}`,
      value,
      rule: `uses the reserved prefix ${prefix}`,
      remedy: 'Take a prefix of your own, such as example.com/.',
    });
  }
  if (value.length > LIMITS.labelNameLength || (value !== '' && !word.test(value))) {
    findings.push({
      path: `${path}.${key}`,
      value,
      rule: `must have a value of at most ${LIMITS.labelNameLength} characters of A-Z, a-z, 0-9, -, _ and .`,
      remedy: 'Shorten it or replace the other characters.',
    });
  }
  return findings;
}
