import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BalancerMeter } from '../../../twin/load-balancer-meter.ts';
import { BalancedHetzner } from './balancer.ts';

const TRAFFIC = { openConnections: 0, connections: 0, requests: 0, bytesIn: 0, bytesOut: 0 };

describe('metrics of a load balancer', () => {
  let hetzner: BalancedHetzner;
  let id: number;
  beforeEach(async () => {
    hetzner = new BalancedHetzner();
    ({ id } = await hetzner.balancer());
  });
  afterEach(() => hetzner.remove());

  interface Metrics {
    readonly metrics: {
      readonly start: string;
      readonly end: string;
      readonly step: number;
      readonly time_series: Record<string, { readonly values: readonly (readonly [number, string])[] }>;
    };
  }
  const metrics = async (query: string) =>
    (await hetzner.call<Metrics>('GET', `/load_balancers/${id}/metrics?${query}`)).body.metrics;
  const HOUR = 'start=2026-11-25T08:00:00Z&end=2026-11-25T09:00:00%2B00:00';

  it('are time series by their types, given one by one or with commas', async () => {
    const all = 'type=open_connections&type=connections_per_second,requests_per_second,bandwidth';
    const { start, step, time_series } = await metrics(`${all}&${HOUR}&step=60`);
    expect(start).toBe('2026-11-25T08:00:00.000Z');
    expect(step).toBe(60);
    expect(Object.keys(time_series)).toEqual([
      'open_connections',
      'connections_per_second',
      'requests_per_second',
      'bandwidth.in',
      'bandwidth.out',
    ]);
    const values = time_series['open_connections']?.values ?? [];
    expect(values).toHaveLength(61);
    expect(values[1]).toEqual([Date.parse('2026-11-25T08:01:00Z') / 1000, '0']);
  });

  it('have about 200 samples when no step is asked for, and never more than 500', async () => {
    const samples = async (query: string) =>
      (await metrics(`type=open_connections&${query}`)).time_series['open_connections']?.values.length;
    expect(await samples(HOUR)).toBe(201);
    expect(await samples(`${HOUR}&step=1`)).toBeLessThanOrEqual(500);
    expect(await samples('start=2026-11-01T00:00:00Z&end=2026-11-25T00:00:00Z&step=1')).toBeLessThanOrEqual(
      500,
    );
  });

  it('need a type, a beginning and an end', async () => {
    for (const query of [
      HOUR,
      `type=speed&${HOUR}`,
      'type=bandwidth',
      'type=bandwidth&start=2026-11-25T08:00:00Z',
      'type=bandwidth&start=now&end=then',
      'type=bandwidth&end=2026-11-25T08:00:00Z&start=2026-11-25T09:00:00Z',
      `type=bandwidth&${HOUR}&step=0`,
    ]) {
      const { status } = await hetzner.call('GET', `/load_balancers/${id}/metrics?${query}`);
      expect(status, query).toBe(422);
    }
  });

  it('tell rates between two looks at the proxy, whose counters may begin anew', () => {
    const meter = new BalancerMeter();
    meter.record(1, TRAFFIC, 0);
    meter.record(1, { ...TRAFFIC, openConnections: 3, requests: 50, bytesIn: 1000 }, 10_000);
    meter.record(1, { ...TRAFFIC, openConnections: 1, requests: 20, bytesIn: 200 }, 20_000);
    const values = (metric: string) =>
      Object.values(meter.series(1, metric, [10_000, 20_000]))[0]?.values.map(([, value]) => value);
    expect(values('open_connections')).toEqual(['3', '1']);
    expect(values('requests_per_second')).toEqual(['5', '2']);
    expect(values('bandwidth')).toEqual(['100', '20']);
    expect(meter.bytes(1)).toEqual({ in: 1200, out: 0 });
    meter.forget(1);
    expect(meter.bytes(1)).toEqual({ in: 0, out: 0 });
  });

  it('show in the traffic that a load balancer tells', async () => {
    let bytesIn = 0;
    const machines = new BalancedHetzner({
      name: 'nspawn',
      observeLoadBalancers: async () => [
        { id: balancer, running: true, health: [], traffic: { ...TRAFFIC, bytesIn } },
      ],
    });
    let balancer = 0;
    ({ id: balancer } = await machines.balancer());
    expect(await machines.shown(balancer)).toMatchObject({ ingoing_traffic: 0, outgoing_traffic: 0 });
    bytesIn = 42;
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await machines.shown(balancer)).toMatchObject({ ingoing_traffic: 42 });
    await machines.remove();
  });
});
