import { findIso } from '../catalogue/isos.ts';
import { findLocation } from '../catalogue/locations.ts';
import { findServerType } from '../catalogue/server-types.ts';
import { firewallsOf } from '../firewalling.ts';
import { loadBalancersOf } from '../load-balancing.ts';
import type { Server } from '../model.ts';
import type { Project } from '../project.ts';
import { legacyDatacenter } from './datacenters.ts';
import { findImage, renderImage } from './images.ts';
import { renderServerType } from './server-types.ts';

const TERABYTE = 1024 ** 4;

/** A server as the API answers it: with everything that it refers to written out. */
export function renderServer(project: Project, server: Server) {
  const { store, actions } = project;
  const { twin, ipv4, ipv6, firewalls: _, floating_ips, ...own } = server;
  const v4 = ipv4 === null ? undefined : store.get('primary_ips', ipv4);
  const v6 = ipv6 === null ? undefined : store.get('primary_ips', ipv6);
  const image = server.image === null ? undefined : findImage(project, server.image);
  const type = findServerType(server.server_type);
  return {
    ...own,
    server_type: type ? renderServerType(project, type) : null,
    location: findLocation(server.location),
    ...legacyDatacenter(project, server.location),
    image: image ? renderImage(image) : null,
    iso: server.iso === null ? null : (findIso(String(server.iso)) ?? null),
    rescue_enabled: twin.rescue !== null,
    locked: actions.isBusy('server', server.id),
    outgoing_traffic: 0,
    ingoing_traffic: 0,
    included_traffic: 20 * TERABYTE,
    load_balancers: loadBalancersOf(store, server),
    placement_group:
      server.placement_group === null
        ? null
        : (store.get('placement_groups', server.placement_group) ?? null),
    public_net: {
      ipv4: v4 ? { id: v4.id, ip: v4.ip, blocked: v4.blocked, dns_ptr: v4.dns_ptr[0]?.dns_ptr ?? '' } : null,
      ipv6: v6 ? { id: v6.id, ip: v6.ip, blocked: v6.blocked, dns_ptr: v6.dns_ptr } : null,
      floating_ips,
      firewalls: firewallsOf(project, server).map((id) => ({
        id,
        status: isPending(project, server, id) ? 'pending' : 'applied',
      })),
    },
  };
}

/** What a server's JSON shows besides the server itself. */
export function serverParts(project: Project, server: Server): readonly unknown[] {
  const { store, rules, actions } = project;
  const { ipv4, ipv6, placement_group, image } = server;
  return [
    rules.epoch,
    store.all('load_balancers'),
    ipv4 === null ? undefined : store.get('primary_ips', ipv4),
    ipv6 === null ? undefined : store.get('primary_ips', ipv6),
    placement_group === null ? undefined : store.get('placement_groups', placement_group),
    image === null ? undefined : store.get('images', image),
    actions.isBusy('server', server.id),
    ...firewallsOf(project, server).flatMap((id) => [id, isPending(project, server, id)]),
  ];
}

/** A new server's firewalls are applied with its creation, later ones by an action of their own. */
function isPending({ actions }: Project, { status }: Server, firewall: number): boolean {
  return status === 'initializing' || actions.isBusy('firewall', firewall);
}
