import { labelSelector } from './api/label-selector.ts';
import { findLoadBalancerType } from './catalogue/load-balancer-types.ts';
import type {
  MachineEngine,
  ObservedLoadBalancer,
  WantedLoadBalancer,
  WantedService,
  WantedTarget,
} from './engines/engine.ts';
import { BalancerMeter } from './load-balancer-meter.ts';
import type { BalancerService, BalancerTarget, Kind, LoadBalancer, Server } from './model.ts';
import { macAddress } from './ranges.ts';
import type { Store } from './store.ts';

/** Changes of these can change where a load balancer sends what it gets. */
const RELEVANT: readonly Kind[] = ['load_balancers', 'servers', 'primary_ips', 'certificates'];
const SAMPLE_MS = 10_000;

/** The address by which a load balancer reaches a server; absent when there is none. */
export function targetAddress(
  store: Store,
  balancer: Pick<LoadBalancer, 'private_net'>,
  server: Server,
  usePrivateIp: boolean,
): string | undefined {
  if (!usePrivateIp) return server.ipv4 === null ? undefined : store.get('primary_ips', server.ipv4)?.ip;
  return server.private_net.find(({ network }) => balancer.private_net.some((own) => own.network === network))
    ?.ip;
}

/** Servers that a label selector means, as far as the load balancer reaches them. */
export function selectedServers(
  store: Store,
  balancer: LoadBalancer,
  target: Extract<BalancerTarget, { type: 'label_selector' }>,
): Server[] {
  const matches = labelSelector(target.label_selector.selector);
  return store
    .all('servers')
    .filter(({ labels }) => matches(labels))
    .filter((server) => targetAddress(store, balancer, server, target.use_private_ip) !== undefined);
}

/** Load balancers that send something to a server, whether they name it or select it by its labels. */
export function loadBalancersOf(store: Store, server: Server): number[] {
  const sends = (balancer: LoadBalancer) =>
    balancer.targets.some((target) => {
      if (target.type === 'ip') return false;
      if (target.type === 'server') return target.server.id === server.id;
      return (
        labelSelector(target.label_selector.selector)(server.labels) &&
        targetAddress(store, balancer, server, target.use_private_ip) !== undefined
      );
    });
  return store
    .all('load_balancers')
    .filter(sends)
    .map(({ id }) => id);
}

const serverTarget = (id: number): string => `server-${id}`;
const ipTarget = (ip: string): string => `ip-${ip}`;

/** Keeps an engine's load balancers as the store wants them, and knows what the engine finds out about targets. */
export class LoadBalancing {
  readonly meter = new BalancerMeter();
  readonly #store: Store;
  readonly #engine: MachineEngine;
  readonly #isBusy: (id: number) => boolean;
  readonly #log: (line: string) => void;
  /** What the engine was last given, as text. */
  readonly #applied = new Map<number, string>();
  readonly #health = new Map<number, ObservedLoadBalancer['health']>();
  #following: Promise<void> | undefined;
  #again = false;
  /** Whether a load balancer had an action running when it should have followed. */
  #postponed = false;
  #sampler: NodeJS.Timeout | undefined;

  /** @param isBusy whether an action of a load balancer runs: it applies what is wanted itself */
  constructor(parts: {
    store: Store;
    engine: MachineEngine;
    isBusy: (id: number) => boolean;
    log: (line: string) => void;
  }) {
    this.#store = parts.store;
    this.#engine = parts.engine;
    this.#isBusy = parts.isBusy;
    this.#log = parts.log;
    this.#store.watch((kinds) => {
      const relevant = RELEVANT.some((kind) => kinds.has(kind)) || (this.#postponed && kinds.has('actions'));
      if (this.#applied.size > 0 && relevant) this.#follow();
    });
  }

