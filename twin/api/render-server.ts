import { findLocation } from '../catalogue/locations.ts';
import { findServerType } from '../catalogue/server-types.ts';
import { loadBalancersOf } from '../load-balancing.ts';
import type { Server } from '../model.ts';
import type { Project } from '../project.ts';
import { renderImage } from './catalogue.ts';

const TERABYTE = 1024 ** 4;

/** A server as the API answers it: with everything that it refers to written out. */
export function renderServer({ store, images }: Project, server: Server) {
  const { twin: _, ipv4, ipv6, firewalls, floating_ips, ...own } = server;
  const v4 = ipv4 === null ? undefined : store.get('primary_ips', ipv4);
  const v6 = ipv6 === null ? undefined : store.get('primary_ips', ipv6);
  const image = images.find(({ id }) => id === server.image);
  return {
    ...own,
    server_type: findServerType(server.server_type),
    location: findLocation(server.location),
    image: image ? renderImage(image) : null,
    iso: null,
    rescue_enabled: false,
    locked: false,
    backup_window: null,
    outgoing_traffic: 0,
    ingoing_traffic: 0,
    included_traffic: 20 * TERABYTE,
    load_balancers: loadBalancersOf(store, server),
    placement_group:
      server.placement_group === null
        ? null
        : (store.get('placement_groups', server.placement_group) ?? null),
    public_net: {
      ipv4: v4
        ? {
            id: v4.id,
            ip: v4.ip,
            blocked: v4.blocked,
            dns_ptr: `static.${v4.ip.split('.').toReversed().join('.')}.clients.invalid`,
          }
        : null,
      ipv6: v6 ? { id: v6.id, ip: v6.ip, blocked: v6.blocked, dns_ptr: v6.dns_ptr } : null,
      floating_ips,
      firewalls: firewalls.map((id) => ({ id, status: 'applied' })),
    },
  };
}

/** What a server's JSON shows besides the server itself. */
export function serverParts({ store, rules }: Project, server: Server): readonly unknown[] {
  const { ipv4, ipv6, placement_group } = server;
  return [
    rules.epoch,
    store.all('load_balancers'),
    ipv4 === null ? undefined : store.get('primary_ips', ipv4),
    ipv6 === null ? undefined : store.get('primary_ips', ipv6),
    placement_group === null ? undefined : store.get('placement_groups', placement_group),
  ];
}
