import * as z from 'zod';
import { findLoadBalancerType, type LoadBalancerType } from '../catalogue/load-balancer-types.ts';
import { LOCATIONS } from '../catalogue/locations.ts';
import { fault } from '../errors.ts';
import type { LoadBalancer } from '../model.ts';
import type { Project } from '../project.ts';
import { shape } from './http.ts';
import { joinNetwork } from './load-balancer-network.ts';
import { completeService, newService, requireFitting } from './load-balancer-services.ts';
import { newTarget, requireAttached, withTarget } from './load-balancer-targets.ts';
import { createPrimaryIp, requireFreePrimaryIp } from './primary-ips.ts';
import { now, referenced, requireLocation, requireUniqueName } from './references.ts';

export const balancerName = z
  .string()
  .min(1)
  .max(128)
  .regex(/^\S(.*\S)?$/, 'must not begin or end with a space');
export const algorithm = z.object({ type: z.enum(['round_robin', 'least_connections']) });
/** hcloud-python and the Ansible modules send ids where others send names. */
const nameOrId = z.union([z.string(), z.int().transform(String)]);
export const typeName = nameOrId;
export const newBalancer = z.object({
  name: balancerName,
  load_balancer_type: typeName,
  algorithm: algorithm.nullish(),
  services: z.array(newService).nullish(),
  targets: z.array(newTarget).nullish(),
  labels: shape.labels.default({}),
  public_interface: z.boolean().nullish(),
  public_net: z.object({ ipv4: shape.id.nullish(), ipv6: shape.id.nullish() }).nullish(),
  network: shape.id.nullish(),
  network_zone: z.string().nullish(),
  location: nameOrId.nullish(),
});

/** @throws ApiFault when there is none */
export function requireType(wanted: string): LoadBalancerType {
  const type = findLoadBalancerType(wanted);
  if (!type) throw fault.invalid('load_balancer_type', `load balancer type ${wanted} does not exist`);
  return type;
}

/**
 * A load balancer is in one location. A network zone stands for one of its own: that of the primary IPs which the
 * load balancer is to have, or the first.
 */
function requirePlace(project: Project, wanted: z.infer<typeof newBalancer>): string {
  const { location, network_zone, public_net } = wanted;
  if (location && network_zone) throw fault.invalid('network_zone', 'goes without location, or the reverse');
  if (location) return requireLocation(location).name;
  const address = public_net?.ipv4 ?? public_net?.ipv6;
  const bound = address ? referenced(project, 'primary_ips', address, 'public_net').location : undefined;
  const possible = LOCATIONS.filter((one) => one.network_zone === network_zone);
  const first = possible.find(({ name }) => name === bound) ?? possible[0];
  if (!first) throw fault.invalid('location', 'write a location, or a network zone that exists');
  return first.name;
}

/** Checks and records a new load balancer. Only within a change of the store. @throws ApiFault as documented */
export function createLoadBalancer(project: Project, wanted: z.infer<typeof newBalancer>): LoadBalancer {
  const { store, rules } = project;
  const type = requireType(wanted.load_balancer_type);
  const location = requirePlace(project, wanted);
  requireUniqueName(project, 'load_balancers', wanted.name);
  if (store.count('load_balancers') >= rules.limit('load_balancers'))
    throw fault.limit('load balancer limit exceeded', 'load_balancers');
  const id = store.nextId();
  const public_enabled = wanted.public_interface ?? true;
  let balancer = store.put('load_balancers', {
    id,
    name: wanted.name,
    labels: wanted.labels,
    created: now(),
    load_balancer_type: type.name,
    location,
    ipv4: givePrimaryIp(project, id, 'ipv4', location, wanted.public_net?.ipv4),
    ipv6: givePrimaryIp(project, id, 'ipv6', location, wanted.public_net?.ipv6),
    public_enabled,
    private_net: [],
    algorithm: wanted.algorithm ?? { type: 'round_robin' },
    services: (wanted.services ?? []).map(completeService),
    targets: [],
    protection: { delete: false },
  });
  requireFitting(project, balancer.services, type, 412);
  if (wanted.network) balancer = joinNetwork(project, balancer, { network: wanted.network });
  if (!public_enabled) requireAttached(balancer);
  for (const target of wanted.targets ?? []) balancer = withTarget(project, balancer, target, type);
  return store.put('load_balancers', balancer);
}

/** @param wanted the number of an address that exists; absent: a new one, which goes with the load balancer */
function givePrimaryIp(
  project: Project,
  balancer: number,
  type: 'ipv4' | 'ipv6',
  location: string,
  wanted: number | null | undefined,
): number {
  const address = wanted
    ? requireFreePrimaryIp(project, wanted, type, location)
    : createPrimaryIp(project, {
        name: `primary-${type}-${balancer}`,
        type,
        location,
        auto_delete: true,
        labels: {},
        server: null,
      });
  const assigned = { ...address, assignee_id: balancer, assignee_type: 'load_balancer' } as const;
  return project.store.put('primary_ips', assigned).id;
}
