import { Actions } from './actions.ts';
import type { Image } from './catalogue/images.ts';
import { findServerType } from './catalogue/server-types.ts';
import { Coalesced } from './coalesced.ts';
import { Costs } from './costs.ts';
import type { FilterRule, MachineEngine, ServerFilter, WantedServer } from './engines/engine.ts';
import { Faults } from './faults/index.ts';
import { Strikes } from './faults/strikes.ts';
import { firewallsOf, isPublic } from './firewalling.ts';
import { LoadBalancing } from './load-balancing.ts';
import type { Firewall, Server } from './model.ts';
import { Rules } from './rules/index.ts';
import type { Store } from './store.ts';

/** Where public addresses come from; two twins on one machine have different ranges. */
export interface PublicRanges {
  /** IPv4 of servers, for example `198.18.0.0/22`. */
  readonly primary: string;
  /** Floating IPv4, for example `198.19.0.0/22`. */
  readonly floating: string;
  /** Beginning of every IPv6 network, for example `2001:db8:0`. */
  readonly ipv6: string;
  /** This computer's own address towards the twin, another one for each twin. */
  readonly computer: string;
}

/** One Hetzner project: what it holds, what makes it real, and what it may use. */
export class Project {
  readonly store: Store;
  readonly engine: MachineEngine;
  readonly actions: Actions;
  readonly rules: Rules;
  readonly faults: Faults;
  readonly costs: Costs;
  readonly balancing: LoadBalancing;
  readonly strikes: Strikes;
  readonly images: readonly Image[];
  readonly ranges: PublicRanges;
  readonly #firewalls = new Coalesced(() => this.engine.putFirewalls(this.#filters()));
  readonly #floatingIps = new Coalesced(() =>
    this.engine.putFloatingIps(
      this.store
        .all('floating_ips')
        .map(({ id, ip, server }) => ({ id, ip, ...(server === null ? {} : { server }) })),
    ),
  );

  constructor(parts: {
    store: Store;
    engine: MachineEngine;
    images: readonly Image[];
    ranges: PublicRanges;
    log: (line: string) => void;
  }) {
    this.store = parts.store;
    this.engine = parts.engine;
    this.images = parts.images;
    this.ranges = parts.ranges;
    this.rules = new Rules(parts.store);
    this.faults = new Faults(parts.store);
    this.costs = new Costs(parts.store, this.rules);
    this.actions = new Actions(parts.store, this.rules, this.faults, parts.log);
    this.strikes = new Strikes(this, parts.log);
    this.store.watch((kinds) => {
      if (kinds.has('images'))
        this.#keepImages().catch((error: unknown) => parts.log(`images: ${String(error)}`));
    });
    this.balancing = new LoadBalancing({
      store: parts.store,
      engine: parts.engine,
      isBusy: (id) => this.actions.isBusy('load_balancer', id),
      log: parts.log,
    });
  }

  /** Gives the engine everything that should exist, after a start. Returns servers that ran and do not any more. */
  async restore(): Promise<Server[]> {
    await this.engine.open();
    const observed = new Map((await this.engine.observe()).map(({ id, running }) => [id, running]));
    for (const network of this.store.all('networks')) {
      await this.engine.putNetwork({ id: network.id, ipRange: network.ip_range, routes: network.routes });
    }
    for (const volume of this.store.all('volumes')) await this.engine.putVolume(this.wantedVolume(volume.id));
    const lost: Server[] = [];
    for (const server of this.store.all('servers')) {
      const runs = this.engine.name === 'none' ? server.twin.wanted : observed.get(server.id) === true;
      if (server.status === 'running' && !runs) lost.push(server);
      const interrupted = !['running', 'off'].includes(server.status);
      const wanted = interrupted ? server.twin.wanted : runs;
      const awaited = this.isDown(server.location) ? 'unknown' : 'running';
      this.store.change(() =>
        this.store.put('servers', {
          ...server,
          status: wanted ? awaited : 'off',
          twin: { ...server.twin, wanted },
        }),
      );
      await this.engine.putServer(this.wantedServer(server.id));
    }
    await this.#restoreImages();
    for (const id of observed.keys()) if (!this.store.get('servers', id)) await this.engine.removeServer(id);
    await this.applyFirewalls();
    await this.applyFloatingIps();
    await this.balancing.restore();
    await this.strikes.begin();
    this.actions.finishInterrupted();
    return lost;
  }

  wantedServer(id: number): WantedServer {
    const server = this.store.get('servers', id);
    if (!server) throw new Error(`server ${id} is gone`);
    const type = findServerType(server.server_type);
    const address = (of: number | null) => (of === null ? undefined : this.store.get('primary_ips', of)?.ip);
    const [ipv4, ipv6] = [address(server.ipv4), address(server.ipv6)];
    const { password, rescue } = server.twin;
    return {
      id,
      name: server.name,
      running: server.twin.wanted && !this.isDown(server.location),
      disk: server.twin.disk,
      image: this.#imageDirectory(server.image),
      userData: server.twin.userData,
      sshKeys: server.twin.sshKeys,
      location: server.location,
      cores: type?.cores ?? 1,
      memoryGB: type?.memory ?? 1,
      privateNics: server.private_net.map((nic) => ({
        network: nic.network,
        ip: nic.ip,
        aliasIps: nic.alias_ips,
        mac: nic.mac_address,
      })),
      volumes: server.volumes,
      troubles: [],
      ...(password === null ? {} : { password }),
      ...(rescue === null ? {} : { rescue }),
      ...(ipv4 === undefined ? {} : { publicIpv4: ipv4 }),
      ...(ipv6 === undefined ? {} : { publicIpv6: ipv6 }),
    };
  }

  /** A copy that a crash interrupted is made again; one of a server that is gone by now cannot be. */
  async #restoreImages(): Promise<void> {
    for (const image of this.store.all('images').filter(({ status }) => status === 'creating')) {
      const { id } = image.created_from;
      const saved = this.store.get('servers', id) ? await this.engine.saveImage(id, image.id) : undefined;
      this.store.change(() => {
        if (saved) this.store.put('images', { ...image, status: 'available', image_size: saved.sizeGB });
        else this.store.remove('images', image.id);
      });
    }
    await this.#keepImages();
  }

  #keepImages(): Promise<void> {
    return this.engine.keepImages(this.store.all('images').map(({ id }) => id));
  }

  /** The engine's name of an image: its directory, or `image-<number>` of one that a server was saved as. */
  #imageDirectory(id: number | null): string {
    if (id === null) return '';
    if (this.store.get('images', id)) return `image-${id}`;
    return this.images.find((image) => image.id === id)?.directory ?? '';
  }

  /** The status that a server is wanted to have, once an action is done. Only within a change of the store. */
  settleServer(id: number): void {
    const server = this.store.get('servers', id);
    if (!server) return;
    const { wanted } = server.twin;
    const booted = wanted && server.status !== 'running';
    // Hetzner knows as little as anybody of a server in a location that is gone.
    const awaited = this.isDown(server.location) ? 'unknown' : 'running';
    this.store.put('servers', {
      ...server,
      status: wanted ? awaited : 'off',
      // One boot is what a rescue system is enabled for.
      twin: { ...server.twin, rescue: booted ? null : server.twin.rescue },
    });
  }

  /** Whether an armed fault has taken a location away. */
  isDown(location: string): boolean {
    return this.faults.armed.some(
      ({ name, on }) => name === 'location_down' && (on === undefined || on === location),
    );
  }

  wantedVolume(id: number) {
    const volume = this.store.get('volumes', id);
    return { id, sizeGB: volume?.size ?? 0, ...(volume?.format ? { format: volume.format } : {}) };
  }

  async applyServer(id: number): Promise<void> {
    const server = this.store.get('servers', id);
    if (!server) return;
    const wanted = this.wantedServer(id);
    // Between its creation and its start a server is off, whatever is done to it there.
    const running = wanted.running && server.status !== 'off';
    const boots = running && ['starting', 'rebuilding', 'migrating', 'unknown'].includes(server.status);
    const disk = server.status === 'rebuilding' ? (['disk'] as const) : [];
    const troubles = boots ? this.strikes.troublesOf(server, 'boot', ...disk) : [];
    await this.engine.putServer({ ...wanted, running, troubles });
  }

  /** A server that was just created: its disk and its cables, not its power. */
  async prepareServer(id: number): Promise<void> {
    const server = this.store.get('servers', id);
    if (!server) return;
    const troubles = this.strikes.troublesOf(server, 'disk');
    await this.engine.putServer({ ...this.wantedServer(id), running: false, troubles });
  }

  /** Gives the engine the firewalls of all servers. Many at once are one. */
  applyFirewalls(): Promise<void> {
    return this.#firewalls.request();
  }

  /** Gives the engine all floating IPs. Many at once are one. */
  applyFloatingIps(): Promise<void> {
    return this.#floatingIps.request();
  }

  #filters(): ServerFilter[] {
    const rules = new Map(
      this.store.all('firewalls').map((firewall) => [firewall.id, filterRules(firewall)]),
    );
    return this.store.all('servers').flatMap((server): ServerFilter[] => {
      if (!isPublic(server)) return [];
      const firewalls = firewallsOf(this, server);
      if (firewalls.length === 0) return [{ server: server.id }];
      return [{ server: server.id, rules: firewalls.flatMap((id) => rules.get(id) ?? []) }];
    });
  }
}

function filterRules({ rules }: Firewall): FilterRule[] {
  return rules.map((rule) => ({
    direction: rule.direction,
    protocol: rule.protocol,
    ...(rule.port === null ? {} : { port: rule.port }),
    ips: rule.direction === 'in' ? rule.source_ips : rule.destination_ips,
  }));
}
