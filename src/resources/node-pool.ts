import * as hcloud from '@pulumi/hcloud';
import * as pulumi from '@pulumi/pulumi';
import type { NodePlan, Plan } from '../plan/index.ts';
import { firstBoot, type HostFile, nodeFiles } from './host-files.ts';
import { imageOf, packagesFor } from './images.ts';
import type { Keys } from './keys.ts';
import type { Network } from './network.ts';
import { toNumber } from './numbers.ts';
import { serverOptions } from './server-options.ts';
import { NODE_COMMANDS, NODE_PACKAGES, renderUserData } from './user-data.ts';

export interface NodePoolArgs {
  readonly plan: Plan;
  /** Nodes of this pool. */
  readonly nodes: readonly NodePlan[];
  readonly network: Network;
  readonly keys: Keys;
}

/** A machine of the cluster with what a phase must know of it. */
export interface ClusterNode {
  readonly plan: NodePlan;
  readonly server: hcloud.Server;
  /** Everything that must exist before a phase touches the machine. */
  readonly ready: readonly pulumi.Resource[];
  readonly files: pulumi.Output<HostFile[]>;
  /** Path of etcd's volume; control planes only. */
  readonly etcdDevice?: pulumi.Output<string>;
}

/** The machines of one pool, each in its place, with the volumes that hold data. */
export class NodePool extends pulumi.ComponentResource {
  readonly nodes: readonly ClusterNode[];

  constructor(name: string, args: NodePoolArgs, opts?: pulumi.ComponentResourceOptions) {
    super('groundup:compute:NodePool', name, {}, opts);
    const { plan } = args;
    const groups = new Map(
      plan.placementGroups
        .filter((group) => args.nodes.some((node) => node.placementGroup === group.name))
        .map((group) => [
          group.name,
          new hcloud.PlacementGroup(
            group.name,
            { name: group.name, type: 'spread', labels: group.labels },
            { parent: this, deleteBeforeReplace: true },
          ),
        ]),
    );
    this.nodes = args.nodes.map((node) => this.#node(args, node, groups.get(node.placementGroup ?? '')));
    this.registerOutputs({});
  }

  #node(
    { plan, network, keys }: NodePoolArgs,
    node: NodePlan,
    group: hcloud.PlacementGroup | undefined,
  ): ClusterNode {
    const hostKey = keys.hostKey(node.name);
    const files = keys.automationSsh.publicKeyOpenssh.apply((sshKey) => nodeFiles(plan, node, sshKey));
    const userData = pulumi
      .all([keys.automationSsh.publicKeyOpenssh, hostKey.privateKeyOpenssh, hostKey.publicKeyOpenssh])
      .apply(([sshKey, privateKey, publicKey]) =>
        renderUserData({
          hostName: node.name,
          hostKey: { private: privateKey, public: publicKey },
          files: nodeFiles(firstBoot(plan), node, sshKey),
          packages: packagesFor(node.image, NODE_PACKAGES),
          commands: NODE_COMMANDS,
        }),
      );
    const server = new hcloud.Server(
      node.name,
      {
        name: node.name,
        serverType: node.serverType,
        location: node.location,
        image: imageOf(node.image),
        labels: node.labels,
        sshKeys: [...keys.sshKeyNames],
        userData: pulumi.secret(userData),
        publicNets: [{ ipv4Enabled: node.public, ipv6Enabled: node.public }],
        networks: [{ subnetId: network.subnetId(node.subnet), ip: node.privateIp }],
        deleteProtection: plan.protect,
        rebuildProtection: plan.protect,
        ...(node.firewall === undefined ? {} : { firewallIds: network.firewallIds(node.firewall) }),
        ...(group === undefined ? {} : { placementGroupId: toNumber(group.id) }),
      },
      { ...serverOptions(this, plan.protect), dependsOn: [...network.ready] },
    );
    const volume = this.#etcdVolume(plan, node, server);
    return {
      plan: node,
      server,
      files,
      ready: [server, ...(volume?.ready ?? [])],
      ...(volume ? { etcdDevice: volume.device } : {}),
    };
  }

  /** A volume of its own keeps etcd's data when its machine is replaced. */
  #etcdVolume(plan: Plan, node: NodePlan, server: hcloud.Server) {
    const wanted = plan.volumes.find((volume) => volume.name === node.etcdVolume);
    if (!wanted) return undefined;
    const volume = new hcloud.Volume(
      wanted.name,
      {
        name: wanted.name,
        size: wanted.sizeGB,
        location: wanted.location,
        format: wanted.format,
        labels: wanted.labels,
        deleteProtection: plan.protect,
      },
      { parent: this, protect: plan.protect, deleteBeforeReplace: true },
    );
    const attachment = new hcloud.VolumeAttachment(
      wanted.name,
      { volumeId: toNumber(volume.id), serverId: toNumber(server.id), automount: false },
      { parent: this, deleteBeforeReplace: true },
    );
    return { ready: [volume, attachment], device: volume.linuxDevice };
  }
}
