import { PRICES_OF, PRIMARY_IPV4_MONTHLY_EUR, SERVER_TYPES, VOLUME_GB_MONTHLY_EUR } from './catalogue.ts';
import type { CostLine, CostPlan, Plan } from './model.ts';

/** What every resource costs per month; traffic beyond the included is not part of it. */
export function monthlyCost(plan: Omit<Plan, 'cost'>): CostPlan {
  const server = (resource: string, type: string): CostLine => ({
    resource,
    what: `server ${type}`,
    monthlyEur: SERVER_TYPES[type]?.monthlyEur ?? 0,
  });
  const address = (name: string): CostLine => ({
    resource: `${name}-ipv4`,
    what: 'primary IPv4',
    monthlyEur: PRIMARY_IPV4_MONTHLY_EUR,
  });
  const lines: CostLine[] = [
    server(plan.gateway.name, plan.gateway.serverType),
    address(plan.gateway.name),
    ...plan.nodes.flatMap((node) => [
      server(node.name, node.serverType),
      ...(node.public ? [address(node.name)] : []),
    ]),
    ...plan.volumes.map((volume) => ({
      resource: volume.name,
      what: `volume ${volume.sizeGB} GB`,
      monthlyEur: cents(volume.sizeGB * VOLUME_GB_MONTHLY_EUR),
    })),
  ];
  return {
    currency: 'EUR',
    pricesOf: PRICES_OF,
    lines,
    monthlyEur: cents(lines.reduce((sum, line) => sum + line.monthlyEur, 0)),
  };
}

function cents(eur: number): number {
  return Math.round(eur * 100) / 100;
}
