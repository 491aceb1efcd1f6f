/**
 * What `plan(spec)` decides, as plain data. Everything else (resources, phases, command line, tests) reads it
 * and decides nothing by itself. Every field is known before the first API call.
 */

/** An IPv4 range such as `10.0.0.0/16`. */
export type Cidr = string;
/** An IPv4 address such as `10.0.1.3`. */
export type Ipv4 = string;
/** Euros without VAT. */
export type Eur = number;

export interface Plan {
  /** The cluster's name; every resource's name begins with it. */
  readonly cluster: string;
  /** Labels that every resource carries: `groundup-cluster` and `groundup-stack-purpose`. */
  readonly labels: Labels;
  readonly network: NetworkPlan;
  readonly gateway: GatewayPlan;
  readonly firewalls: readonly FirewallPlan[];
  readonly placementGroups: readonly PlacementGroupPlan[];
  /** Control planes first, then pools by number, each by ordinal. */
  readonly nodes: readonly NodePlan[];
  readonly volumes: readonly VolumePlan[];
  readonly access: AccessPlan;
  readonly kubernetes: KubernetesPlan;
  readonly cost: CostPlan;
  /** Delete protection at Hetzner and in Pulumi for what holds data. */
  readonly protect: boolean;
}

export type Labels = Readonly<Record<string, string>>;

export interface NetworkPlan {
  readonly name: string;
  readonly cidr: Cidr;
  /** Hetzner's network zone, for example `eu-central`. */
  readonly zone: string;
  /** First address of the range: Hetzner's router. */
  readonly routerIp: Ipv4;
  /** 1450 bytes in Hetzner's private networks. */
  readonly mtu: number;
  readonly subnets: readonly SubnetPlan[];
  readonly routes: readonly RoutePlan[];
}

export interface SubnetPlan {
  /** `<cluster>-gateway` or `<cluster>-<pool>`. */
  readonly name: string;
  readonly cidr: Cidr;
}

export interface RoutePlan {
  /** `<cluster>-vpn` or `<cluster>-egress`. */
  readonly name: string;
  readonly destination: Cidr;
  readonly gatewayIp: Ipv4;
}

export interface GatewayPlan {
  readonly name: string;
  readonly serverType: string;
  readonly location: string;
  readonly image: ImagePlan;
  readonly privateIp: Ipv4;
  readonly subnet: string;
  readonly firewall: string;
  readonly labels: Labels;
  readonly vpn: VpnPlan;
}

export interface VpnPlan {
  /** UDP port of WireGuard, the only one open to the Internet. */
  readonly port: number;
  readonly cidr: Cidr;
  /** The gateway's own address inside the VPN. */
  readonly gatewayIp: Ipv4;
  readonly mtu: number;
  /** The program's own way in; people are in `access.people`. */
  readonly automationIp: Ipv4;
}

export interface ImagePlan {
  /** A system image by name, for example `debian-12` … */
  readonly name?: string;
  /** … or the newest snapshot that these labels select, for example `kubernetes=1.35.4`. */
  readonly selector?: string;
}

export interface FirewallPlan {
  readonly name: string;
  readonly labels: Labels;
  readonly rules: readonly FirewallRulePlan[];
}

export interface FirewallRulePlan {
  readonly description: string;
  readonly direction: 'in';
  readonly protocol: 'udp' | 'tcp';
  readonly port: string;
  readonly sourceIps: readonly string[];
}

export interface PlacementGroupPlan {
  readonly name: string;
  readonly labels: Labels;
}

export interface NodePlan {
  /** `<cluster>-<pool>-<ordinal>`: server name, host name and node name. */
  readonly name: string;
  readonly pool: string;
  readonly poolNumber: number;
  /** Counts from 1 and never changes for the life of the node. */
  readonly ordinal: number;
  readonly role: 'control-plane' | 'worker';
  readonly serverType: string;
  readonly location: string;
  readonly image: ImagePlan;
  readonly privateIp: Ipv4;
  readonly subnet: string;
  /** Whether the server has a public IPv4 and IPv6; then `firewall` names its firewall. */
  readonly public: boolean;
  readonly firewall?: string;
  readonly placementGroup?: string;
  readonly labels: Labels;
  readonly nodeLabels: Labels;
  readonly nodeTaints: readonly string[];
  /** Name of the volume that holds etcd's data; control planes only. */
  readonly etcdVolume?: string;
}

export interface VolumePlan {
  readonly name: string;
  readonly node: string;
  readonly location: string;
  readonly sizeGB: number;
  readonly format: 'ext4';
  readonly labels: Labels;
  readonly purpose: 'etcd';
}

export interface AccessPlan {
  readonly people: readonly PersonPlan[];
  /** Name of the SSH key that the program itself uses. */
  readonly automationKeyName: string;
}

export interface PersonPlan {
  readonly name: string;
  /** OpenSSH public key, ed25519 or sk-ed25519. */
  readonly sshKey: string;
  readonly sshKeyName: string;
  /** WireGuard public key, 44 characters of base64. */
  readonly wireguardKey: string;
  readonly vpnIp: Ipv4;
}

export interface KubernetesPlan {
  readonly engine: 'minimal' | 'kubespray';
  /** Without `v`, for example `1.35.4`. */
  readonly version: string;
  readonly podCidr: Cidr;
  readonly serviceCidr: Cidr;
  /** Tenth address of the service range, as kubeadm chooses it. */
  readonly dnsIp: Ipv4;
  /** Name and port of the API inside the cluster; each node's own load balancer answers it. */
  readonly apiName: string;
  readonly apiPort: number;
  /** Where people reach the API through the VPN: the gateway's load balancer. */
  readonly apiUrl: string;
  /** Every name and address in the API server's certificate. */
  readonly apiNames: readonly string[];
  /** Where binaries and images come from: the node image itself, or the vendors' sites. */
  readonly artefacts: 'image' | 'download';
  readonly auditLog: boolean;
  readonly encryptSecrets: boolean;
}

export interface CostPlan {
  readonly currency: 'EUR';
  /** Day of the price list, for example `2026-09-03`. */
  readonly pricesOf: string;
  readonly lines: readonly CostLine[];
  readonly monthlyEur: Eur;
}

export interface CostLine {
  readonly resource: string;
  readonly what: string;
  readonly monthlyEur: Eur;
}
