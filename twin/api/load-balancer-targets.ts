import ipaddr from 'ipaddr.js';
import * as z from 'zod';
import type { LoadBalancerType } from '../catalogue/load-balancer-types.ts';
import { ApiFault, fault } from '../errors.ts';
import { targetAddress } from '../load-balancing.ts';
import type { BalancerTarget, LoadBalancer } from '../model.ts';
import type { Project } from '../project.ts';
import { inside, isAddress, isPrivate } from '../ranges.ts';
import { shape } from './http.ts';
import { labelSelector } from './label-selector.ts';
import { requireWithin } from './load-balancer-services.ts';

const parts = {
  type: z.enum(['server', 'label_selector', 'ip']),
  server: z.object({ id: shape.id }).nullish(),
  label_selector: z.object({ selector: z.string().min(1).max(1000) }).nullish(),
  ip: z.object({ ip: z.string() }).nullish(),
};

/** What names a target. */
export const targetName = z.object(parts);
export const newTarget = z.object({ ...parts, use_private_ip: z.boolean().nullish() });

/** @throws ApiFault when what the type needs is missing */
function targetOf(wanted: z.infer<typeof newTarget>): BalancerTarget {
  const use_private_ip = wanted.use_private_ip ?? false;
  const { type, server, label_selector, ip } = wanted;
  if (type === 'server' && server) return { type, server, use_private_ip };
  if (type === 'label_selector' && label_selector) {
    labelSelector(label_selector.selector, 'label_selector.selector');
    return { type, label_selector, use_private_ip };
  }
  if (type === 'ip' && ip) {
    if (use_private_ip)
      throw fault.invalid('use_private_ip', 'is for targets of servers and label selectors');
    return { type, ip };
  }
  throw fault.invalid(type, `is required for a target of type ${type}`);
}

function isSame(one: BalancerTarget, other: BalancerTarget): boolean {
  if (one.type === 'server') return other.type === 'server' && one.server.id === other.server.id;
  if (one.type === 'label_selector')
    return other.type === 'label_selector' && one.label_selector.selector === other.label_selector.selector;
  return other.type === 'ip' && one.ip.ip === other.ip.ip;
}

/** @throws ApiFault when a load balancer cannot send anything there. Returns the load balancer with it. */
export function withTarget(
  project: Project,
  balancer: LoadBalancer,
  wanted: z.infer<typeof newTarget>,
  type: LoadBalancerType,
): LoadBalancer {
  const target = targetOf(wanted);
  if (target.type === 'ip') requireOwned(project, balancer, target.ip.ip);
  else requireReachable(project, balancer, target);
  if (balancer.targets.some((other) => isSame(other, target)))
    throw fault.other(422, 'target_already_defined', 'load balancer target is already defined');
  const targets = [...balancer.targets, target];
  requireWithin(balancer.services, targets, type);
  return { ...balancer, targets };
}

function requireReachable(
  project: Project,
  balancer: LoadBalancer,
  target: Exclude<BalancerTarget, { type: 'ip' }>,
): void {
  const server = target.type === 'server' ? project.store.get('servers', target.server.id) : undefined;
  if (target.type === 'server' && !server)
    throw new ApiFault(422, 'invalid_input', 'cloud target was not found', {
      fields: [{ name: 'server', messages: [`server ${target.server.id} does not exist`] }],
    });
  if (target.use_private_ip) requireAttached(balancer);
  else requirePublicInterface(balancer);
  if (!server || targetAddress(project.store, balancer, server, target.use_private_ip) !== undefined) return;
  throw target.use_private_ip
    ? fault.other(
        422,
        'resolve_cloud_private_targets_error',
        `server ${server.id} is not attached to the load balancer's network`,
      )
    : fault.other(
        422,
        'resolve_cloud_public_targets_error',
        `server ${server.id} has no public IPv4 address`,
      );
}

/** @throws ApiFault unless the load balancer is in a network */
export function requireAttached(balancer: LoadBalancer): void {
  if (balancer.private_net.length === 0)
    throw fault.other(
      422,
      'load_balancer_not_attached_to_network',
      'load balancer is not attached to a network',
    );
}

function requirePublicInterface(balancer: LoadBalancer): void {
  if (!balancer.public_enabled)
    throw fault.other(
      422,
      'load_balancer_public_interface_disabled',
      "load balancer's public interface is disabled",
    );
}

/** IP targets are Robot servers: by their public address, or by one in a subnet of the network's vSwitch. */
function requireOwned({ store, rules }: Project, balancer: LoadBalancer, ip: string): void {
  if (!ipaddr.isValid(ip) || (!ip.includes(':') && !isAddress(ip)))
    throw fault.invalid('ip.ip', 'is no IP address');
  if (!ip.includes(':') && isPrivate(`${ip}/32`)) {
    requireAttached(balancer);
    const subnets = balancer.private_net.flatMap(
      ({ network }) => store.get('networks', network)?.subnets.filter(({ type }) => type === 'vswitch') ?? [],
    );
    if (subnets.length === 0)
      throw fault.other(
        422,
        'network_has_no_vswitch_subnet',
        "load balancer's network has no vSwitch subnet",
      );
    if (!subnets.some(({ ip_range }) => inside(ip, ip_range)))
      throw fault.other(422, 'ip_not_in_vswitch_subnet', `${ip} is in no vSwitch subnet of the network`);
    return;
  }
  requirePublicInterface(balancer);
  if (!rules.ownsRobotAddress(ip))
    throw fault.other(
      422,
      'ip_not_owned',
      `${ip} belongs to no Robot server of this project; \`twin set robot.addresses=${ip}\` makes it one`,
    );
}

/** @throws ApiFault when there is no such target */
export function withoutTarget(balancer: LoadBalancer, wanted: z.infer<typeof targetName>): LoadBalancer {
  const target = targetOf(wanted);
  const targets = balancer.targets.filter((other) => !isSame(other, target));
  if (targets.length === balancer.targets.length)
    throw fault.other(404, 'load_balancer_target_not_found', 'load balancer target not found');
  return { ...balancer, targets };
}

/** Takes a server that goes away out of all load balancers. Only within a change of the store. */
export function leaveLoadBalancers(project: Project, server: number): void {
  dropTargets(project, (_, target) => target.type === 'server' && target.server.id === server);
}

/** Takes a server out of load balancers that reach it by a network it leaves. Only within a change of the store. */
export function leaveLoadBalancersOfNetwork(project: Project, server: number, network: number): void {
  dropTargets(
    project,
    (balancer, target) =>
      target.type === 'server' &&
      target.server.id === server &&
      target.use_private_ip &&
      balancer.private_net.some((nic) => nic.network === network),
  );
}

function dropTargets(
  { store }: Project,
  drops: (balancer: LoadBalancer, target: BalancerTarget) => boolean,
): void {
  for (const balancer of store.all('load_balancers')) {
    const targets = balancer.targets.filter((target) => !drops(balancer, target));
    if (targets.length < balancer.targets.length) store.put('load_balancers', { ...balancer, targets });
  }
}

/** Whether some load balancer sends to a server's public IPv4 address, which the server must keep then. */
export function isPublicTarget({ store }: Project, server: number): boolean {
  return store
    .all('load_balancers')
    .some(({ targets }) =>
      targets.some(
        (target) => target.type === 'server' && target.server.id === server && !target.use_private_ip,
      ),
    );
}
