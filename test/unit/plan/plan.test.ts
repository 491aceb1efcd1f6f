import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ClusterSpec, type PoolSpec, parseSpec } from '../../../src/config/index.ts';
import { contains, plan, toRange } from '../../../src/plan/index.ts';
import { stackFile } from '../../stack-file.ts';

const LOCATIONS = ['fsn1', 'nbg1', 'hel1'];

const workerPool = (number: number): fc.Arbitrary<PoolSpec> =>
  fc.record({
    name: fc.constant(`pool${number}`),
    number: fc.constant(number),
    role: fc.constant('worker' as const),
    count: fc.integer({ min: 0, max: 12 }),
    serverType: fc.constantFrom('cx23', 'cx33', 'cpx22'),
    locations: fc.shuffledSubarray(LOCATIONS, { minLength: 1 }),
    public: fc.boolean(),
    labels: fc.constant({}),
    taints: fc.constant([]),
  });

const controlPlanes: PoolSpec = {
  name: 'control-plane',
  number: 1,
  role: 'control-plane',
  count: 3,
  serverType: 'cx33',
  locations: LOCATIONS,
  public: false,
  labels: {},
  taints: [],
};

const spec: fc.Arbitrary<ClusterSpec> = fc
  .uniqueArray(fc.integer({ min: 2, max: 200 }), { maxLength: 6 })
  .chain((numbers) => fc.tuple(...numbers.map(workerPool)))
  .map((pools) => ({ ...parseSpec(stackFile('local'), 'local'), pools: [controlPlanes, ...pools] }));

/** Everything about a machine that must survive changes elsewhere. */
function machines(from: ClusterSpec) {
  const { nodes, volumes } = plan(from);
  return new Map(
    nodes.map((node) => [node.name, { node, volume: volumes.find(({ node: of }) => of === node.name) }]),
  );
}

describe('plan', () => {
  it('of the local stack is what the documentation shows', () => {
    const { nodes, gateway, kubernetes } = plan(parseSpec(stackFile('local'), 'local'));
    expect(nodes.map(({ name, privateIp, location }) => `${name} ${privateIp} ${location}`)).toEqual([
      'local-control-plane-1 10.0.1.1 fsn1',
      'local-control-plane-2 10.0.1.2 nbg1',
      'local-control-plane-3 10.0.1.3 hel1',
      'local-worker-1 10.0.2.1 fsn1',
    ]);
    expect(gateway.privateIp).toBe('10.0.0.2');
    expect(kubernetes.dnsIp).toBe('10.96.0.10');
  });

  it('is the same, byte by byte, for the same specification and for any order of pools', () => {
    fc.assert(
      fc.property(spec, (one) => {
        const reversed = { ...one, pools: one.pools.toReversed() };
        expect(JSON.stringify(plan(structuredClone(one)))).toBe(JSON.stringify(plan(one)));
        expect(JSON.stringify(plan(reversed))).toBe(JSON.stringify(plan(one)));
      }),
    );
  });

  it('changes no machine when a pool is added, removed or resized', () => {
    fc.assert(
      fc.property(spec, fc.nat(), fc.integer({ min: 0, max: 12 }), (one, pick, count) => {
        const before = machines(one);
        const index = 1 + (pick % Math.max(1, one.pools.length - 1));
        const removed = one.pools.filter((_, at) => at !== index);
        const resized = one.pools.map((pool, at) => (at === index ? { ...pool, count } : pool));
        for (const pools of [removed, resized]) {
          for (const [name, machine] of machines({ ...one, pools })) {
            const earlier = before.get(name);
            if (earlier) expect(machine).toEqual(earlier);
          }
        }
      }),
    );
  });

  it('gives every machine an address of its own inside its subnet', () => {
    fc.assert(
      fc.property(spec, (one) => {
        const { nodes, network, gateway } = plan(one);
        const addresses = [network.routerIp, gateway.privateIp, ...nodes.map((node) => node.privateIp)];
        expect(new Set(addresses).size).toBe(addresses.length);
        for (const node of nodes) {
          const subnet = network.subnets.find(({ name }) => name === node.subnet);
          expect(contains(toRange(subnet?.cidr ?? ''), toRange(`${node.privateIp}/32`))).toBe(true);
        }
      }),
    );
  });

  it('keeps a majority of control planes when any one location is lost', () => {
    const { nodes } = plan(parseSpec(stackFile('local'), 'local'));
    for (const lost of LOCATIONS) {
      expect(
        nodes.filter(({ role, location }) => role === 'control-plane' && location !== lost).length,
      ).toBeGreaterThan(1);
    }
  });

  it('puts at most ten machines into a placement group and names only groups that exist', () => {
    fc.assert(
      fc.property(spec, (one) => {
        const { nodes, placementGroups } = plan(one);
        for (const node of nodes)
          expect(placementGroups.map(({ name }) => name)).toContain(node.placementGroup);
        for (const group of placementGroups) {
          expect(nodes.filter((node) => node.placementGroup === group.name).length).toBeLessThanOrEqual(10);
        }
      }),
    );
  });

  it('costs the sum of its lines, and every server has one', () => {
    fc.assert(
      fc.property(spec, (one) => {
        const { cost, nodes } = plan(one);
        expect(cost.monthlyEur).toBeCloseTo(
          cost.lines.reduce((sum, line) => sum + line.monthlyEur, 0),
          2,
        );
        for (const node of nodes)
          expect(cost.lines.some((line) => line.resource === node.name && line.monthlyEur > 0)).toBe(true);
      }),
    );
  });

  it('opens 443 on public machines, the VPN on the gateway and nothing else', () => {
    const { firewalls } = plan(parseSpec(stackFile('prod'), 'prod'));
    expect(
      firewalls.map(({ name, rules }) => [name, rules.map(({ protocol, port }) => `${protocol}/${port}`)]),
    ).toEqual([
      ['prod-gateway', ['udp/51820']],
      ['prod-public', ['tcp/443']],
    ]);
  });

  it('names only what Kubernetes and DNS accept', () => {
    fc.assert(
      fc.property(spec, (one) => {
        for (const { name } of plan(one).nodes) expect(name).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])$/);
      }),
    );
  });
});
