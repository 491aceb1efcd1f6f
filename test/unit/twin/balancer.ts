import { expect } from 'vitest';
import { LocalHetzner } from './local-hetzner.ts';

export interface Balancer {
  readonly id: number;
  readonly name: string;
  readonly public_net: {
    readonly enabled: boolean;
    readonly ipv4: { readonly id: number; readonly ip: string; readonly dns_ptr: string | null };
    readonly ipv6: { readonly id: number; readonly ip: string; readonly dns_ptr: string | null };
  };
  readonly private_net: readonly { readonly network: number; readonly ip: string }[];
  readonly location: { readonly name: string };
  readonly load_balancer_type: { readonly name: string };
  readonly services: readonly {
    readonly protocol: string;
    readonly listen_port: number;
    readonly http?: object;
    readonly health_check: object;
  }[];
  readonly targets: readonly {
    readonly type: string;
    readonly health_status?: readonly { readonly listen_port: number; readonly status: string }[];
    readonly targets?: readonly { readonly server: { readonly id: number } }[];
  }[];
}

/** A project whose tests are about load balancers. */
export class BalancedHetzner extends LocalHetzner {
  async balancer(more: object = {}): Promise<Balancer> {
    const wanted = { name: 'web', load_balancer_type: 'lb11', location: 'fsn1', ...more };
    return (await this.done<{ load_balancer: Balancer }>('POST', '/load_balancers', wanted)).load_balancer;
  }

  async network(name = 'private', ip_range = '10.0.0.0/16', subnets = ['10.0.1.0/24']): Promise<number> {
    const { network } = await this.done<{ network: { id: number } }>('POST', '/networks', {
      name,
      ip_range,
      subnets: subnets.map((range) => ({ type: 'cloud', ip_range: range, network_zone: 'eu-central' })),
    });
    return network.id;
  }

  async shown(id: number): Promise<Balancer> {
    return (await this.call<{ load_balancer: Balancer }>('GET', `/load_balancers/${id}`)).body.load_balancer;
  }

  act(id: number, action: string, payload: object = {}) {
    return this.done('POST', `/load_balancers/${id}/actions/${action}`, payload);
  }

  /** The refusal of an action: its status and code. */
  async refusal(id: number, action: string, payload: object = {}): Promise<readonly [number, string]> {
    const { status, body } = await this.call('POST', `/load_balancers/${id}/actions/${action}`, payload);
    expect(status, JSON.stringify(body)).toBeGreaterThanOrEqual(400);
    return [status, body.error.code];
  }
}
