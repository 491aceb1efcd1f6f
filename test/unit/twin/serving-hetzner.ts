import { LocalHetzner } from './local-hetzner.ts';

export interface ShownAction {
  readonly id: number;
  readonly command: string;
  readonly status: string;
  readonly resources: readonly { readonly id: number; readonly type: string }[];
}

interface ShownAddress {
  readonly id: number;
  readonly ip: string;
}

export interface ShownServer {
  readonly id: number;
  readonly name: string;
  readonly status: string;
  readonly locked: boolean;
  readonly labels: object;
  readonly server_type: { readonly name: string };
  readonly location: { readonly name: string };
  readonly image: { readonly id: number; readonly name: string } | null;
  readonly iso: { readonly name: string } | null;
  readonly rescue_enabled: boolean;
  readonly backup_window: string | null;
  readonly primary_disk_size: number;
  readonly protection: { readonly delete: boolean; readonly rebuild: boolean };
  readonly volumes: readonly number[];
  readonly placement_group: { readonly id: number; readonly servers: readonly number[] } | null;
  readonly private_net: readonly {
    readonly network: number;
    readonly ip: string;
    readonly alias_ips: readonly string[];
  }[];
  readonly public_net: {
    readonly ipv4: (ShownAddress & { readonly dns_ptr: string }) | null;
    readonly ipv6: (ShownAddress & { readonly dns_ptr: readonly object[] }) | null;
    readonly floating_ips: readonly number[];
    readonly firewalls: readonly { readonly id: number; readonly status: string }[];
  };
}

export interface Created {
  readonly server: ShownServer;
  readonly action: ShownAction;
  readonly next_actions: readonly ShownAction[];
  readonly root_password: string | null;
}

/** Of the right form; nobody has private halves of them. */
export const PUBLIC_KEYS = [
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGIeIokzQRGs/wxip/ys/5vSN0KzJRSnNxZrUDMoKa9w one',
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJu73W4cr7+DaYohz8IqHKU0/2rZdyYTr0Xrv6IaXC6L two',
] as const;

/** A project whose tests are about servers and what goes with them. */
export class ServingHetzner extends LocalHetzner {
  /** A resource that is created, with its actions ended. */
  async made(path: string, singular: string, payload: object): Promise<{ readonly id: number }> {
    const body = await this.done<Record<string, { readonly id: number }>>('POST', path, payload);
    const made = body[singular];
    if (!made) throw new Error(`POST ${path} answered no ${singular}`);
    return made;
  }

  async network(name = 'private', ip_range = '10.0.0.0/16', subnets = ['10.0.1.0/24']): Promise<number> {
    const wanted = subnets.map((range) => ({
      type: 'cloud',
      ip_range: range,
      network_zone: 'eu-central',
    }));
    return (await this.made('/networks', 'network', { name, ip_range, subnets: wanted })).id;
  }

  async shown(id: number): Promise<ShownServer> {
    return (await this.call<{ server: ShownServer }>('GET', `/servers/${id}`)).body.server;
  }

  act<T = object>(id: number, action: string, payload: object = {}) {
    return this.done<T & { action: ShownAction }>('POST', `/servers/${id}/actions/${action}`, payload);
  }

  /** As `refused`, of an action of a server. */
  refusedAct(id: number, action: string, payload: object = {}) {
    return this.refused('POST', `/servers/${id}/actions/${action}`, payload);
  }
}
