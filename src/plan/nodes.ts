import type { ClusterSpec, PoolSpec } from '../config/schema.ts';
import { nodeAddress } from './addresses.ts';
import { LIMITS, LOCATIONS } from './catalogue.ts';
import type { Labels, NodePlan, PlacementGroupPlan, VolumePlan } from './model.ts';

/** Enough for years of etcd: its own limit is 2 GB unless it is raised. */
const ETCD_VOLUME_GB = 10;

export function poolLabels(labels: Labels, pool: PoolSpec): Labels {
  return { ...labels, 'groundup-pool': pool.name, 'groundup-role': pool.role };
}

export function poolSubnetName(cluster: string, pool: PoolSpec): string {
  return `${cluster}-${pool.name}`;
}

/** Machines of one pool. Nothing here depends on another pool, or on how many machines this one has. */
export function poolNodes(spec: ClusterSpec, pool: PoolSpec, labels: Labels): NodePlan[] {
  return Array.from({ length: pool.count }, (_, index) => poolNode(spec, pool, labels, index + 1));
}

function poolNode(spec: ClusterSpec, pool: PoolSpec, labels: Labels, ordinal: number): NodePlan {
  const name = `${spec.cluster}-${pool.name}-${ordinal}`;
  const location = pool.locations[(ordinal - 1) % pool.locations.length] ?? '';
  return {
    name,
    pool: pool.name,
    poolNumber: pool.number,
    ordinal,
    role: pool.role,
    serverType: pool.serverType,
    location,
    image: imagePlan(spec.kubernetes.image),
    privateIp: nodeAddress(spec.network.cidr, pool.number, ordinal),
    subnet: poolSubnetName(spec.cluster, pool),
    public: pool.public,
    ...(pool.public ? { firewall: `${spec.cluster}-public` } : {}),
    placementGroup: placementGroupName(spec.cluster, pool, ordinal),
    labels: { ...poolLabels(labels, pool), 'groundup-node': name },
    nodeLabels: {
      'topology.kubernetes.io/region': LOCATIONS[location]?.zone ?? '',
      'topology.kubernetes.io/zone': location,
      'groundup.io/pool': pool.name,
      ...pool.labels,
    },
    nodeTaints: pool.taints,
    ...(pool.role === 'control-plane' ? { etcdVolume: `${name}-etcd` } : {}),
  };
}

/** Ten servers fit into a group; a machine's group follows from its ordinal, so it never moves. */
function placementGroupName(cluster: string, pool: PoolSpec, ordinal: number): string {
  return `${cluster}-${pool.name}-${Math.ceil(ordinal / LIMITS.serversPerPlacementGroup)}`;
}

export function poolPlacementGroups(cluster: string, pool: PoolSpec, labels: Labels): PlacementGroupPlan[] {
  const groups = Math.ceil(pool.count / LIMITS.serversPerPlacementGroup);
  return Array.from({ length: groups }, (_, index) => ({
    name: placementGroupName(cluster, pool, index * LIMITS.serversPerPlacementGroup + 1),
    labels: poolLabels(labels, pool),
  }));
}

export function etcdVolumes(pool: PoolSpec, nodes: readonly NodePlan[]): VolumePlan[] {
  return nodes.flatMap((node) =>
    node.etcdVolume === undefined
      ? []
      : [
          {
            name: node.etcdVolume,
            node: node.name,
            location: node.location,
            sizeGB: pool.etcdVolumeGB ?? ETCD_VOLUME_GB,
            format: 'ext4',
            labels: node.labels,
            purpose: 'etcd',
          },
        ],
  );
}

/** Exactly one of the two is set, as the configuration checks. */
export function imagePlan(image: {
  readonly name?: string | undefined;
  readonly selector?: string | undefined;
}) {
  return image.selector === undefined ? { name: image.name ?? '' } : { selector: image.selector };
}
