import { LOCATIONS } from './locations.ts';
import { HOURS_PER_MONTH, price } from './server-types.ts';

type Row = readonly [
  id: number,
  name: string,
  services: number,
  targets: number,
  connections: number,
  certificates: number,
  netPerMonth: number,
];

/**
 * Limits and prices in euros per month, without VAT, on 2026-07-21: lb11 and lb21 as the catalogue rows in
 * https://github.com/hetznercloud/hcloud-python (tests/unit/load_balancer_types) have them; lb31 is twice lb21, as
 * its limits always were. The example of the API's reference gives lb11 20,000 connections.
 */
const ROWS: readonly Row[] = [
  [1, 'lb11', 5, 25, 10_000, 10, 7.49],
  [2, 'lb21', 15, 75, 20_000, 25, 21.49],
  [3, 'lb31', 30, 150, 40_000, 50, 42.98],
];

const TERABYTE = 1024 ** 4;
const INCLUDED_TRAFFIC = 20 * TERABYTE;

export const LOAD_BALANCER_TYPES = ROWS.map(
  ([id, name, services, targets, connections, certificates, net]) => ({
    id,
    name,
    description: name.toUpperCase(),
    max_connections: connections,
    max_services: services,
    max_targets: targets,
    max_assigned_certificates: certificates,
    deprecated: null,
    deprecation: null,
    prices: LOCATIONS.map((location) => ({
      location: location.name,
      price_hourly: price(net / HOURS_PER_MONTH),
      price_monthly: price(net),
      included_traffic: INCLUDED_TRAFFIC,
      price_per_tb_traffic: price(1),
    })),
  }),
);

export type LoadBalancerType = (typeof LOAD_BALANCER_TYPES)[number];

export function findLoadBalancerType(nameOrId: string): LoadBalancerType | undefined {
  return LOAD_BALANCER_TYPES.find(({ id, name }) => name === nameOrId || String(id) === nameOrId);
}
