import * as hcloud from '@pulumi/hcloud';
import * as pulumi from '@pulumi/pulumi';
import type { Plan } from '../plan/index.ts';
import { toNumber } from './numbers.ts';

/** The private network with its subnets and routes, and the firewalls of public interfaces. */
export class Network extends pulumi.ComponentResource {
  readonly id: pulumi.Output<number>;
  /** Firewalls by name. */
  readonly firewalls: ReadonlyMap<string, hcloud.Firewall>;
  /** What a server must wait for before it takes an address. */
  readonly ready: readonly pulumi.Resource[];
  readonly #subnets: ReadonlyMap<string, hcloud.NetworkSubnet>;

  constructor(name: string, plan: Plan, opts?: pulumi.ComponentResourceOptions) {
    super('groundup:network:Network', name, {}, opts);
    const { network, firewalls, labels, protect } = plan;
    // Names and ranges are unique in a project, so the old one must go before the new one comes.
    const child = { parent: this, deleteBeforeReplace: true };

    const hetzner = new hcloud.Network(
      network.name,
      { name: network.name, ipRange: network.cidr, labels, deleteProtection: protect },
      { ...child, protect },
    );
    this.id = toNumber(hetzner.id);
    this.#subnets = new Map(
      network.subnets.map((subnet) => [
        subnet.name,
        new hcloud.NetworkSubnet(
          subnet.name,
          { networkId: this.id, type: 'cloud', networkZone: network.zone, ipRange: subnet.cidr },
          child,
        ),
      ]),
    );
    const routes = network.routes.map(
      (route) =>
        new hcloud.NetworkRoute(
          route.name,
          { networkId: this.id, destination: route.destination, gateway: route.gatewayIp },
          { ...child, dependsOn: [...this.#subnets.values()] },
        ),
    );
    this.firewalls = new Map(
      firewalls.map((firewall) => [
        firewall.name,
        new hcloud.Firewall(
          firewall.name,
          {
            name: firewall.name,
            labels: firewall.labels,
            rules: firewall.rules.map((rule) => ({ ...rule, sourceIps: [...rule.sourceIps] })),
          },
          child,
        ),
      ]),
    );
    this.ready = [...this.#subnets.values(), ...routes];
    this.registerOutputs({ id: this.id });
  }

  /** @throws Error when the plan names a subnet that it does not have */
  subnetId(name: string): pulumi.Output<string> {
    const subnet = this.#subnets.get(name);
    if (!subnet) throw new Error(`the plan has no subnet ${name}`);
    return subnet.id;
  }

  /** Ids of the firewalls for a machine's public interface. */
  firewallIds(name: string | undefined): pulumi.Output<number>[] {
    const firewall = name === undefined ? undefined : this.firewalls.get(name);
    return firewall ? [toNumber(firewall.id)] : [];
  }
}
