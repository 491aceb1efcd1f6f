import { LOCATIONS } from '../catalogue/locations.ts';
import { Coalesced } from '../coalesced.ts';
import type { MachineTrouble, WantedPlaces } from '../engines/engine.ts';
import type { Kind, Server } from '../model.ts';
import type { Project } from '../project.ts';

import { type Armed, FAULTS, type FaultName } from './index.ts';

/** Where an event can find something to strike, and when it could not, can so later. */
const RELEVANT: readonly Kind[] = ['servers', 'networks', 'actions'];
const EVERYWHERE = '0.0.0.0/0';

/**
 * Faults of machines and places. Places and events are followed: whenever something is armed, disarmed or changed, the
 * world is made to be as the armed faults say. Troubles of machines are taken at their next boot.
 */
export class Strikes {
  readonly #project: Project;
  readonly #log: (line: string) => void;
  readonly #following = new Coalesced(() => this.#follow());

  constructor(project: Project, log: (line: string) => void) {
    this.#project = project;
    this.#log = log;
  }

  /** From now on everything is followed; before, the engine has nothing that could be struck. */
  async begin(): Promise<void> {
    const { store, faults, rules } = this.#project;
    const follow = () => {
      this.#following.request().catch((error: unknown) => this.#log(`faults: ${String(error)}`));
    };
    faults.onChange(follow);
    rules.onChange(follow);
    store.watch((kinds) => {
      const waiting = faults.armed.some(({ name }) => FAULTS[name].stage === 'event');
      if (waiting && RELEVANT.some((kind) => kinds.has(kind))) follow();
    });
    await this.#following.request();
  }

  /** Resolves when what is armed now has struck. */
  idle(): Promise<void> {
    return this.#following.request();
  }

  /** What goes wrong with a disk that is about to be made, or a boot that is about to happen; counted down. */
  troublesOf(server: Server, ...moments: readonly ('disk' | 'boot')[]): MachineTrouble[] {
    const { faults } = this.#project;
    const waiting = faults.armed.filter(
      ({ name, on }) =>
        FAULTS[name].stage === 'machine' &&
        (on === undefined || on === server.name) &&
        moments.includes(name === 'disk_full' ? 'disk' : 'boot'),
    );
    const troubles = new Map(waiting.map((fault): [FaultName, Armed] => [fault.name, fault]));
    for (const { id } of troubles.values()) faults.spend(id);
    return [...troubles.keys()] as MachineTrouble[];
  }

  async #follow(): Promise<void> {
    await this.#project.engine.putPlaces(this.#places());
    for (const { name } of LOCATIONS) await this.#followLocation(name);
    for (const fault of this.#project.faults.armed) await this.#strike(fault);
  }

  #places(): WantedPlaces {
    const { rules, faults } = this.#project;
    const names = LOCATIONS.map(({ name }) => String(name));
    const pairs = names.flatMap((one, index) =>
      names.slice(index + 1).map((other): [string, string] => [one, other]),
    );
    const cut = faults.armed.filter(({ name }) => name === 'partition').map(({ on }) => on);
    return {
      delays: pairs.map((between) => ({ between, ms: rules.delayMs(...between) })),
      partitions: pairs.filter(([one, other]) =>
        cut.some((on) => on === undefined || on === `${one}.${other}` || on === `${other}.${one}`),
      ),
      down: names.filter((name) => this.#project.isDown(name)),
    };
  }

  /** Servers of a location lose their power with it, and start again when it is back. */
  async #followLocation(location: string): Promise<void> {
    const { store, engine } = this.#project;
    const down = this.#project.isDown(location);
    const here = store.all('servers').filter((server) => server.location === location && server.twin.wanted);
    const concerned = here.filter(({ status }) => (status === 'unknown') !== down);
    await Promise.all(
      concerned.map(async ({ id }) => {
        if (down) await engine.stopServer(id, 'hard');
        else await this.#project.applyServer(id);
        store.change(() => this.#project.settleServer(id));
      }),
    );
  }

  async #strike({ id, name, on }: Armed): Promise<void> {
    const { faults, store, engine } = this.#project;
    const victims =
      name === 'machine_crash' ? this.#machines(on) : name === 'gateway_down' ? this.#gateways(on) : [];
    const victim = victims.find((server) => this.#canStrike(server));
    if (!victim) return;
    faults.spend(id);
    await engine.stopServer(victim.id, 'hard');
    store.change(() => {
      const server = store.get('servers', victim.id);
      if (server) store.put('servers', { ...server, status: 'off', twin: { ...server.twin, wanted: false } });
    });
    this.#log(`${name}: server ${victim.id} ${victim.name} lost its power`);
  }

  #machines(name: string | undefined): readonly Server[] {
    return this.#project.store.all('servers').filter((server) => name === undefined || server.name === name);
  }

  /** Servers that the default route of a network leads to. */
  #gateways(name: string | undefined): readonly Server[] {
    const { store } = this.#project;
    const networks = store.all('networks').filter((network) => name === undefined || network.name === name);
    return networks.flatMap(({ id, routes }) => {
      const way = routes.find(({ destination }) => destination === EVERYWHERE)?.gateway;
      return store
        .all('servers')
        .filter(({ private_net }) => private_net.some((nic) => nic.network === id && nic.ip === way));
    });
  }

  /** What an action is at work on is struck when that has ended. */
  #canStrike({ id, status }: Server): boolean {
    return status === 'running' && !this.#project.actions.isBusy('server', id);
  }
}