  /** Gives the engine every load balancer, after a start; one that it cannot make is logged. */
  async restore(): Promise<void> {
    for (const { id } of await this.#engine.observeLoadBalancers()) {
      if (!this.#store.get('load_balancers', id)) await this.#engine.removeLoadBalancer(id);
    }
    for (const { id } of this.#store.all('load_balancers')) await this.#tryToApply(id);
  }

  async apply(id: number): Promise<void> {
    const balancer = this.#store.get('load_balancers', id);
    if (!balancer) return;
    const wanted = this.#wanted(balancer);
    await this.#engine.putLoadBalancer(wanted);
    if (this.#store.get('load_balancers', id)) this.#applied.set(id, JSON.stringify(wanted));
    this.#sampler ??= setInterval(() => {
      this.observe().catch((error: unknown) => this.#log(`load balancers cannot be observed: ${error}`));
    }, SAMPLE_MS).unref();
  }

  async remove(id: number): Promise<void> {
    this.#applied.delete(id);
    this.#health.delete(id);
    this.meter.forget(id);
    await this.#engine.removeLoadBalancer(id);
  }

  /** Asks the engine what it found out. */
  async observe(): Promise<void> {
    for (const { id, running, health, traffic } of await this.#engine.observeLoadBalancers()) {
      if (!running && this.#applied.has(id) && !this.#isBusy(id)) {
        this.#log(`load balancer ${id}: its proxy is gone, and is started again`);
        await this.#tryToApply(id);
      }
      this.meter.record(id, traffic, Date.now());
      // The same object as long as nothing changed: whoever rendered it need not do so again.
      if (JSON.stringify(this.#health.get(id)) !== JSON.stringify(health)) this.#health.set(id, health);
    }
  }

  /** Another object whenever the health of some target is another. */
  healthOf(id: number): unknown {
    return this.#health.get(id);
  }

  /** Of a target, for one service. Where nothing is really balanced, a target is as healthy as its server is on. */
  healthStatus(
    balancer: LoadBalancer,
    target: { readonly server: number } | { readonly ip: string },
    { listen_port }: BalancerService,
  ) {
    if (this.#engine.name === 'none') {
      if ('ip' in target) return { listen_port, status: 'unknown' };
      if (this.#store.get('servers', target.server)?.status === 'running')
        return { listen_port, status: 'healthy' };
      return { listen_port, status: 'unhealthy', detail: 'layer4_timeout' };
    }
    const name = 'ip' in target ? ipTarget(target.ip) : serverTarget(target.server);
    const found = this.#health
      .get(balancer.id)
      ?.find((one) => one.target === name && one.listenPort === listen_port);
    if (!found) return { listen_port, status: 'unknown' };
    return found.problem
      ? { listen_port, status: 'unhealthy', ...found.problem }
      : { listen_port, status: 'healthy' };
  }

  /** Waits for what follows a change of the store. */
  async idle(): Promise<void> {
    while (this.#following) await this.#following;
  }

  /** Applies load balancers whose wanted state is not that of their last time, soon. */
  #follow(): void {
    this.#again = true;
    this.#following ??= this.#catchUp();
  }

  async #catchUp(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      this.#postponed = false;
      await new Promise(setImmediate);
      for (const [id, applied] of [...this.#applied]) {
        const balancer = this.#store.get('load_balancers', id);
        const changed = balancer && JSON.stringify(this.#wanted(balancer)) !== applied;
        if (changed && this.#isBusy(id)) this.#postponed = true;
        else if (changed) await this.#tryToApply(id);
      }
    }
    this.#following = undefined;
  }

  async #tryToApply(id: number): Promise<void> {
    try {
      await this.apply(id);
    } catch (error) {
      this.#log(`load balancer ${id}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #wanted(balancer: LoadBalancer): WantedLoadBalancer {
    const { id } = balancer;
    const ipv4 = this.#store.get('primary_ips', balancer.ipv4)?.ip;
    const ipv6 = this.#store.get('primary_ips', balancer.ipv6)?.ip;
    const isPublic = balancer.public_enabled && ipv4 !== undefined && ipv6 !== undefined;
    const [nic] = balancer.private_net;
    return {
      id,
      location: balancer.location,
      ...(isPublic ? { publicIpv4: ipv4, publicIpv6: ipv6 } : {}),
      ...(nic ? { privateNic: { ...nic, aliasIps: [], mac: macAddress(nic.network, nic.ip) } } : {}),
      algorithm: balancer.algorithm.type,
      maxConnections: findLoadBalancerType(balancer.load_balancer_type)?.max_connections ?? 1,
      services: balancer.services.map((service) => this.#wantedService(service)),
      targets: this.#wantedTargets(balancer),
    };
  }

  #wantedService({ http, ...service }: BalancerService): WantedService {
    if (!http) return service;
    const certificates = http.certificates.flatMap((id) => {
      const certificate = this.#store.get('certificates', id);
      return certificate
        ? [`${certificate.certificate.trim()}\n${certificate.twin.privateKey.trim()}\n`]
        : [];
    });
    return { ...service, http: { ...http, certificates } };
  }

  /** A server that is named and selected, or selected twice, is one target. */
  #wantedTargets(balancer: LoadBalancer): WantedTarget[] {
    const targets = new Map<string, string>();
    const add = (server: Server, usePrivateIp: boolean) => {
      const name = serverTarget(server.id);
      const address = targetAddress(this.#store, balancer, server, usePrivateIp);
      if (address !== undefined && !targets.has(name)) targets.set(name, address);
    };
    for (const target of balancer.targets) {
      if (target.type === 'ip') targets.set(ipTarget(target.ip.ip), target.ip.ip);
      else if (target.type === 'label_selector')
        for (const server of selectedServers(this.#store, balancer, target))
          add(server, target.use_private_ip);
      else {
        const server = this.#store.get('servers', target.server.id);
        if (server) add(server, target.use_private_ip);
      }
    }
    return [...targets].map(([name, address]) => ({ name, address }));
  }
}
