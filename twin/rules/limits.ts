/** How sure we are of a fact: seen on the wire by someone who said so, written by Hetzner, or our best guess. */
export type Certainty = 'measured' | 'documented' | 'assumed';

/** A number of Hetzner's, and where it comes from. */
export interface Limit {
  readonly value: number;
  readonly what: string;
  readonly source: string;
  readonly certainty: Certainty;
}

const NETWORKS = 'https://docs.hetzner.com/cloud/networks/faq/';
const FIREWALLS = 'https://docs.hetzner.com/cloud/firewalls/faq/';
const REFERENCE = 'https://docs.hetzner.cloud/reference/cloud';
const ACCOUNT = 'https://docs.hetzner.com/cloud/servers/faq/#how-many-servers-can-i-create';

const limit = (value: number, what: string, source: string, certainty: Certainty = 'documented'): Limit => ({
  value,
  what,
  source,
  certainty,
});

/**
 * Every limit of a project, of an account and of single resources. The name is the one that `twin set limits.<name>`
 * takes; a refusal carries it in `details.limits[].name`, `primary_ips` as `primary_ip_limit`.
 */
export const LIMITS = {
  servers: limit(20_000, 'servers of a project', ACCOUNT, 'assumed'),
  dedicated_vcpus: limit(1_000_000, 'dedicated cores of a project', ACCOUNT, 'assumed'),
  primary_ips: limit(60_000, 'primary IPs of a project', ACCOUNT, 'assumed'),
  floating_ips: limit(1000, 'floating IPs of a project', ACCOUNT, 'assumed'),
  volumes: limit(10_000, 'volumes of a project', ACCOUNT, 'assumed'),
  volume_size_gb: limit(1_000_000, 'gigabytes of all volumes of a project', ACCOUNT, 'assumed'),
  networks: limit(1000, 'networks of a project', ACCOUNT, 'assumed'),
  snapshots: limit(1000, 'snapshots of a project', ACCOUNT, 'assumed'),
  ssh_keys: limit(1000, 'SSH keys of a project', ACCOUNT, 'assumed'),
  certificates: limit(1000, 'certificates of a project', ACCOUNT, 'assumed'),
  zones: limit(1000, 'DNS zones of a project', ACCOUNT, 'assumed'),
  load_balancers: limit(
    20,
    'load balancers of a project',
    'https://docs.hetzner.com/cloud/load-balancers/faq/',
  ),
  firewalls: limit(50, 'firewalls of a project', FIREWALLS),
  placement_groups: limit(
    50,
    'placement groups of a project',
    'https://docs.hetzner.com/cloud/placement-groups/faq/',
  ),
  placement_group_servers: limit(
    10,
    'servers of a placement group',
    'https://docs.hetzner.com/cloud/placement-groups/faq/',
  ),
  firewall_rules: limit(50, 'rules of a firewall', FIREWALLS),
  firewall_rule_ranges: limit(100, 'ranges of a firewall rule', REFERENCE),
  firewall_effective_rules: limit(500, 'rules of a firewall, each range counted', REFERENCE),
  server_firewalls: limit(5, 'firewalls of a server', FIREWALLS),
  server_networks: limit(3, 'private networks of a server', NETWORKS, 'assumed'),
  server_alias_ips: limit(5, 'alias IPs of a server in a network', NETWORKS, 'assumed'),
  server_volumes: limit(16, 'volumes of a server', 'https://github.com/hetznercloud/csi-driver'),
  network_servers: limit(100, 'servers and load balancers of a network', NETWORKS),
  network_subnets: limit(50, 'subnets of a network', NETWORKS),
  network_routes: limit(100, 'routes of a network', NETWORKS),
  user_data_bytes: limit(32_768, 'bytes of user data', REFERENCE),
  volume_min_gb: limit(
    10,
    'gigabytes of the smallest volume',
    'https://docs.hetzner.com/cloud/volumes/overview/',
  ),
  volume_max_gb: limit(
    10_240,
    'gigabytes of the largest volume',
    'https://docs.hetzner.com/cloud/volumes/overview/',
  ),
  requests_per_hour: limit(3600, 'API requests of a project per hour, refilled evenly', REFERENCE),
} as const satisfies Record<string, Limit>;

export type LimitName = keyof typeof LIMITS;
