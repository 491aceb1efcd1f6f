import type { BalancerService } from '../model.ts';

/**
 * What carries the twin's servers, networks and volumes. The API decides and remembers; an engine makes it so.
 * Every `put…` is idempotent and takes the whole wanted state of one thing, so that a call after a crash mends
 * whatever the crash left. An engine reports failure by rejecting; the API turns that into a failed action.
 */
export interface MachineEngine {
  readonly name: 'none' | 'nspawn';
  /** Makes the base (namespaces, routers), adopting what an earlier run left. Must be called first. */
  open(): Promise<void>;
  /** What really exists now, for adoption after a restart of the twin. */
  observe(): Promise<readonly ObservedServer[]>;
  /**
   * Makes the disk from the image unless it has this `disk` already (everything on another one is lost, volumes stay),
   * wires networks and volumes, and starts the machine if `running`.
   */
  putServer(server: WantedServer): Promise<void>;
  /** Ends the machine: `graceful` asks its init and waits up to `timeoutSeconds` (60), `hard` is the power cord. */
  stopServer(id: number, how: 'graceful' | 'hard'): Promise<void>;
  /** Sets root's password on a machine that runs. @throws Error when it is off */
  setPassword(id: number, password: string): Promise<void>;
  /**
   * Keeps a copy of the machine's disk, running or off, as an image of that number; the one that is there already stays.
   * Volumes are no part of it.
   */
  saveImage(server: number, image: number): Promise<SavedImage>;
  /** Removes all saved images but these. */
  keepImages(images: readonly number[]): Promise<void>;
  /** Ends the machine and removes its disk. Volumes stay. */
  removeServer(id: number): Promise<void>;
  putNetwork(network: WantedNetwork): Promise<void>;
  removeNetwork(id: number): Promise<void>;
  /** The cloud firewall of all servers with a public interface, replaced as one. */
  putFirewalls(filters: readonly ServerFilter[]): Promise<void>;
  /** Creates or grows the volume; attachment is part of the server. */
  putVolume(volume: WantedVolume): Promise<void>;
  removeVolume(id: number): Promise<void>;
  /** Makes a load balancer as wanted; connections through one that runs already go on. */
  putLoadBalancer(balancer: WantedLoadBalancer): Promise<void>;
  removeLoadBalancer(id: number): Promise<void>;
  /** Load balancers that are here, with what they found out. Engines that balance nothing have none. */
  observeLoadBalancers(): Promise<readonly ObservedLoadBalancer[]>;
  putFloatingIps(addresses: readonly WantedFloatingIp[]): Promise<void>;
  /** How far locations are from each other, and what is broken between and in them. */
  putPlaces(places: WantedPlaces): Promise<void>;
  /** The program and arguments that run `argv` on a machine's console, or as someone on the Internet. */
  execCommand(
    target: { readonly server: number } | 'internet',
    argv: readonly string[],
  ): Promise<readonly string[]>;
  /** `detach` leaves machines running for the next twin; `destroy` leaves nothing at all. */
  close(how: 'detach' | 'destroy'): Promise<void>;
}

export interface ObservedServer {
  readonly id: number;
  readonly running: boolean;
}

export interface WantedServer {
  readonly id: number;
  readonly name: string;
  readonly running: boolean;
  /** Which disk of the server, counted from 0: a rebuild takes the next one. */
  readonly disk: number;
  /** Directory name of the machine image, for example `debian-12`, or `image-<number>` of a saved one. */
  readonly image: string;
  /** Root's password on a new disk; absent: none, SSH keys only. */
  readonly password?: string;
  /** Boots into the rescue system, which has these keys and this password for root. */
  readonly rescue?: { readonly sshKeys: readonly string[]; readonly password: string };
  /** What goes wrong at the next boot, by the names of faults. */
  readonly troubles: readonly MachineTrouble[];
  readonly userData: string;
  readonly sshKeys: readonly string[];
  readonly location: string;
  readonly cores: number;
  readonly memoryGB: number;
  /** Absent when the server has no public interface. */
  readonly publicIpv4?: string;
  /** The server's /64, for example `2001:db8:1:2::/64`; the server takes `…::1`. */
  readonly publicIpv6?: string;
  readonly privateNics: readonly WantedNic[];
  readonly volumes: readonly number[];
}

