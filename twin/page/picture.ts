import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { firewallsOf } from '../firewalling.ts';
import type { LoadBalancer, Network, Server } from '../model.ts';
import type { Project } from '../project.ts';
import { publicAddresses } from './resources.ts';

/** More would be a carpet; the tables have them. */
const MOST_CARDS = 40;
const LANE = 190;
const CARD = { width: 170, top: 120, height: 84 };
const NETWORKS_TOP = 240;
const NETWORK_HEIGHT = 52;

/** A machine or a load balancer, as the picture needs it. */
interface Card {
  readonly key: string;
  readonly name: string;
  readonly lines: readonly string[];
  readonly status: string;
  readonly location: string;
  /** Where it answers to the Internet; empty for one that does not. */
  readonly addresses: readonly string[];
  /** Names of what guards it; absent where nothing can. */
  readonly firewalls?: readonly string[];
  readonly nics: readonly { readonly network: number; readonly ip: string }[];
}

/** The Internet above, machines by location, their networks below; firewalls on the way in between. */
export function picture(project: Project): VNode {
  const { store } = project;
  const cards = cardsOf(project);
  const all = store.count('servers') + store.count('load_balancers');
  const used = new Set(cards.flatMap(({ nics }) => nics.map(({ network }) => network)));
  const networks = store.all('networks').filter(({ id }) => used.has(id));
  const width = Math.max(cards.length, 1) * LANE + 20;
  const height = NETWORKS_TOP + networks.length * NETWORK_HEIGHT + 10;
  return html`<section id="picture" aria-labelledby="picture-title">
    <h2 id="picture-title">Picture</h2>
    ${all > MOST_CARDS && html`<p class="note">The first ${MOST_CARDS} of ${all} machines and load balancers.</p>`}
    <div class="scroll" role="group" tabindex="0" aria-labelledby="picture-title">
      <svg width=${width} height=${height} viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="picture-words">
        <title id="picture-words">${inWords(cards, networks)}</title>
        <rect class="internet" x="10" y="6" width=${width - 20} height="30" rx="15" />
        <text class="strong" x="28" y="26">Internet</text>
        ${frames(cards)} ${networks.map((network, row) => bar(network, row, width))}
        ${cards.map((card, lane) => cables(card, lane, networks))} ${cards.map(box)}
      </svg>
    </div>
  </section>` as VNode;
}

/** In the order of locations. */
function cardsOf(project: Project): Card[] {
  const { store } = project;
  return [
    ...store
      .all('load_balancers')
      .map((one) => ({ location: one.location, card: () => balancerCard(project, one) })),
    ...store.all('servers').map((one) => ({ location: one.location, card: () => serverCard(project, one) })),
  ]
    .toSorted((a, b) => a.location.localeCompare(b.location))
    .slice(0, MOST_CARDS)
    .map(({ card }) => card());
}

function serverCard(project: Project, server: Server): Card {
  const { store } = project;
  const disks = server.volumes.length;
  const floating = server.floating_ips.flatMap((id) => store.get('floating_ips', id)?.ip ?? []);
  return {
    key: `server-${server.id}`,
    name: server.name,
    lines: [
      `${server.server_type} · ${server.status}`,
      disks === 0 ? '' : `${disks} ${disks === 1 ? 'volume' : 'volumes'}`,
    ],
    status: server.status,
    location: server.location,
    addresses: [...publicAddresses(project, server), ...floating],
    firewalls: firewallsOf(project, server).flatMap((id) => store.get('firewalls', id)?.name ?? []),
    nics: server.private_net,
  };
}

function balancerCard({ store }: Project, balancer: LoadBalancer): Card {
  return {
    key: `load-balancer-${balancer.id}`,
    name: balancer.name,
    lines: [balancer.load_balancer_type, `${balancer.targets.length} targets`],
    status: 'balancer',
    location: balancer.location,
    addresses: balancer.public_enabled
      ? [balancer.ipv4, balancer.ipv6].flatMap((id) => store.get('primary_ips', id)?.ip ?? [])
      : [],
    nics: balancer.private_net,
  };
}

