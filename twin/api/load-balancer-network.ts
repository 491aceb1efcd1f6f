import * as z from 'zod';
import { findLocation } from '../catalogue/locations.ts';
import { fault } from '../errors.ts';
import type { BalancerTarget, LoadBalancer, Network, Subnet } from '../model.ts';
import type { Project } from '../project.ts';
import { firstFree, inside, isAddress, isPrivate, toAddress, toRange } from '../ranges.ts';
import { shape } from './http.ts';
import { referenced } from './references.ts';
import { takenAddresses } from './server-networks.ts';
import { routerAddress } from './subnets.ts';

export const attachment = z.object({
  network: shape.id,
  ip: z.string().nullish(),
  ip_range: z.string().nullish(),
});

/**
 * Attaches a load balancer to a network, on both sides. Only within a change of the store.
 * @throws ApiFault when there is no place, or the address cannot be had
 */
export function joinNetwork(
  project: Project,
  balancer: LoadBalancer,
  wanted: z.infer<typeof attachment>,
): LoadBalancer {
  const { store, rules } = project;
  const network = referenced(project, 'networks', wanted.network, 'network');
  if (balancer.private_net.length > 0)
    throw fault.other(
      422,
      'load_balancer_already_attached',
      'load balancer is already attached to a network',
    );
  if (network.servers.length + network.load_balancers.length >= rules.limit('network_servers'))
    throw fault.limit('server limit of the network exceeded', 'network_servers');
  const ip = chooseAddress(project, network, possibleSubnets(network, balancer, wanted), wanted.ip);
  store.put('networks', { ...network, load_balancers: [...network.load_balancers, balancer.id] });
  return store.put('load_balancers', { ...balancer, private_net: [{ network: network.id, ip }] });
}

function possibleSubnets(
  network: Network,
  balancer: LoadBalancer,
  { ip_range }: z.infer<typeof attachment>,
): Subnet[] {
  const zone = findLocation(balancer.location)?.network_zone;
  const near = network.subnets.filter((subnet) => subnet.network_zone === zone && subnet.type !== 'vswitch');
  if (near.length === 0)
    throw fault.other(422, 'no_subnet_available', `the network has no subnet in ${zone}`);
  const chosen = near.filter((subnet) => !ip_range || subnet.ip_range === ip_range);
  if (chosen.length === 0) throw fault.invalid('ip_range', `${ip_range} is no subnet of the network`);
  return chosen;
}

function chooseAddress(
  project: Project,
  network: Network,
  subnets: readonly Subnet[],
  wanted: string | null | undefined,
): string {
  const taken = takenAddresses(project, network.id);
  const router = routerAddress(network);
  if (!wanted) {
    const range = subnets.at(-1)?.ip_range ?? '';
    const reserved = new Set([...taken, router, toAddress(toRange(range)?.first ?? 0)]);
    const free = firstFree(range, reserved, 0);
    if (free === undefined) throw fault.other(422, 'no_subnet_available', `no address is free in ${range}`);
    return free;
  }
  if (!isAddress(wanted) || !subnets.some(({ ip_range }) => inside(wanted, ip_range)))
    throw fault.invalid('ip', `${wanted} is in no possible subnet of the network`);
  if (taken.has(wanted) || wanted === router)
    throw fault.other(422, 'ip_not_available', `${wanted} is not available`);
  return wanted;
}

/**
 * Takes a load balancer out of a network, on both sides, and with it the targets that it reached there. Only within a
 * change of the store.
 */
export function leaveNetwork({ store }: Project, balancerId: number, networkId: number): void {
  const balancer = store.get('load_balancers', balancerId);
  const network = store.get('networks', networkId);
  if (balancer)
    store.put('load_balancers', {
      ...balancer,
      private_net: balancer.private_net.filter((nic) => nic.network !== networkId),
      targets: balancer.targets.filter((target) => !isReachedPrivately(target)),
    });
  if (network)
    store.put('networks', {
      ...network,
      load_balancers: network.load_balancers.filter((id) => id !== balancerId),
    });
}

function isReachedPrivately(target: BalancerTarget): boolean {
  if (target.type !== 'ip') return target.use_private_ip;
  return isAddress(target.ip.ip) && isPrivate(`${target.ip.ip}/32`);
}
