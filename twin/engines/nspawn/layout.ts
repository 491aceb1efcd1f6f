import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PublicRanges } from '../../project.ts';
import type { WantedServer } from '../engine.ts';

export interface NspawnSettings {
  /** Beginning of every namespace, group and link that is ours. */
  readonly name: string;
  readonly stateDirectory: string;
  readonly imageDirectory: string;
  readonly ranges: PublicRanges;
}

/** Where everything of one twin lies: what a fresh process must know to find, use and remove it. */
export class Layout {
  readonly name: string;
  readonly state: string;
  readonly images: string;
  readonly ranges: PublicRanges;

  constructor(settings: NspawnSettings) {
    this.name = settings.name;
    this.state = settings.stateDirectory;
    this.images = settings.imageDirectory;
    this.ranges = settings.ranges;
  }

  /** The Internet's router. */
  get inet(): string {
    return `${this.name}-inet`;
  }
  /** Someone on the Internet. */
  get world(): string {
    return `${this.name}-world`;
  }
  /** The link from this computer to the Internet's router. */
  get hostLink(): string {
    return `${this.name}-host`;
  }
  get machines(): string {
    return join(this.state, 'machines');
  }
  get balancers(): string {
    return join(this.state, 'load-balancers');
  }
  /** Snapshots and backups, a directory each. */
  get savedImages(): string {
    return join(this.state, 'images');
  }
  get volumes(): string {
    return join(this.state, 'volumes');
  }

  /** The router of one private network. */
  network(id: number): string {
    return `${this.name}-priv-${id}`;
  }
  /** Of a server or a load balancer: no two things of a project have the same number. */
  namespace(server: number): string {
    return `${this.name}-s${server}`;
  }
  /** Below every hierarchy of `/sys/fs/cgroup`. */
  cgroup(server: number): string {
    return `${this.name}/${server}`;
  }
  machine(server: number, ...path: readonly string[]): string {
    return join(this.machines, String(server), ...path);
  }
  balancer(id: number, ...path: readonly string[]): string {
    return join(this.balancers, String(id), ...path);
  }
  savedImage(id: number): string {
    return join(this.savedImages, String(id));
  }
  volume(id: number): string {
    return join(this.volumes, `${id}.img`);
  }

  /** Servers that have a directory here, running or not. */
  serverIds(): number[] {
    return numbersIn(this.machines);
  }
  /** Load balancers that have a directory here. */
  balancerIds(): number[] {
    return numbersIn(this.balancers);
  }

  /** What was last asked for; absent when the machine was never completed. */
  wanted(server: number): WantedServer | undefined {
    const file = this.machine(server, 'server.json');
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as WantedServer) : undefined;
  }
}

function numbersIn(folder: string): number[] {
  return existsSync(folder) ? readdirSync(folder).map(Number).filter(Number.isInteger) : [];
}

/** `image.json` of a machine image. */
export interface ImageFile {
  /** Directories that must not lie on an overlay, each a copy of `data/<path>` of the image. */
  readonly data: readonly string[];
}
