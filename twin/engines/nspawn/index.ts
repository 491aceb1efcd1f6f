import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { Coalesced } from '../../coalesced.ts';
import type {
  MachineEngine,
  ObservedLoadBalancer,
  SavedImage,
  ServerFilter,
  WantedFloatingIp,
  WantedLoadBalancer,
  WantedNetwork,
  WantedPlaces,
  WantedServer,
} from '../engine.ts';
import { attempt, must, Turns } from './commands.ts';
import { hasOtherDisk, makeRescueRoot, putDisk, removeDisk } from './disk.ts';
import { putFirewall } from './firewall.ts';
import { liveNicLines, SET_ROOT_PASSWORD, withoutCables, writeClock, writeWiring } from './guest-files.ts';
import { destroyEverything, raiseLimits } from './host.ts';
import { makeInternet, publicLink, publicLinkLines, routeFloatingIps } from './internet.ts';
import { Layout, type NspawnSettings } from './layout.ts';
import { observeLoadBalancer, putLoadBalancer, removeLoadBalancer } from './load-balancer.ts';
import { cutPower, initOf, isRunning, shutdown, start, thaw } from './machine.ts';
import { Metadata } from './metadata.ts';
import {
  configure,
  hasLink,
  makeNamespace,
  namespaceExists,
  namespacesOf,
  removeLink,
  removeNamespace,
} from './namespaces.ts';
import { type Inhabitant, Places } from './places.ts';
import { connectNic, disconnectNic, interfaceName, putNetwork, routeAliases } from './private-network.ts';
import { keepImages, saveImage } from './saved-images.ts';
import { guestDevices, putVolume, removeVolume, renderDeviceRules } from './volumes.ts';

/** Real Debian machines in systemd-nspawn, on networks that route as Hetzner's do. Needs root. */
export function createNspawnEngine(settings: NspawnSettings): MachineEngine {
  return new NspawnEngine(new Layout(settings));
}

