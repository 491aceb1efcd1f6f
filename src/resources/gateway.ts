import * as hcloud from '@pulumi/hcloud';
import * as pulumi from '@pulumi/pulumi';
import type { Plan } from '../plan/index.ts';
import { firstBoot, gatewayFiles, type HostFile } from './host-files.ts';
import { imageOf, packagesFor } from './images.ts';
import type { Keys } from './keys.ts';
import type { Network } from './network.ts';
import { toNumber } from './numbers.ts';
import { serverOptions } from './server-options.ts';
import { GATEWAY_COMMANDS, GATEWAY_PACKAGES, renderUserData } from './user-data.ts';
import { wgQuickFile } from './wg-quick.ts';

export interface GatewayArgs {
  readonly plan: Plan;
  readonly network: Network;
  readonly keys: Keys;
}

/** The only machine that the Internet can talk to, and only to its VPN. Its address outlives it. */
export class Gateway extends pulumi.ComponentResource {
  readonly server: hcloud.Server;
  readonly publicIp: pulumi.Output<string>;
  /** What its phase keeps true. Secret. */
  readonly files: pulumi.Output<HostFile[]>;
  /** Each person's file for `wg-quick`, by name. */
  readonly wgQuick: pulumi.Output<Record<string, string>>;

  constructor(name: string, { plan, network, keys }: GatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    super('groundup:access:Gateway', name, {}, opts);
    const { gateway, protect } = plan;
    const hostKey = keys.hostKey(gateway.name);

    const address = new hcloud.PrimaryIp(
      `${gateway.name}-ipv4`,
      {
        name: `${gateway.name}-ipv4`,
        type: 'ipv4',
        location: gateway.location,
        assigneeType: 'server',
        autoDelete: false,
        labels: gateway.labels,
        deleteProtection: protect,
      },
      { parent: this, protect, deleteBeforeReplace: true },
    );
    const gatewayKeys = pulumi
      .all([keys.gatewayWireguard, keys.automationWireguard])
      .apply(([own, automation]) => ({
        privateKey: own.privateKey,
        automationPublicKey: automation.publicKey,
      }));
    this.files = pulumi
      .all([gatewayKeys, keys.automationSsh.publicKeyOpenssh])
      .apply(([pair, sshKey]) => gatewayFiles(plan, pair, sshKey));
    const userData = pulumi
      .all([
        gatewayKeys,
        keys.automationSsh.publicKeyOpenssh,
        hostKey.privateKeyOpenssh,
        hostKey.publicKeyOpenssh,
      ])
      .apply(([pair, sshKey, privateKey, publicKey]) =>
        renderUserData({
          hostName: gateway.name,
          hostKey: { private: privateKey, public: publicKey },
          files: gatewayFiles(firstBoot(plan), pair, sshKey),
          packages: packagesFor(gateway.image, GATEWAY_PACKAGES),
          commands: GATEWAY_COMMANDS,
        }),
      );
    this.server = new hcloud.Server(
      gateway.name,
      {
        name: gateway.name,
        serverType: gateway.serverType,
        location: gateway.location,
        image: imageOf(gateway.image),
        labels: gateway.labels,
        sshKeys: [...keys.sshKeyNames],
        userData: pulumi.secret(userData),
        firewallIds: network.firewallIds(gateway.firewall),
        publicNets: [{ ipv4Enabled: true, ipv4: toNumber(address.id), ipv6Enabled: false }],
        networks: [{ subnetId: network.subnetId(gateway.subnet), ip: gateway.privateIp }],
        deleteProtection: protect,
        rebuildProtection: protect,
      },
      { ...serverOptions(this, protect), dependsOn: [...network.ready] },
    );
    this.publicIp = address.ipAddress;
    this.wgQuick = pulumi
      .all([keys.gatewayWireguard, this.publicIp])
      .apply(([{ publicKey }, publicIp]) =>
        Object.fromEntries(
          plan.access.people.map((person) => [
            person.name,
            wgQuickFile(plan, person, { publicKey, publicIp }),
          ]),
        ),
      );
    this.registerOutputs({ publicIp: this.publicIp });
  }
}
