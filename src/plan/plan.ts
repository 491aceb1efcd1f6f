import type { ClusterSpec } from '../config/schema.ts';
import { addressAt, gatewayAddress, poolSubnet } from './addresses.ts';
import { monthlyCost } from './cost.ts';
import type {
  FirewallPlan,
  GatewayPlan,
  KubernetesPlan,
  Labels,
  NetworkPlan,
  NodePlan,
  PersonPlan,
  Plan,
} from './model.ts';
import { etcdVolumes, imagePlan, poolNodes, poolPlacementGroups, poolSubnetName } from './nodes.ts';

const ANYONE = ['0.0.0.0/0', '::/0'];
/** Private networks carry 1450 bytes: https://docs.hetzner.com/networking/networks/faq/ */
const PRIVATE_MTU = 1450;
/** WireGuard's own default for a path of 1500 bytes. */
const VPN_MTU = 1420;
const API_PORT = 7443;
/** VPN addresses: 1 gateway, 2 this program, people from 11 on. */
const AUTOMATION_HOST = 2;
const PEOPLE_OFFSET = 10;

/**
 * Everything that a specification means, decided. Pure and deterministic: the same specification gives the same
 * plan, byte by byte. It trusts the specification, which `parseSpec` has checked.
 */
export function plan(spec: ClusterSpec): Plan {
  const labels: Labels = { 'groundup-cluster': spec.cluster };
  const pools = spec.pools.toSorted(
    (a, b) => Number(a.role === 'worker') - Number(b.role === 'worker') || a.number - b.number,
  );
  const nodesByPool = pools.map((pool) => ({ pool, nodes: poolNodes(spec, pool, labels) }));
  const nodes = nodesByPool.flatMap((entry) => entry.nodes);
  const gateway = planGateway(spec, labels);
  const uncosted: Omit<Plan, 'cost'> = {
    cluster: spec.cluster,
    labels,
    network: planNetwork(spec),
    gateway,
    firewalls: planFirewalls(spec, labels, nodes),
    placementGroups: pools.flatMap((pool) => poolPlacementGroups(spec.cluster, pool, labels)),
    nodes,
    volumes: nodesByPool.flatMap((entry) => etcdVolumes(entry.pool, entry.nodes)),
    access: {
      people: spec.access.people
        .map((person) => planPerson(spec, person))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      automationKeyName: `${spec.cluster}-automation`,
    },
    kubernetes: planKubernetes(spec, gateway, nodes),
    protect: spec.protect,
  };
  return { ...uncosted, cost: monthlyCost(uncosted) };
}

function planNetwork(spec: ClusterSpec): NetworkPlan {
  const { cidr, zone, vpnCidr } = spec.network;
  const gatewayIp = gatewayAddress(cidr);
  return {
    name: spec.cluster,
    cidr,
    zone,
    routerIp: addressAt(cidr, 1),
    mtu: PRIVATE_MTU,
    subnets: [
      { name: `${spec.cluster}-gateway`, cidr: poolSubnet(cidr, 0) },
      ...spec.pools
        .toSorted((a, b) => a.number - b.number)
        .map((pool) => ({ name: poolSubnetName(spec.cluster, pool), cidr: poolSubnet(cidr, pool.number) })),
    ],
    routes: [
      { name: `${spec.cluster}-vpn`, destination: vpnCidr, gatewayIp },
      { name: `${spec.cluster}-egress`, destination: '0.0.0.0/0', gatewayIp },
    ],
  };
}

function planGateway(spec: ClusterSpec, labels: Labels): GatewayPlan {
  const { gateway, vpnPort } = spec.access;
  return {
    name: `${spec.cluster}-gateway`,
    serverType: gateway.serverType,
    location: gateway.location,
    image: imagePlan(gateway.image),
    privateIp: gatewayAddress(spec.network.cidr),
    subnet: `${spec.cluster}-gateway`,
    firewall: `${spec.cluster}-gateway`,
    labels: { ...labels, 'groundup-role': 'gateway' },
    vpn: {
      port: vpnPort,
      cidr: spec.network.vpnCidr,
      gatewayIp: addressAt(spec.network.vpnCidr, 1),
      mtu: VPN_MTU,
      automationIp: addressAt(spec.network.vpnCidr, AUTOMATION_HOST),
    },
  };
}

/** The only ports that anyone on the Internet reaches. */
function planFirewalls(spec: ClusterSpec, labels: Labels, nodes: readonly NodePlan[]): FirewallPlan[] {
  const open = (description: string, protocol: 'udp' | 'tcp', port: number) =>
    [{ description, direction: 'in', protocol, port: String(port), sourceIps: ANYONE }] as const;
  return [
    { name: `${spec.cluster}-gateway`, labels, rules: open('WireGuard', 'udp', spec.access.vpnPort) },
    ...(nodes.some((node) => node.public)
      ? [{ name: `${spec.cluster}-public`, labels, rules: open('HTTPS', 'tcp', 443) }]
      : []),
  ];
}

function planPerson(spec: ClusterSpec, person: ClusterSpec['access']['people'][number]): PersonPlan {
  return {
    name: person.name,
    sshKey: person.sshKey.trim().split(/\s+/).slice(0, 2).join(' '),
    sshKeyName: `${spec.cluster}-${person.name}`,
    wireguardKey: person.wireguardKey,
    vpnIp: addressAt(spec.network.vpnCidr, PEOPLE_OFFSET + person.number),
  };
}

function planKubernetes(spec: ClusterSpec, gateway: GatewayPlan, nodes: readonly NodePlan[]): KubernetesPlan {
  const { engine, version, artefacts, auditLog, encryptSecrets } = spec.kubernetes;
  const apiName = `api.${spec.cluster}.internal`;
  const controlPlanes = nodes.filter((node) => node.role === 'control-plane');
  return {
    engine,
    version,
    podCidr: spec.network.podCidr,
    serviceCidr: spec.network.serviceCidr,
    dnsIp: addressAt(spec.network.serviceCidr, 10),
    apiName,
    apiPort: API_PORT,
    apiUrl: `https://${gateway.privateIp}:6443`,
    apiNames: [apiName, gateway.privateIp, '127.0.0.1', ...controlPlanes.map((node) => node.privateIp)],
    artefacts,
    auditLog,
    encryptSecrets,
  };
}
