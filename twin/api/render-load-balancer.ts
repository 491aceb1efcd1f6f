import { findLoadBalancerType } from '../catalogue/load-balancer-types.ts';
import { findLocation } from '../catalogue/locations.ts';
import { selectedServers } from '../load-balancing.ts';
import type { BalancerTarget, LoadBalancer, Server } from '../model.ts';
import type { Project } from '../project.ts';

const TERABYTE = 1024 ** 4;
const INCLUDED_TRAFFIC = 20 * TERABYTE;

/** A load balancer as the API answers it: with the health of its targets, and selected servers written out. */
export function renderLoadBalancer(project: Project, balancer: LoadBalancer) {
  const { ipv4, ipv6, public_enabled, dns_ptr, ...own } = balancer;
  const bytes = project.balancing.meter.bytes(balancer.id);
  const pointer = (ip: string) => dns_ptr.find((one) => one.ip === ip)?.dns_ptr;
  return {
    ...own,
    public_net: {
      enabled: public_enabled,
      ipv4: { ip: ipv4, dns_ptr: pointer(ipv4) ?? standardPointer(ipv4) },
      ipv6: { ip: ipv6, dns_ptr: pointer(ipv6) ?? null },
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
  return [servers, balancing.healthOf(balancer.id), bytes.in, bytes.out];
}

/** What Hetzner's resolvers say of an IPv4 address as long as its owner says nothing. */
function standardPointer(ip: string): string {
  return `static.${ip.split('.').toReversed().join('.')}.clients.invalid`;
}

function renderTarget(project: Project, balancer: LoadBalancer, target: BalancerTarget) {
  const { store, balancing } = project;
  const health = (who: Parameters<typeof balancing.status>[1]) =>
    balancer.services.map((service) => ({
      listen_port: service.listen_port,
      status: balancing.status(balancer, who, service),
    }));
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
