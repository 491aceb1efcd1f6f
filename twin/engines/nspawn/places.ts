import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { toolPath } from '../../../tools/index.ts';
import type { WantedPlaces } from '../engine.ts';
import { attempt, must } from './commands.ts';
import { publicLink } from './internet.ts';
import type { Layout } from './layout.ts';
import { configure, hasLink, namespaceExists } from './namespaces.ts';
import { privateLink } from './private-network.ts';

/** Something that lives in a location: a server, or a load balancer. */
export interface Inhabitant {
  readonly id: number;
  readonly location: string;
  /** Addresses and networks that lead to it by its public link. */
  readonly publicly: readonly string[];
  readonly privately: readonly { readonly network: number; readonly addresses: readonly string[] }[];
}

/** One link of a router, and what is behind it. */
interface Neighbour {
  readonly link: string;
  readonly location: string;
  readonly addresses: readonly string[];
}

/** How a router treats packets from one location to another. */
interface Passage {
  readonly from: string;
  readonly to: string;
  /** Microseconds; absent: nothing passes. */
  readonly delay?: number;
}

const NOWHERE: WantedPlaces = { delays: [], partitions: [], down: [] };
/** Numbers of routing tables and marks of packets begin here: below are the kernel's own. */
const FIRST_TABLE = 100_000;
const START_MS = 5_000;
const POLL_MS = 20;

/**
 * Distance and partitions, in every router: packets for another location are dropped, or sent by an interface that
 * gives them back a while later. A router that treats all locations alike has nothing of that.
 */
export class Places {
  readonly #layout: Layout;
  #wanted: WantedPlaces = NOWHERE;
  /** Routers that were told something, by their namespace. */
  readonly #told = new Set<string>();

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  want(places: WantedPlaces): void {
    this.#wanted = places;
  }

