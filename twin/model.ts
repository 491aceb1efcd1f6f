/** Objects as the API answers them; what a client never sees is under `twin`. */
export type Labels = Readonly<Record<string, string>>;

interface Named {
  readonly id: number;
  readonly name: string;
  readonly labels: Labels;
  readonly created: string;
}

export interface Protection {
  readonly delete: boolean;
}

export interface SshKey extends Named {
  readonly fingerprint: string;
  readonly public_key: string;
}

export interface Subnet {
  readonly type: 'cloud' | 'server' | 'vswitch';
  readonly ip_range: string;
  readonly network_zone: string;
  readonly gateway: string;
  readonly vswitch_id: number | null;
}

export interface Route {
  readonly destination: string;
  readonly gateway: string;
}

export interface Network extends Named {
  readonly ip_range: string;
  readonly subnets: readonly Subnet[];
  readonly routes: readonly Route[];
  readonly servers: readonly number[];
  readonly load_balancers: readonly number[];
  readonly protection: Protection;
  readonly expose_routes_to_vswitch: boolean;
}

export interface FirewallRule {
  readonly direction: 'in' | 'out';
  readonly protocol: 'tcp' | 'udp' | 'icmp' | 'esp' | 'gre';
  readonly port: string | null;
  readonly source_ips: readonly string[];
  readonly destination_ips: readonly string[];
  readonly description: string | null;
}

export interface Firewall extends Named {
  readonly rules: readonly FirewallRule[];
  /** Label selectors that it was applied to. Servers that it was applied to name it themselves. */
  readonly selectors: readonly string[];
}

export interface PlacementGroup extends Named {
  readonly type: 'spread';
  readonly servers: readonly number[];
}

export interface PrimaryIp extends Named {
  readonly ip: string;
  readonly type: 'ipv4' | 'ipv6';
  readonly assignee_id: number | null;
  readonly assignee_type: 'server' | 'load_balancer' | 'unassigned';
  readonly auto_delete: boolean;
  readonly blocked: boolean;
  readonly location: string;
  readonly protection: Protection;
  readonly dns_ptr: readonly DnsPointer[];
}

export interface FloatingIp extends Named {
  readonly ip: string;
  readonly type: 'ipv4' | 'ipv6';
  readonly description: string | null;
  readonly server: number | null;
  readonly home_location: string;
  readonly blocked: boolean;
  readonly protection: Protection;
  readonly dns_ptr: readonly DnsPointer[];
}

export interface DnsPointer {
  readonly ip: string;
  readonly dns_ptr: string;
}

export interface Volume extends Named {
  readonly size: number;
  readonly server: number | null;
  readonly location: string;
  readonly format: 'ext4' | 'xfs' | null;
  readonly status: 'creating' | 'available';
  readonly protection: Protection;
}

export interface PrivateNic {
  readonly network: number;
  readonly ip: string;
  readonly alias_ips: readonly string[];
  readonly mac_address: string;
}

export interface Server extends Named {
  readonly status:
    | 'initializing'
    | 'starting'
    | 'running'
    | 'stopping'
    | 'off'
    | 'deleting'
    | 'migrating'
    | 'rebuilding'
    | 'unknown';
  readonly server_type: string;
  readonly location: string;
  readonly image: number | null;
  readonly iso: number | null;
  /** Hours in which it is backed up, such as `22-02`; `null` without backups. */
  readonly backup_window: string | null;
  readonly primary_disk_size: number;
  readonly ipv4: number | null;
  readonly ipv6: number | null;
  readonly private_net: readonly PrivateNic[];
  readonly volumes: readonly number[];
  readonly floating_ips: readonly number[];
  /** Those that were applied to it by its id; others may guard it by its labels. */
  readonly firewalls: readonly number[];
  readonly placement_group: number | null;
  readonly protection: Protection & { readonly rebuild: boolean };
  readonly twin: {
    /** Whether the machine should run: what an engine makes true. */
    readonly wanted: boolean;
    /** Counts its disks, from 0; a rebuild takes the next one. */
    readonly disk: number;
    readonly userData: string;
    readonly sshKeys: readonly string[];
    /** Root's, on a new disk; `null` where keys were given. */
    readonly password: string | null;
    /** The next boot is into the rescue system, which lets in whoever has these. */
    readonly rescue: { readonly password: string; readonly sshKeys: readonly string[] } | null;
  };
}

export type BalancerProtocol = 'tcp' | 'http' | 'https';

export interface HealthCheck {
  readonly protocol: 'tcp' | 'http';
  readonly port: number;
  /** Seconds. */
  readonly interval: number;
  /** Seconds. */
  readonly timeout: number;
  /** Failures until a target is unhealthy, and successes until it is healthy again. */
  readonly retries: number;
  readonly http?: {
    /** Absent or empty: no Host header is sent. */
    readonly domain: string | null;
    readonly path: string;
    readonly response: string;
    /** With `?` for one digit and `*` for several. */
    readonly status_codes: readonly string[];
    readonly tls: boolean;
  };
}

