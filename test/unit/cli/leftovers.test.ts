import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HetznerApi } from '../../../src/cli/hetzner-api.ts';
import { removeLeftover } from '../../../src/cli/leftovers.ts';
import { LocalHetzner, TOKEN } from '../twin/local-hetzner.ts';

const VOLUME = 'hcloud:index/volume:Volume';
const wanted = { type: VOLUME, inputs: { name: 'data', labels: { 'groundup-cluster': 'dev' } } };
const EARLIER = '2020-01-01T00:00:00Z';

describe('what a failed creation left at Hetzner', () => {
  let hetzner: LocalHetzner;
  let api: HetznerApi;
  beforeEach(async () => {
    hetzner = new LocalHetzner();
    await hetzner.app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = hetzner.app.server.address() as AddressInfo;
    api = new HetznerApi(`http://127.0.0.1:${port}/v1`, TOKEN);
  });
  afterEach(() => hetzner.remove());
  const volume = async (labels: Record<string, string>, name = 'data') => {
    const { body } = await hetzner.call<{ volume: { id: number } }>('POST', '/volumes', {
      name,
      size: 10,
      location: 'fsn1',
      labels,
    });
    await hetzner.project.actions.idle();
    return body.volume.id;
  };
  const left = () => hetzner.store.all('volumes').map(({ id }) => id);
  const none = new Set<string>();

  it('is removed, and told', async () => {
    const id = await volume({ 'groundup-cluster': 'dev' });
    const told = await removeLeftover(api, wanted, none, EARLIER);
    expect(told).toEqual([expect.stringContaining(`volume data (id ${id}) was made although`)]);
    expect(left()).toEqual([]);
  });

  it.each([
    ["has another environment's label", { 'groundup-cluster': 'prod' }, /does not have the label/],
    ['has no label', {}, /does not have the label/],
  ])('is left alone when it %s', async (_, labels, message) => {
    const id = await volume(labels);
    expect((await removeLeftover(api, wanted, none, EARLIER)).join()).toMatch(message);
    expect(left()).toEqual([id]);
  });

  it('is left alone, and named, when it is older than the run', async () => {
    const id = await volume({ 'groundup-cluster': 'dev' });
    const later = new Date(Date.now() + 60_000).toISOString();
    const told = await removeLeftover(api, wanted, none, later);
    expect(told.join()).toMatch(/left alone.*hcloud volume delete/);
    expect(left()).toEqual([id]);
  });

  it('is left alone when nobody knows when the run began', async () => {
    const id = await volume({ 'groundup-cluster': 'dev' });
    expect((await removeLeftover(api, wanted, none, undefined)).join()).toMatch(/left alone/);
    expect(left()).toEqual([id]);
  });

  it('is no left-over when the state knows it, or its name is another', async () => {
    const ids = [
      await volume({ 'groundup-cluster': 'dev' }),
      await volume({ 'groundup-cluster': 'dev' }, 'else'),
    ];
    expect(await removeLeftover(api, wanted, new Set([`${VOLUME} ${ids[0]}`]), EARLIER)).toEqual([]);
    expect(left()).toEqual(ids);
  });

  it('a subnet goes only with a network that the state knows', async () => {
    const { body } = await hetzner.call<{ network: { id: number } }>('POST', '/networks', {
      name: 'n',
      ip_range: '10.0.0.0/16',
      subnets: [{ type: 'cloud', network_zone: 'eu-central', ip_range: '10.0.1.0/24' }],
    });
    const { id } = body.network;
    const subnet = {
      type: 'hcloud:index/networkSubnet:NetworkSubnet',
      inputs: { networkId: id, ipRange: '10.0.1.0/24' },
    };
    expect(await removeLeftover(api, subnet, none, EARLIER)).toEqual([]);
    const known = new Set([`hcloud:index/network:Network ${id}`]);
    expect(
      await removeLeftover(api, subnet, new Set([...known, `${subnet.type} ${id}-10.0.1.0/24`]), EARLIER),
    ).toEqual([]);
    expect(hetzner.store.get('networks', id)?.subnets.length).toBe(1);
    expect((await removeLeftover(api, subnet, known, EARLIER)).join()).toMatch(/subnet 10\.0\.1\.0\/24/);
    expect(hetzner.store.get('networks', id)?.subnets).toEqual([]);
  });

  it('asks again while the API is in trouble, and says so when it stays', async () => {
    await hetzner.call('POST', '/twin/faults', { name: 'unavailable', times: 1 });
    expect(await api.clock()).toBeInstanceOf(Date);
    await hetzner.call('POST', '/twin/faults', { name: 'unavailable', times: null });
    await expect(api.clock()).rejects.toThrow(/503: .+ \(unavailable\)\nHetzner's API is down/);
  });
});