  /** @param networks numbers of all private networks */
  async apply(inhabitants: readonly Inhabitant[], networks: readonly number[]): Promise<void> {
    const passages = passagesOf(this.#wanted);
    const inet = inhabitants.map(({ id, location, publicly }) => ({
      link: publicLink(id),
      location,
      addresses: publicly,
    }));
    await this.#tell(this.#layout.inet, inet, passages);
    for (const network of networks) {
      const neighbours = inhabitants.flatMap(({ id, location, privately }) =>
        privately
          .filter((nic) => nic.network === network)
          .map(({ addresses }): Neighbour => ({ link: privateLink(id), location, addresses })),
      );
      await this.#tell(this.#layout.network(network), neighbours, passages);
    }
  }

  async #tell(
    namespace: string,
    neighbours: readonly Neighbour[],
    passages: readonly Passage[],
  ): Promise<void> {
    if (!namespaceExists(namespace)) return;
    const { filter, delays } = renderPlaces(neighbours, passages, this.#wanted.down);
    // The first time after a start nobody knows what an earlier twin told it.
    if (filter === '' && this.#told.has(namespace) && delays.length === 0) return;
    for (const delay of delays) await openDelay(namespace, delay);
    await must(
      'ip',
      ['netns', 'exec', namespace, 'nft', '-f', '-'],
      `table inet places\ndelete table inet places\n${filter}`,
    );
    await closeDelays(namespace, delays);
    if (filter === '') this.#told.add(namespace);
    else this.#told.delete(namespace);
  }
}

function passagesOf({ delays, partitions }: WantedPlaces): Passage[] {
  const apart = new Set(partitions.flatMap(([one, other]) => [`${one}>${other}`, `${other}>${one}`]));
  const both = <T extends object>([one, other]: readonly [string, string], more: T) => [
    { from: one, to: other, ...more },
    { from: other, to: one, ...more },
  ];
  return [
    ...partitions.flatMap((pair) => both(pair, {})),
    ...delays
      .filter(({ ms }) => ms > 0)
      .flatMap(({ between, ms }) => both(between, { delay: Math.round(ms * 1000) }))
      .filter(({ from, to }) => !apart.has(`${from}>${to}`)),
  ];
}

/** The table of one router, empty when nothing is to be done, and the delays that it sends packets by. */
export function renderPlaces(
  neighbours: readonly Neighbour[],
  passages: readonly Passage[],
  down: readonly string[],
): { readonly filter: string; readonly delays: readonly number[] } {
  const here = new Set(neighbours.map(({ location }) => location));
  const used = passages.filter(({ from, to }) => here.has(from) && here.has(to));
  const gone = neighbours.filter(({ location }) => down.includes(location));
  if (used.length === 0 && gone.length === 0) return { filter: '', delays: [] };
  const behind = (location: string, ipv6: boolean) =>
    neighbours
      .filter((neighbour) => neighbour.location === location)
      .flatMap(({ addresses }) => addresses.filter((address) => address.includes(':') === ipv6));
  const origins = [...new Set(used.map(({ from }) => from))];
  const chains = origins.map((from) => {
    const lines = used
      .filter((passage) => passage.from === from)
      .flatMap(({ to, delay }) =>
        [false, true].flatMap((ipv6) => {
          const addresses = behind(to, ipv6);
          if (addresses.length === 0) return [];
          const verdict = delay === undefined ? 'drop' : `meta mark set ${tableOf(delay)} return`;
          return `    ${ipv6 ? 'ip6' : 'ip'} daddr { ${addresses.join(', ')} } ${verdict}\n`;
        }),
      );
    return `  chain from-${from} {\n${lines.join('')}  }\n`;
  });
  const links = neighbours
    .filter(({ location }) => origins.includes(location))
    .map(({ link, location }) => `"${link}" : jump from-${location}`);
  const lost = [
    ...(gone.length > 0 ? [`iifname { ${gone.map(({ link }) => `"${link}"`).join(', ')} } drop`] : []),
    ...[false, true].flatMap((ipv6) => {
      const addresses = down.flatMap((location) => behind(location, ipv6));
      return addresses.length > 0 ? [`${ipv6 ? 'ip6' : 'ip'} daddr { ${addresses.join(', ')} } drop`] : [];
    }),
  ];
  const decisions = [...lost, ...(links.length > 0 ? [`iifname vmap { ${links.join(', ')} }`] : [])];
  const filter = `table inet places {
${chains.join('')}  chain prerouting {
    type filter hook prerouting priority mangle; policy accept;
${decisions.map((line) => `    ${line}\n`).join('')}  }
}
`;
  return { filter, delays: [...new Set(used.flatMap(({ delay }) => (delay === undefined ? [] : [delay])))] };
}

function tableOf(delay: number): number {
  return FIRST_TABLE + delay;
}

function interfaceOf(delay: number): string {
  return `delay-${delay}`;
}

/** An interface that takes its time, with a routing table that leads every marked packet there. */
async function openDelay(namespace: string, delay: number): Promise<void> {
  const name = interfaceOf(delay);
  if (await hasLink(namespace, name)) return;
  const child = spawn('ip', ['netns', 'exec', namespace, await toolPath('delay'), name, String(delay)], {
    // It outlives the twin, as machines do, and ends with its namespace.
    detached: true,
    stdio: 'ignore',
  });
  child.unref();
  for (const deadline = Date.now() + START_MS; !(await hasLink(namespace, name)); await sleep(POLL_MS)) {
    if (Date.now() > deadline) throw new Error(`${namespace} cannot delay packets: ${name} did not come up`);
  }
  const table = tableOf(delay);
  await configure(namespace, [`link set ${name} up`]);
  for (const family of ['-4', '-6']) {
    const way = ['default', 'dev', name, 'table', String(table)];
    await must('ip', ['-n', namespace, family, 'route', 'replace', ...way]);
    const rule = ['fwmark', String(table), 'lookup', String(table)];
    await attempt('ip', ['-n', namespace, family, 'rule', 'delete', ...rule]);
    await must('ip', ['-n', namespace, family, 'rule', 'add', ...rule]);
  }
}

/** Takes away what nothing is sent by any more; the program behind an interface ends with it. */
async function closeDelays(namespace: string, used: readonly number[]): Promise<void> {
  const links = JSON.parse(await must('ip', ['-n', namespace, '-j', 'link', 'show', 'type', 'tun'])) as {
    readonly ifname?: string;
  }[];
  for (const { ifname = '' } of links) {
    if (!ifname.startsWith('delay-') || used.some((delay) => interfaceOf(delay) === ifname)) continue;
    await attempt('ip', ['-n', namespace, 'link', 'delete', ifname]);
  }
}
