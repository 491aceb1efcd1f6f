import type { BalancerTraffic } from './engines/engine.ts';

interface Sample {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly openConnections: number;
  /** Per second, since the sample before. */
  readonly connections: number;
  readonly requests: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

type Count = 'connections' | 'requests' | 'bytesIn' | 'bytesOut';
const COUNTS: readonly Count[] = ['connections', 'requests', 'bytesIn', 'bytesOut'];

/** Metrics by the names of the API, each with its time series. */
const SERIES: Readonly<Record<string, Readonly<Record<string, Exclude<keyof Sample, 'at'>>>>> = {
  open_connections: { open_connections: 'openConnections' },
  connections_per_second: { connections_per_second: 'connections' },
  requests_per_second: { requests_per_second: 'requests' },
  bandwidth: { 'bandwidth.in': 'bytesIn', 'bandwidth.out': 'bytesOut' },
};

export const METRICS = Object.keys(SERIES);
/** A day of one every ten seconds. */
const SAMPLES_KEPT = 8640;

/** What went through load balancers, while this twin's process has been running. */
export class BalancerMeter {
  readonly #samples = new Map<number, Sample[]>();
  readonly #last = new Map<number, { readonly at: number; readonly traffic: BalancerTraffic }>();
  readonly #totals = new Map<number, Record<Count, number>>();

  record(id: number, traffic: BalancerTraffic, at: number): void {
    const last = this.#last.get(id);
    if (last && at <= last.at) return;
    this.#last.set(id, { at, traffic });
    const totals = this.#totals.get(id) ?? { connections: 0, requests: 0, bytesIn: 0, bytesOut: 0 };
    const grown = { connections: 0, requests: 0, bytesIn: 0, bytesOut: 0 };
    for (const count of COUNTS) {
      const before = last?.traffic[count] ?? 0;
      // Counters begin anew when the proxy is replaced.
      grown[count] = traffic[count] >= before ? traffic[count] - before : traffic[count];
      totals[count] += grown[count];
    }
    this.#totals.set(id, totals);
    const seconds = last ? (at - last.at) / 1000 : 1;
    const samples = this.#samples.get(id) ?? [];
    samples.push({
      at,
      openConnections: traffic.openConnections,
      connections: grown.connections / seconds,
      requests: grown.requests / seconds,
      bytesIn: grown.bytesIn / seconds,
      bytesOut: grown.bytesOut / seconds,
    });
    this.#samples.set(id, samples.slice(-SAMPLES_KEPT));
  }

  forget(id: number): void {
    this.#samples.delete(id);
    this.#last.delete(id);
    this.#totals.delete(id);
  }

  /** Bytes in and out. */
  bytes(id: number): { readonly in: number; readonly out: number } {
    const totals = this.#totals.get(id);
    return { in: totals?.bytesIn ?? 0, out: totals?.bytesOut ?? 0 };
  }

  /** @param metric one of `METRICS`; times in milliseconds since 1970. Where nobody looked, nothing went through. */
  series(
    id: number,
    metric: string,
    times: readonly number[],
  ): Record<string, { readonly values: (readonly [seconds: number, value: string])[] }> {
    const samples = this.#samples.get(id) ?? [];
    const step = (times[1] ?? 0) - (times[0] ?? 0);
    return Object.fromEntries(
      Object.entries(SERIES[metric] ?? {}).map(([name, property]) => {
        const value = (time: number) =>
          samples.findLast(({ at }) => at <= time && at > time - Math.max(step, 60_000))?.[property] ?? 0;
        return [name, { values: times.map((time) => [time / 1000, String(value(time))] as const) }];
      }),
    );
  }
}
