import * as hcloud from '@pulumi/hcloud';
import * as pulumi from '@pulumi/pulumi';
import * as tls from '@pulumi/tls';
import type { Plan } from '../plan/index.ts';
import { type WireguardKey, wireguardKey } from './x25519.ts';

/** Every key pair of the way in, made before the machines that hold them; and who may log in. */
export class Keys extends pulumi.ComponentResource {
  /** What phases log in with. */
  readonly automationSsh: tls.PrivateKey;
  readonly automationWireguard: pulumi.Output<WireguardKey>;
  readonly gatewayWireguard: pulumi.Output<WireguardKey>;
  /** The program's and people's keys at Hetzner, which a server gets so that no password is mailed. */
  readonly sshKeyNames: readonly pulumi.Output<string>[];
  readonly #hostKeys: ReadonlyMap<string, tls.PrivateKey>;

  constructor(name: string, plan: Plan, opts?: pulumi.ComponentResourceOptions) {
    super('groundup:access:Keys', name, {}, opts);
    const pair = (of: string) => new tls.PrivateKey(of, { algorithm: 'ED25519' }, { parent: this });
    const wireguard = (of: string) => pulumi.secret(pair(of).privateKeyPemPkcs8.apply(wireguardKey));

    this.automationSsh = pair(`${plan.cluster}-automation-ssh`);
    this.automationWireguard = wireguard(`${plan.cluster}-automation-wireguard`);
    this.gatewayWireguard = wireguard(`${plan.cluster}-gateway-wireguard`);
    this.#hostKeys = new Map(
      [plan.gateway, ...plan.nodes].map((machine) => [machine.name, pair(`${machine.name}-host-key`)]),
    );
    const registered = [
      {
        name: plan.access.automationKeyName,
        publicKey: this.automationSsh.publicKeyOpenssh.apply((key) => key.trim()),
      },
      ...plan.access.people.map((person) => ({
        name: person.sshKeyName,
        publicKey: pulumi.output(person.sshKey),
      })),
    ];
    this.sshKeyNames = registered.map(
      (key) =>
        new hcloud.SshKey(
          key.name,
          { ...key, labels: plan.labels },
          { parent: this, deleteBeforeReplace: true },
        ).name,
    );
    this.registerOutputs({});
  }

  /** @throws Error when the plan has no such machine */
  hostKey(machine: string): tls.PrivateKey {
    const key = this.#hostKeys.get(machine);
    if (!key) throw new Error(`the plan has no machine ${machine}`);
    return key;
  }
}
