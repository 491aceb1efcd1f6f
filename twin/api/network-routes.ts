import * as z from 'zod';
import { ApiFault, fault } from '../errors.ts';
import type { Network, Route } from '../model.ts';
import type { Project } from '../project.ts';
import { DEFAULT_ROUTE, inside, isAddress, isPrivate, overlaps, PUBLIC_GATEWAY, toRange } from '../ranges.ts';
import { routerAddress } from './subnets.ts';

export const route = z.object({ destination: z.string(), gateway: z.string() });

/**
 * @param path where in the body the route is, such as `routes.0.`
 * @throws ApiFault when the route cannot be part of the network
 */
export function withRoute(project: Project, network: Network, wanted: Route, path = ''): Network {
  if (network.routes.length >= project.rules.limit('network_routes'))
    throw fault.limit('route limit of the network exceeded', 'network_routes');
  const { destination, gateway } = wanted;
  const isDefault = destination === DEFAULT_ROUTE;
  if (!toRange(destination) || (!isDefault && !isPrivate(destination)))
    throw fault.invalid(
      `${path}destination`,
      `must be a private range (RFC 1918) without host bits, or ${DEFAULT_ROUTE}`,
    );
  if (!isDefault && inside(PUBLIC_GATEWAY, destination))
    throw fault.invalid(`${path}destination`, `contains ${PUBLIC_GATEWAY}, which is reserved`);
  const reason = unfitGateway(network, gateway);
  if (reason !== undefined) throw refusal(`${path}gateway`, 'invalid gateway', reason);
  const others = [
    ...network.routes.map((other) => other.destination),
    ...network.subnets.map(({ ip_range }) => ip_range),
  ];
  // Everything else is more special than the default route, which therefore stands in nobody's way but its own.
  const crossed = others.find((other) =>
    isDefault || other === DEFAULT_ROUTE ? other === destination : overlaps(other, destination),
  );
  if (crossed !== undefined)
    throw refusal(
      `${path}destination`,
      'network route destination overlaps with another subnetwork or network route',
      `overlaps ${crossed}`,
    );
  return { ...network, routes: [...network.routes, { destination, gateway }] };
}

function unfitGateway(network: Network, gateway: string): string | undefined {
  if (!isAddress(gateway) || !inside(gateway, network.ip_range))
    return `must be an address of the network ${network.ip_range}`;
  if (gateway === routerAddress(network) || gateway === PUBLIC_GATEWAY)
    return 'is reserved for the router; write the address of a server';
  if (network.subnets.some(({ type, ip_range }) => type === 'vswitch' && inside(gateway, ip_range)))
    return 'cannot be behind a vSwitch';
  return undefined;
}

/** @throws ApiFault unless the network has the route. Returns the network without it. */
export function withoutRoute(network: Network, { destination, gateway }: Route): Network {
  const routes = network.routes.filter(
    (existing) => existing.destination !== destination || existing.gateway !== gateway,
  );
  if (routes.length === network.routes.length) throw fault.notFound('route', destination);
  return { ...network, routes };
}

/** An invalid input in Hetzner's own words, which its users cite. */
function refusal(field: string, message: string, reason: string): ApiFault {
  return new ApiFault(422, 'invalid_input', message, { fields: [{ name: field, messages: [reason] }] });
}