export interface BalancerService {
  readonly protocol: BalancerProtocol;
  readonly listen_port: number;
  readonly destination_port: number;
  readonly proxyprotocol: boolean;
  readonly health_check: HealthCheck;
  /** Of protocols http and https. */
  readonly http?: {
    readonly cookie_name: string;
    /** Seconds. */
    readonly cookie_lifetime: number;
    /** Seconds. */
    readonly timeout_idle: number;
    readonly certificates: readonly number[];
    readonly redirect_http: boolean;
    readonly sticky_sessions: boolean;
  };
}

export type BalancerTarget =
  | { readonly type: 'server'; readonly server: { readonly id: number }; readonly use_private_ip: boolean }
  | {
      readonly type: 'label_selector';
      readonly label_selector: { readonly selector: string };
      readonly use_private_ip: boolean;
    }
  | { readonly type: 'ip'; readonly ip: { readonly ip: string } };

export interface LoadBalancer extends Named {
  readonly load_balancer_type: string;
  readonly location: string;
  /** Its primary IPs, for as long as it lives. */
  readonly ipv4: number;
  readonly ipv6: number;
  readonly public_enabled: boolean;
  readonly private_net: readonly { readonly network: number; readonly ip: string }[];
  readonly algorithm: { readonly type: 'round_robin' | 'least_connections' };
  readonly services: readonly BalancerService[];
  readonly targets: readonly BalancerTarget[];
  readonly protection: Protection;
}

export interface Certificate extends Named {
  readonly type: 'uploaded';
  /** With its chain, PEM. */
  readonly certificate: string;
  readonly domain_names: readonly string[];
  /** Of SHA-256, such as `03:c7:…`. */
  readonly fingerprint: string;
  readonly not_valid_before: string;
  readonly not_valid_after: string;
  readonly twin: { readonly privateKey: string };
}

/** What was kept of a server's disk. */
export interface SavedImage {
  readonly id: number;
  readonly type: 'snapshot' | 'backup';
  readonly status: 'creating' | 'available';
  readonly name: null;
  readonly description: string;
  /** Gigabytes that it takes; `null` while it is being created. */
  readonly image_size: number | null;
  /** Gigabytes of the disk that it needs. */
  readonly disk_size: number;
  readonly created: string;
  readonly created_from: { readonly id: number; readonly name: string };
  /** The server with which a backup goes. */
  readonly bound_to: number | null;
  readonly os_flavor: string;
  readonly os_version: string | null;
  readonly architecture: 'x86' | 'arm';
  readonly labels: Labels;
  readonly protection: Protection;
  /** Directory of the machine image that the server's first disk was made from. */
  readonly twin: { readonly base: string };
}

/** Where a secondary zone's records come from. */
export interface PrimaryNameserver {
  readonly address: string;
  readonly port: number;
  readonly tsig_key?: string | undefined;
  readonly tsig_algorithm?: 'hmac-md5' | 'hmac-sha1' | 'hmac-sha256' | undefined;
}

export interface Zone extends Named {
  readonly mode: 'primary' | 'secondary';
  /** Seconds, of records that have none of their own. */
  readonly ttl: number;
  /** Empty for a primary zone. */
  readonly primary_nameservers: readonly PrimaryNameserver[];
  readonly protection: Protection;
}

export interface DnsRecord {
  readonly value: string;
  readonly comment?: string | undefined;
}

/** All records of one name and type in a zone. */
export interface Rrset {
  readonly id: number;
  /** Relative to the zone; `@` for the zone itself. */
  readonly name: string;
  readonly type: string;
  /** Seconds; `null`: the zone's. */
  readonly ttl: number | null;
  readonly labels: Labels;
  readonly protection: { readonly change: boolean };
  readonly records: readonly DnsRecord[];
  readonly zone: number;
  readonly created: string;
}

export interface Action {
  readonly id: number;
  readonly command: string;
  readonly status: 'running' | 'success' | 'error';
  readonly progress: number;
  readonly started: string;
  readonly finished: string | null;
  readonly resources: readonly { readonly id: number; readonly type: string }[];
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** What the store keeps, by the name of its collection. */
export interface Collections {
  readonly ssh_keys: SshKey;
  readonly networks: Network;
  readonly firewalls: Firewall;
  readonly placement_groups: PlacementGroup;
  readonly primary_ips: PrimaryIp;
  readonly floating_ips: FloatingIp;
  readonly volumes: Volume;
  readonly servers: Server;
  readonly images: SavedImage;
  readonly load_balancers: LoadBalancer;
  readonly certificates: Certificate;
  readonly zones: Zone;
  readonly rrsets: Rrset;
  readonly actions: Action;
}

export type Kind = keyof Collections;
