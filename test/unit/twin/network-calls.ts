import type { LocalHetzner, Refusal } from './local-hetzner.ts';

export interface ShownNetwork {
  readonly id: number;
  readonly name: string;
  readonly ip_range: string;
  readonly subnets: readonly { readonly type: string; readonly ip_range: string; readonly gateway: string }[];
  readonly routes: readonly { readonly destination: string; readonly gateway: string }[];
  readonly servers: readonly number[];
  readonly load_balancers: readonly number[];
}

/** What tests of networks ask of a local Hetzner. @param hetzner the one of the present test */
export function networkCalls(hetzner: () => LocalHetzner) {
  const cloud = (ip_range?: string) => ({
    type: 'cloud',
    network_zone: 'eu-central',
    ...(ip_range ? { ip_range } : {}),
  });
  const vswitch = (ip_range: string, vswitch_id?: number) => ({
    type: 'vswitch',
    network_zone: 'eu-central',
    ip_range,
    ...(vswitch_id ? { vswitch_id } : {}),
  });
  const network = async (more: object = {}): Promise<ShownNetwork> =>
    (
      await hetzner().done<{ network: ShownNetwork }>('POST', '/networks', {
        name: 'private',
        ip_range: '10.0.0.0/16',
        ...more,
      })
    ).network;
  const shown = async (id: number) =>
    (await hetzner().call<{ network: ShownNetwork }>('GET', `/networks/${id}`)).body.network;
  const act = (id: number, action: string, payload: object = {}) =>
    hetzner().done<{ action: { command: string; resources: object[] } }>(
      'POST',
      `/networks/${id}/actions/${action}`,
      payload,
    );
  const refusal = ({ status, body }: { status: number; body: Refusal }) => {
    const { code, message, details } = body.error;
    const fields = (details as { fields?: { name: string }[] } | null)?.fields?.map(({ name }) => name);
    return { status, code, message, ...(fields ? { fields } : {}) };
  };
  const refused = async (id: number, action: string, payload: object) =>
    refusal(await hetzner().call('POST', `/networks/${id}/actions/${action}`, payload));
  const notCreated = async (payload: object) => refusal(await hetzner().call('POST', '/networks', payload));
  return { cloud, vswitch, network, shown, act, refusal, refused, notCreated };
}