function left(lane: number): number {
  return 10 + lane * LANE + (LANE - CARD.width) / 2;
}

/** One frame around the machines of each location. */
function frames(cards: readonly Card[]): VNode[] {
  return [...Map.groupBy(cards, ({ location }) => location)].map(([location, members]) => {
    const first = cards.findIndex((card) => card.location === location);
    return html`<g id="frame-${location}">
      <rect
        class="location"
        x=${12 + first * LANE}
        y=${CARD.top - 28}
        width=${members.length * LANE - 4}
        height=${CARD.height + 38}
        rx="8"
      />
      <text class="quiet" x=${22 + first * LANE} y=${CARD.top - 10}>${location}</text>
    </g>` as VNode;
  });
}

function bar({ id, name, ip_range }: Network, row: number, width: number): VNode {
  const y = NETWORKS_TOP + row * NETWORK_HEIGHT;
  return html`<g id="network-${id}">
    <rect class="network" x="10" y=${y + 20} width=${width - 20} height="24" rx="12" />
    <text class="strong" x="110" y=${y + 37}>${name} · ${ip_range}</text>
  </g>` as VNode;
}

/** Up to the Internet, with what stands in the way; down to each network. */
function cables(
  { key, addresses, firewalls, nics }: Card,
  lane: number,
  networks: readonly Network[],
): VNode {
  const middle = left(lane) + CARD.width / 2;
  const open = firewalls !== undefined && firewalls.length === 0;
  return html`<g id="cables-${key}">
    ${
      addresses.length > 0 &&
      html`<line class=${open ? 'open' : 'public'} x1=${middle} y1="36" x2=${middle} y2=${CARD.top} />
        ${firewalls !== undefined && shield(middle, open ? 'no firewall' : firewalls.join(', '), open)}`
    }
    ${nics.map(({ network, ip }, index) => {
      const row = networks.findIndex(({ id }) => id === network);
      const x = left(lane) + 24 + index * 24;
      const y = NETWORKS_TOP + row * NETWORK_HEIGHT + 20;
      return html`<line class="private" x1=${x} y1=${CARD.top + CARD.height} x2=${x} y2=${y} />
        <circle class="private" cx=${x} cy=${y} r="4" />
        <text class="quiet" x=${x + 7} y=${y - 5}>${ip}</text>`;
    })}
  </g>` as VNode;
}

function shield(middle: number, words: string, open: boolean): VNode {
  return html`<path
      class=${open ? 'shield open' : 'shield'}
      d="M ${middle} 48 l 11 4 v 9 q 0 9 -11 14 q -11 -5 -11 -14 v -9 z"
    />
    <text class="quiet" x=${middle + 16} y="65">${shortened(words, 12)}</text>` as VNode;
}

function box({ key, name, lines, status, addresses }: Card, lane: number): VNode {
  const x = left(lane);
  return html`<g id="card-${key}">
    <rect class="card" x=${x} y=${CARD.top} width=${CARD.width} height=${CARD.height} rx="6" />
    <circle class="lamp ${status}" cx=${x + 14} cy=${CARD.top + 17} r="5" />
    <text class="strong" x=${x + 26} y=${CARD.top + 22}>${shortened(name, 17)}</text>
    ${[addresses[0] ?? 'no public address', ...lines].map(
      (line, index) =>
        html`<text class="quiet" x=${x + 10} y=${CARD.top + 42 + index * 17}>${shortened(line, 24)}</text>`,
    )}
  </g>` as VNode;
}

function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

function inWords(cards: readonly Card[], networks: readonly Network[]): string {
  if (cards.length === 0) return 'Nothing but the Internet: there are no machines yet.';
  const places = [...Map.groupBy(cards, ({ location }) => location)];
  return `${places.map(([place, members]) => `${place}: ${members.map(({ name }) => name).join(', ')}`).join('; ')}. Networks: ${networks.map(({ name }) => name).join(', ') || 'none'}. The tables below say the same.`;
}
