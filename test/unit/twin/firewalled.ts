import type { ServerFilter } from '../../../twin/engines/engine.ts';
import { LocalHetzner } from './local-hetzner.ts';
import { refusal } from './networked.ts';

export interface ShownFirewall {
  readonly id: number;
  readonly name: string;
  readonly rules: readonly object[];
  readonly applied_to: readonly object[];
}

interface ShownAction {
  readonly id: number;
  readonly command: string;
  readonly status: string;
  readonly resources: readonly { readonly id: number; readonly type: string }[];
}

export interface Applied {
  readonly actions: readonly ShownAction[];
}

/** A rule that lets everyone in by one port. */
export const open = (port: string) => ({
  direction: 'in',
  protocol: 'tcp',
  port,
  source_ips: ['0.0.0.0/0', '::/0'],
});

export const toServer = (id: number) => ({ type: 'server', server: { id } });

export const toLabels = (selector: string) => ({ type: 'label_selector', label_selector: { selector } });

/** A project whose tests are about firewalls. */
export class FirewalledHetzner extends LocalHetzner {
  /** What the engine filters for a server; nothing where it filters nothing, not even what comes in. */
  readonly filtered: (server: number) => ServerFilter['rules'];

  constructor() {
    let filters: readonly ServerFilter[] = [];
    super({
      putFirewalls: async (wanted) => {
        filters = wanted;
      },
    });
    this.filtered = (server) => filters.find((filter) => filter.server === server)?.rules;
  }

  async firewall(more: object = {}): Promise<ShownFirewall> {
    const wanted = { name: 'web', ...more };
    return (await this.done<{ firewall: ShownFirewall }>('POST', '/firewalls', wanted)).firewall;
  }

  async shown(id: number): Promise<ShownFirewall> {
    return (await this.call<{ firewall: ShownFirewall }>('GET', `/firewalls/${id}`)).body.firewall;
  }

  act(id: number, action: string, payload: object): Promise<Applied> {
    return this.done<Applied>('POST', `/firewalls/${id}/actions/${action}`, payload);
  }

  apply(id: number, ...apply_to: object[]): Promise<Applied> {
    return this.act(id, 'apply_to_resources', { apply_to });
  }

  release(id: number, ...remove_from: object[]): Promise<Applied> {
    return this.act(id, 'remove_from_resources', { remove_from });
  }

  async refusedAct(id: number, action: string, payload: object) {
    return refusal(await this.call('POST', `/firewalls/${id}/actions/${action}`, payload));
  }

  async notCreated(payload: object) {
    return refusal(await this.call('POST', '/firewalls', { name: 'refused', ...payload }));
  }

  /** Ids of the firewalls that a server says guard it. */
  async firewallsOf(id: number): Promise<number[]> {
    type Guarded = { server: { public_net: { firewalls: { id: number; status: string }[] } } };
    const { server } = (await this.call<Guarded>('GET', `/servers/${id}`)).body;
    return server.public_net.firewalls.map((firewall) => firewall.id);
  }
}
