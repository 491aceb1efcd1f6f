import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { appliedTo, firewallsOf, guardedBy } from '../firewalling.ts';
import type { FirewallRule, Server } from '../model.ts';
import type { Project } from '../project.ts';
import { status, tableSection } from './table.ts';

/** Rows of a table at most; whoever has more asks the API. */
const MOST_ROWS = 100;

/** What there is, as tables: the picture in words, and more than it. */
export function resourceTables(project: Project): VNode {
  return html`${[machines, networks, firewalls, loadBalancers, addresses, volumes].map((table) => table(project))}` as VNode;
}

function some<T>(all: readonly T[]): { readonly shown: readonly T[]; readonly note: string } {
  const note = all.length > MOST_ROWS ? `The first ${MOST_ROWS} of ${all.length}.` : '';
  return { shown: all.slice(0, MOST_ROWS), note };
}

function names(objects: readonly ({ readonly name: string } | undefined)[]): string {
  return objects.flatMap((object) => (object ? [object.name] : [])).join(', ');
}

function serverName({ store }: Project, id: number | null): string {
  return id === null ? '' : names([store.get('servers', id)]);
}

function machines(project: Project): VNode {
  const { store, costs } = project;
  const { shown, note } = some(store.all('servers'));
  return tableSection(
    'machines',
    'Machines',
    ['Name', 'State', 'Type', 'Location', 'Public', 'Private', 'Firewalls', 'Volumes', 'Euros an hour'],
    shown.map((server) => ({
      key: server.id,
      cells: [
        server.name,
        status(server.status),
        server.server_type,
        server.location,
        publicAddresses(project, server).join(', ') || 'none',
        server.private_net.map(({ ip, alias_ips }) => [ip, ...alias_ips].join(' + ')).join(', ') || 'none',
        names(firewallsOf(project, server).map((id) => store.get('firewalls', id))) || 'none',
        names(server.volumes.map((id) => store.get('volumes', id))) || 'none',
        costs.priceOf('servers', server).hourly.toFixed(4),
      ],
    })),
    'None. `hcloud server create` makes one.',
    note,
  );
}

export function publicAddresses({ store }: Project, { ipv4, ipv6 }: Server): string[] {
  return [ipv4, ipv6].flatMap((id) => (id === null ? [] : (store.get('primary_ips', id)?.ip ?? [])));
}

function networks({ store }: Project): VNode {
  const { shown, note } = some(store.all('networks'));
  return tableSection(
    'networks',
    'Networks',
    ['Name', 'Range', 'Subnets', 'Routes', 'Members'],
    shown.map((network) => ({
      key: network.id,
      cells: [
        network.name,
        network.ip_range,
        network.subnets.map(({ type, ip_range }) => `${ip_range} ${type}`).join(', ') || 'none',
        network.routes.map(({ destination, gateway }) => `${destination} by ${gateway}`).join(', ') || 'none',
        [
          names(network.servers.slice(0, MOST_ROWS).map((id) => store.get('servers', id))),
          names(network.load_balancers.map((id) => store.get('load_balancers', id))),
        ]
          .filter((part) => part !== '')
          .join(', ') || 'none',
      ],
    })),
    'None.',
    note,
  );
}

function firewalls(project: Project): VNode {
  const { store } = project;
  const { shown, note } = some(store.all('firewalls'));
  return tableSection(
    'firewalls',
    'Firewalls',
    ['Name', 'Lets in and out', 'Applied to', 'Guards machines'],
    shown.map((firewall) => ({
      key: firewall.id,
      cells: [
        firewall.name,
        html`<ul>${firewall.rules.map((rule) => html`<li>${ruleInWords(rule)}</li>`)}</ul>` as VNode,
        appliedTo(project, firewall)
          .map((target) =>
            target.type === 'server'
              ? serverName(project, target.server.id)
              : `label ${target.label_selector.selector}`,
          )
          .slice(0, MOST_ROWS)
          .join(', ') || 'nothing',
        guardedBy(project, firewall.id).length,
      ],
    })),
    'None: every machine answers to everyone.',
    note,
  );
}

function ruleInWords({ direction, protocol, port, source_ips, destination_ips }: FirewallRule): string {
  const ranges = (direction === 'in' ? source_ips : destination_ips).join(', ');
  return `${direction} ${protocol}${port === null ? '' : ` ${port}`} ${direction === 'in' ? 'from' : 'to'} ${ranges}`;
}

function loadBalancers(project: Project): VNode {
  const { store } = project;
  const { shown, note } = some(store.all('load_balancers'));
  return tableSection(
    'load-balancers',
    'Load balancers',
    ['Name', 'Type', 'Location', 'Services', 'Targets', 'Private'],
    shown.map((balancer) => ({
      key: balancer.id,
      cells: [
        balancer.name,
        balancer.load_balancer_type,
        balancer.location,
        balancer.services
          .map((one) => `${one.protocol} ${one.listen_port} to ${one.destination_port}`)
          .join(', ') || 'none',
        balancer.targets
          .map((target) => {
            if (target.type === 'ip') return target.ip.ip;
            if (target.type === 'label_selector') return `label ${target.label_selector.selector}`;
            return serverName(project, target.server.id);
          })
          .join(', ') || 'none',
        balancer.private_net.map(({ ip }) => ip).join(', ') || 'none',
      ],
    })),
    'None.',
    note,
  );
}

function addresses(project: Project): VNode {
  const { store } = project;
  const { shown, note } = some(store.all('floating_ips'));
  return tableSection(
    'floating-ips',
    'Floating IPs',
    ['Name', 'Address', 'Home', 'Leads to'],
    shown.map(({ id, name, ip, home_location, server }) => ({
      key: id,
      cells: [name, ip, home_location, serverName(project, server) || 'nowhere'],
    })),
    'None.',
    note,
  );
}

function volumes(project: Project): VNode {
  const { store } = project;
  const { shown, note } = some(store.all('volumes'));
  return tableSection(
    'volumes',
    'Volumes',
    ['Name', 'Gigabytes', 'Location', 'Attached to'],
    shown.map(({ id, name, size, location, server }) => ({
      key: id,
      cells: [name, size, location, serverName(project, server) || 'nothing'],
    })),
    'None.',
    note,
  );
}
