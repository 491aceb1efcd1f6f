import { findLoadBalancerType } from '../catalogue/load-balancer-types.ts';
import { findLocation } from '../catalogue/locations.ts';
import { selectedServers } from '../load-balancing.ts';
import type { BalancerTarget, LoadBalancer, PrimaryIp, Server } from '../model.ts';
import type { Project } from '../project.ts';

const TERABYTE = 1024 ** 4;
const INCLUDED_TRAFFIC = 20 * TERABYTE;

/** A load balancer as the API answers it: with the health of its targets, and selected servers written out. */
export function renderLoadBalancer(project: Project, balancer: LoadBalancer) {
  const { ipv4, ipv6, public_enabled, ...own } = balancer;
  const bytes = project.balancing.meter.bytes(balancer.id);
  return {
    ...own,
    public_net: {
      enabled: public_enabled,
      ipv4: renderAddress(project, ipv4),
      ipv6: renderAddress(project, ipv6),
    },
    location: findLocation(balancer.location),
    load_balancer_type: findLoadBalancerType(balancer.load_balancer_type),
    targets: balancer.targets.map((target) => renderTarget(project, balancer, target)),
    outgoing_traffic: bytes.out,
    ingoing_traffic: bytes.in,
    included_traffic: INCLUDED_TRAFFIC,
  };
}

/** What a load balancer's JSON shows besides the load balancer itself. */
export function balancerParts({ store, balancing }: Project, balancer: LoadBalancer): readonly unknown[] {
  const bytes = balancing.meter.bytes(balancer.id);
  const servers = balancer.targets.length > 0 ? store.all('servers') : undefined;
  return [
    servers,
    store.get('primary_ips', balancer.ipv4),
    store.get('primary_ips', balancer.ipv6),
    balancing.healthOf(balancer.id),
    bytes.in,
    bytes.out,
  ];
}

/** The address that a load balancer has of a primary IP, which is a whole range of IPv6. */
export function ownAddress({ ip }: Pick<PrimaryIp, 'ip'>): string {
  return ip.replace(/\/64$/, '1');
}

function renderAddress({ store }: Project, id: number) {
  const address = store.get('primary_ips', id);
  if (!address) return { id, ip: null, blocked: false, dns_ptr: null };
  const ip = ownAddress(address);
  const dns_ptr = address.dns_ptr.find((one) => one.ip === ip)?.dns_ptr ?? null;
  return { id, ip, blocked: address.blocked, dns_ptr };
}

function renderTarget(project: Project, balancer: LoadBalancer, target: BalancerTarget) {
  const { store, balancing } = project;
  const health = (who: Parameters<typeof balancing.healthStatus>[1]) =>
    balancer.services.map((service) => balancing.healthStatus(balancer, who, service));
  if (target.type === 'ip') return { ...target, health_status: health(target.ip) };
  const { use_private_ip } = target;
  if (target.type === 'server') return { ...target, health_status: health({ server: target.server.id }) };
  const resolved = (server: Server) => ({
    type: 'server',
    server: { id: server.id },
    health_status: health({ server: server.id }),
    use_private_ip,
  });
  return { ...target, targets: selectedServers(store, balancer, target).map(resolved) };
}
