/** What a project should hold: the least that tells which call succeeds. */
export interface Thing {
  readonly id: number;
  name: string;
  isProtected: boolean;
}

export interface Server extends Thing {
  isOn: boolean;
  readonly networks: Set<number>;
  group?: number;
}

export interface Holdable extends Thing {
  /** The server that it is attached or assigned to. */
  server?: number;
}

export interface Network extends Thing {
  readonly range: string;
}

export interface Volume extends Holdable {
  size: number;
}

export interface Firewall extends Thing {
  readonly servers: Set<number>;
}

export class World {
  readonly servers = new Map<number, Server>();
  readonly networks = new Map<number, Network>();
  readonly volumes = new Map<number, Volume>();
  readonly floating_ips = new Map<number, Holdable>();
  readonly firewalls = new Map<number, Firewall>();
  readonly placement_groups = new Map<number, Thing>();
  /** Every id that was ever given, by kind: none comes twice. */
  readonly #given: Map<string, Set<number>>;

  constructor(given = new Map<string, Set<number>>()) {
    this.#given = given;
  }

  /** Another world with nothing in it, in which no number comes again either. */
  emptied(): World {
    return new World(this.#given);
  }

  /** @throws Error when the id was given before */
  give(kind: string, id: number): number {
    const before = this.#given.get(kind) ?? new Set();
    if (before.has(id)) throw new Error(`${kind} ${id} is given a second time`);
    this.#given.set(kind, before.add(id));
    return id;
  }

  holders(group: number): Server[] {
    return [...this.servers.values()].filter((server) => server.group === group);
  }

  /** Takes a server away from everything that names it. */
  forget(server: number): void {
    this.servers.delete(server);
    for (const { servers } of this.firewalls.values()) servers.delete(server);
    for (const thing of [...this.volumes.values(), ...this.floating_ips.values()])
      if (thing.server === server) delete thing.server;
  }
}