class NspawnEngine implements MachineEngine {
  readonly name = 'nspawn';
  readonly #layout: Layout;
  readonly #turns = new Turns();
  readonly #networks = new Map<number, WantedNetwork>();
  readonly #servers = new Map<number, WantedServer>();
  readonly #metadata: Metadata;
  readonly #balancers = new Map<number, WantedLoadBalancer>();
  readonly #places: Places;
  readonly #inhabiting = new Coalesced(() =>
    this.#places.apply(this.#inhabitants(), [...this.#networks.keys()]),
  );
  #floatingIps: readonly WantedFloatingIp[] = [];

  constructor(layout: Layout) {
    this.#layout = layout;
    this.#places = new Places(layout);
    this.#metadata = new Metadata(
      (address, network) => this.#caller(address, network),
      (id) => this.#networkRange(id),
    );
  }

  async open(): Promise<void> {
    await raiseLimits(this.#layout);
    await makeInternet(this.#layout);
    for (const id of this.#layout.serverIds()) {
      const wanted = this.#layout.wanted(id);
      if (wanted) this.#servers.set(id, wanted);
      await thaw(this.#layout, id);
    }
    await this.#metadata.listen(this.#layout.inet, undefined);
  }

  async observe() {
    return this.#layout.serverIds().map((id) => ({ id, running: isRunning(this.#layout, id) }));
  }

  putServer(server: WantedServer): Promise<void> {
    return this.#turns.take(`server ${server.id}`, async () => {
      const layout = this.#layout;
      await mkdir(layout.machine(server.id), { recursive: true, mode: 0o700 });
      if (hasOtherDisk(layout, server)) await this.#cutOff(server.id);
      await putDisk(layout, server);
      const before = this.#servers.get(server.id);
      const running = isRunning(layout, server.id);
      // What went wrong at its boot stays wrong until the next one.
      await this.#remember(running && before ? { ...server, troubles: before.troubles } : server);
      if (running) await this.#rewire(server, before);
      else if (server.running) await this.#boot(server);
      for (const network of this.#networks.values()) {
        if (server.privateNics.some((nic) => nic.network === network.id)) await putNetwork(layout, network);
      }
      await this.#inhabit();
    });
  }

  stopServer(id: number, how: 'graceful' | 'hard'): Promise<void> {
    return this.#turns.take(`server ${id}`, async () => {
      if (how === 'graceful') await shutdown(this.#layout, id);
      await this.#cutOff(id);
    });
  }

  setPassword(id: number, password: string): Promise<void> {
    return this.#turns.take(`server ${id}`, async () => {
      const [program = '', ...rest] = await this.execCommand({ server: id }, SET_ROOT_PASSWORD);
      await must(program, rest, `root:${password}\n`);
    });
  }

  saveImage(server: number, image: number): Promise<SavedImage> {
    return this.#turns.take(`server ${server}`, () => saveImage(this.#layout, server, image));
  }

  keepImages(images: readonly number[]): Promise<void> {
    return keepImages(this.#layout, images);
  }

  putPlaces(places: WantedPlaces): Promise<void> {
    this.#places.want(places);
    return this.#inhabit();
  }

  removeServer(id: number): Promise<void> {
    return this.#turns.take(`server ${id}`, async () => {
      await this.#cutOff(id);
      this.#servers.delete(id);
      await removeDisk(this.#layout.machine(id));
    });
  }

  putNetwork(network: WantedNetwork): Promise<void> {
    return this.#turns.take(`network ${network.id}`, async () => {
      this.#networks.set(network.id, network);
      await putNetwork(this.#layout, network);
      await this.#metadata.listen(this.#layout.network(network.id), network.id);
      await this.#inhabit();
    });
  }

  removeNetwork(id: number): Promise<void> {
    return this.#turns.take(`network ${id}`, async () => {
      this.#networks.delete(id);
      const namespace = this.#layout.network(id);
      await this.#metadata.close(namespace);
      await removeNamespace(namespace);
    });
  }

  putFirewalls(filters: readonly ServerFilter[]): Promise<void> {
    return this.#turns.take('firewalls', () => putFirewall(this.#layout.inet, filters));
  }

  putVolume(volume: Parameters<MachineEngine['putVolume']>[0]): Promise<void> {
    return this.#turns.take(`volume ${volume.id}`, () => putVolume(this.#layout, volume));
  }

  removeVolume(id: number): Promise<void> {
    return this.#turns.take(`volume ${id}`, () => removeVolume(this.#layout, id));
  }

  putLoadBalancer(balancer: WantedLoadBalancer): Promise<void> {
    return this.#turns.take(`load balancer ${balancer.id}`, async () => {
      this.#balancers.set(balancer.id, balancer);
      await putLoadBalancer(this.#layout, balancer, (id) => this.#networkRange(id));
      await this.#inhabit();
    });
  }

  removeLoadBalancer(id: number): Promise<void> {
    return this.#turns.take(`load balancer ${id}`, async () => {
      this.#balancers.delete(id);
      await removeLoadBalancer(this.#layout, id);
    });
  }

  observeLoadBalancers(): Promise<ObservedLoadBalancer[]> {
    return Promise.all(this.#layout.balancerIds().map((id) => observeLoadBalancer(this.#layout, id)));
  }

  putFloatingIps(addresses: readonly WantedFloatingIp[]): Promise<void> {
    this.#floatingIps = addresses;
    return this.#routeFloatingIps().then(() => this.#inhabit());
  }

  async execCommand(target: { readonly server: number } | 'internet', argv: readonly string[]) {
    if (target === 'internet') return ['ip', 'netns', 'exec', this.#layout.world, ...argv];
    const init = initOf(this.#layout, target.server);
    const into = ['--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup', '--root', '--wdns=/'];
    const environment = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root'];
    return ['nsenter', '--target', String(init), ...into, 'env', '-i', 'TERM=dumb', ...environment, ...argv];
  }

  async close(how: 'detach' | 'destroy'): Promise<void> {
    await this.#metadata.closeAll();
    if (how === 'destroy') await destroyEverything(this.#layout);
  }

  /** Tells every router who lives where, as it is when its turn comes. */
  #inhabit(): Promise<void> {
    return this.#inhabiting.request();
  }

  #inhabitants(): Inhabitant[] {
    const floating = (server: number) =>
      this.#floatingIps.filter((address) => address.server === server).map(({ ip }) => ip);
    return [...this.#servers.values(), ...this.#balancers.values()].map((one) => ({
      id: one.id,
      location: one.location,
      publicly: [one.publicIpv4, one.publicIpv6, ...floating(one.id)].filter(
        (address) => address !== undefined,
      ),
      privately: ('privateNics' in one ? one.privateNics : one.privateNic ? [one.privateNic] : []).map(
        (nic) => ({
          network: nic.network,
          addresses: [nic.ip, ...nic.aliasIps],
        }),
      ),
    }));
  }

  #networkRange(id: number): string {
    return this.#networks.get(id)?.ipRange ?? '';
  }

  /** Who asks the metadata service. */
  #caller(address: string, network: number | undefined): WantedServer | undefined {
    return [...this.#servers.values()].find((server) =>
      server.troubles.includes('no_metadata')
        ? false
        : network === undefined
          ? server.publicIpv4 === address
          : server.privateNics.some((nic) => nic.network === network && nic.ip === address),
    );
  }

  async #remember(server: WantedServer): Promise<void> {
    this.#servers.set(server.id, server);
    const file = this.#layout.machine(server.id, 'server.json');
    await writeFile(`${file}.new`, JSON.stringify(server), { mode: 0o600 });
    await rename(`${file}.new`, file);
  }

  /** A machine that was off gets a namespace that nothing of its past is in. */
  async #boot(server: WantedServer): Promise<void> {
    const layout = this.#layout;
    const namespace = layout.namespace(server.id);
    await this.#cutOff(server.id);
    await makeNamespace(namespace, false);
    if (server.publicIpv4 !== undefined || server.publicIpv6 !== undefined) {
      await configure(layout.inet, publicLinkLines(server, namespace));
    }
    for (const [index, nic] of server.privateNics.entries()) {
      await connectNic(layout, server, nic, index);
      await routeAliases(layout, server, nic);
    }
    await makeRescueRoot(layout, server);
    writeClock(
      layout.machine(server.id, server.rescue ? 'rescue/root' : 'root'),
      server.troubles.includes('clock_skew'),
    );
    await this.#writeWiring(server);
    await start(layout, server);
    await this.#routeFloatingIps();
  }

  /** Power and cables. The kernel takes a namespace's own ends of them away a while later, so ours go first. */
  async #cutOff(id: number): Promise<void> {
    const layout = this.#layout;
    await cutPower(layout, id);
    await removeLink(layout.inet, publicLink(id));
    for (const { network } of this.#servers.get(id)?.privateNics ?? []) {
      if (namespaceExists(layout.network(network))) await disconnectNic(layout, id, network);
    }
    await removeNamespace(layout.namespace(id));
  }

  async #writeWiring(server: WantedServer): Promise<void> {
    const devices = await guestDevices(this.#layout, server.volumes);
    const cables = this.#isCut(server) ? withoutCables(server) : server;
    // A machine in its rescue system finds the same when it comes back to its own disk.
    for (const root of ['root', 'rescue/root'].map((path) => this.#layout.machine(server.id, path))) {
      if (existsSync(root))
        writeWiring(root, cables, (id) => this.#networkRange(id), renderDeviceRules(devices));
    }
  }

  /** Networks and disks of a machine that runs, plugged in and out. */
  async #rewire(server: WantedServer, before: WantedServer | undefined): Promise<void> {
    const layout = this.#layout;
    const namespace = layout.namespace(server.id);
    await this.#writeWiring(server);
    for (const nic of before?.privateNics ?? []) {
      const stays = server.privateNics.some(({ network }) => network === nic.network);
      if (!stays && namespaceExists(layout.network(nic.network))) {
        await disconnectNic(layout, server.id, nic.network);
      }
    }
    for (const [index, nic] of server.privateNics.entries()) {
      const name = interfaceName(index);
      if (!(await hasLink(namespace, name))) {
        await connectNic(layout, server, nic, index);
        if (!this.#isCut(server))
          await configure(namespace, liveNicLines(this.#networkRange(nic.network), nic.ip, name));
      }
      await routeAliases(layout, server, nic);
    }
    await this.#inGuest(server.id, ['networkctl', 'reload']);
    const gone = (before?.volumes ?? []).filter((volume) => !server.volumes.includes(volume));
    const links = gone.map((volume) => `/dev/disk/by-id/scsi-0HC_Volume_${volume}`);
    await this.#inGuest(server.id, [
      'sh',
      '-c',
      'for link; do rm -f "$(readlink -f "$link")" "$link"; done',
      'sh',
      ...links,
    ]);
    await this.#inGuest(server.id, ['systemd-tmpfiles', '--create', '/etc/tmpfiles.d/hetzner-volumes.conf']);
  }

  /** Whether it booted without network. */
  #isCut({ id }: WantedServer): boolean {
    return this.#servers.get(id)?.troubles.includes('no_network') === true;
  }

  /** For what a guest that is still booting, or half broken, may refuse: it finds the same in its files. */
  async #inGuest(server: number, argv: readonly string[]): Promise<void> {
    const [program = '', ...rest] = await this.execCommand({ server }, argv);
    await attempt(program, rest);
  }

  #routeFloatingIps(): Promise<void> {
    return this.#turns.take('floating IPs', () =>
      routeFloatingIps(this.#layout, this.#floatingIps, (id) =>
        namespacesOf(this.#layout.name).includes(this.#layout.namespace(id))
          ? this.#servers.get(id)
          : undefined,
      ),
    );
  }
}