export type MachineTrouble = 'no_network' | 'no_metadata' | 'disk_full' | 'clock_skew';

export interface SavedImage {
  /** What it takes, compressed or shared as it may be. */
  readonly sizeGB: number;
}

export interface WantedPlaces {
  /** Milliseconds one way between two locations that differ; 0 where absent. */
  readonly delays: readonly { readonly between: readonly [string, string]; readonly ms: number }[];
  /** Pairs that do not reach each other, in private networks and by public addresses. */
  readonly partitions: readonly (readonly [string, string])[];
  /** Locations that nothing reaches, and that reach nothing. */
  readonly down: readonly string[];
}

export interface WantedNic {
  readonly network: number;
  readonly ip: string;
  readonly aliasIps: readonly string[];
  readonly mac: string;
}

export interface WantedNetwork {
  readonly id: number;
  readonly ipRange: string;
  readonly routes: readonly { readonly destination: string; readonly gateway: string }[];
}

export interface WantedVolume {
  readonly id: number;
  readonly sizeGB: number;
  readonly format?: 'ext4' | 'xfs';
}

export interface WantedLoadBalancer {
  readonly id: number;
  readonly location: string;
  /** Absent while the public interface is disabled. */
  readonly publicIpv4?: string;
  /** The balancer's /64, of which it takes `…::1`. */
  readonly publicIpv6?: string;
  readonly privateNic?: WantedNic;
  readonly algorithm: 'round_robin' | 'least_connections';
  readonly maxConnections: number;
  readonly services: readonly WantedService[];
  readonly targets: readonly WantedTarget[];
}

export interface WantedService extends Omit<BalancerService, 'http'> {
  readonly http?: Omit<NonNullable<BalancerService['http']>, 'certificates'> & {
    /** PEM: certificate, chain and key of each. None: TLS goes through to the targets. */
    readonly certificates: readonly string[];
  };
}

export interface WantedTarget {
  /** `server-12` or `ip-10.0.3.4`: the same while it is the same target. */
  readonly name: string;
  readonly address: string;
}

export interface ObservedLoadBalancer {
  readonly id: number;
  /** Whether something balances right now. */
  readonly running: boolean;
  /** By target and port that is listened on; one that is missing was not checked yet. */
  readonly health: readonly {
    readonly target: string;
    readonly listenPort: number;
    /** Absent when the target is healthy. */
    readonly problem?: HealthProblem;
  }[];
  readonly traffic: BalancerTraffic;
}

/** Why a health check fails. Source: https://docs.hetzner.cloud/reference/cloud#load-balancers */
export interface HealthProblem {
  readonly detail:
    | 'unspecified'
    | 'layer4_no_connection'
    | 'layer4_timeout'
    | 'layer7_timeout'
    | 'unexpected_http_status'
    | 'unexpected_http_content';
  /** Of an answer with an unexpected one. */
  readonly http_status_code?: number;
}

/** Sums since its proxy was last replaced, but for what is open right now. */
export interface BalancerTraffic {
  readonly openConnections: number;
  readonly connections: number;
  readonly requests: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

export interface WantedFloatingIp {
  readonly id: number;
  /** An address, or a /64 for IPv6. */
  readonly ip: string;
  /** Absent while unassigned. */
  readonly server?: number;
}

/** Effective rules of one server's public interface: stateful, all firewalls of the server merged. */
export interface ServerFilter {
  readonly server: number;
  /** Absent: no firewall at all, everything passes. */
  readonly rules?: readonly FilterRule[];
}

export interface FilterRule {
  readonly direction: 'in' | 'out';
  readonly protocol: 'tcp' | 'udp' | 'icmp' | 'esp' | 'gre';
  /** `443`, `80-85` or absent for all; tcp and udp only. */
  readonly port?: string;
  /** Sources of an `in` rule, destinations of an `out` rule. */
  readonly ips: readonly string[];
}
