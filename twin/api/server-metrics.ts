import type { Series } from './metrics.ts';

/** Series of each metric. Source: https://docs.hetzner.cloud/reference/cloud#servers-get-metrics-for-a-server */
const SERIES: Readonly<Record<string, readonly string[]>> = {
  cpu: ['cpu'],
  disk: ['disk.0.iops.read', 'disk.0.iops.write', 'disk.0.bandwidth.read', 'disk.0.bandwidth.write'],
  network: ['network.0.pps.in', 'network.0.pps.out', 'network.0.bandwidth.in', 'network.0.bandwidth.out'],
};

export const SERVER_METRICS = Object.keys(SERIES);

/** Nothing here measures servers, so all of it is zero; a known difference. */
export function serverSeries(metric: string, times: readonly number[]): Series {
  const values = times.map((time) => [time / 1000, '0'] as const);
  return Object.fromEntries((SERIES[metric] ?? []).map((name) => [name, { values }]));
}
