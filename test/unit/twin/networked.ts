import type { WantedNetwork } from '../../../twin/engines/engine.ts';
import { LocalHetzner, type Refusal } from './local-hetzner.ts';

export interface ShownNetwork {
  readonly id: number;
  readonly name: string;
  readonly ip_range: string;
  readonly subnets: readonly { readonly type: string; readonly ip_range: string; readonly gateway: string }[];
  readonly routes: readonly { readonly destination: string; readonly gateway: string }[];
  readonly servers: readonly number[];
  readonly load_balancers: readonly number[];
}

/** A subnet for servers and load balancers. */
export const cloud = (ip_range?: string) => ({
  type: 'cloud',
  network_zone: 'eu-central',
  ...(ip_range ? { ip_range } : {}),
});

export const vswitch = (ip_range: string, vswitch_id?: number) => ({
  type: 'vswitch',
  network_zone: 'eu-central',
  ip_range,
  ...(vswitch_id ? { vswitch_id } : {}),
});

/** What a client can tell of an answer that refuses. */
export function refusal({ status, body }: { readonly status: number; readonly body: Refusal }) {
  const { code, message, details } = body.error;
  const fields = (details as { fields?: { name: string }[] } | null)?.fields?.map(({ name }) => name);
  return { status, code, message, ...(fields ? { fields } : {}) };
}

/** A project whose tests are about networks. */
export class NetworkedHetzner extends LocalHetzner {
  /** What the engine was told to make of networks, the latest at the end. */
  readonly given: readonly WantedNetwork[];

  constructor() {
    const given: WantedNetwork[] = [];
    super({
      putNetwork: async (wanted) => {
        given.push(wanted);
      },
    });
    this.given = given;
  }

  async network(more: object = {}): Promise<ShownNetwork> {
    const wanted = { name: 'private', ip_range: '10.0.0.0/16', ...more };
    return (await this.done<{ network: ShownNetwork }>('POST', '/networks', wanted)).network;
  }

  async shown(id: number): Promise<ShownNetwork> {
    return (await this.call<{ network: ShownNetwork }>('GET', `/networks/${id}`)).body.network;
  }

  act(id: number, action: string, payload: object = {}) {
    return this.done<{ action: { id: number; command: string; resources: object[] } }>(
      'POST',
      `/networks/${id}/actions/${action}`,
      payload,
    );
  }

  async refusedAct(id: number, action: string, payload: object) {
    return refusal(await this.call('POST', `/networks/${id}/actions/${action}`, payload));
  }

  async notCreated(payload: object) {
    return refusal(await this.call('POST', '/networks', payload));
  }
}
