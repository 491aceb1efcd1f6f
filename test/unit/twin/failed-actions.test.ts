import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LocalHetzner } from './local-hetzner.ts';

interface ShownServer {
  readonly server: {
    readonly status: string;
    readonly volumes: readonly number[];
    readonly public_net: { readonly ipv4: { readonly ip: string } | null };
  };
}

describe('an action that fails', () => {
  let hetzner: LocalHetzner;
  beforeEach(() => {
    hetzner = new LocalHetzner();
  });
  afterEach(() => hetzner.remove());

  const fails = (command: string) => hetzner.project.faults.arm('action_fails', 1, command);
  const shown = async (id: number) => (await hetzner.call<ShownServer>('GET', `/servers/${id}`)).body.server;

  it('takes nothing from what an earlier action of the same request made', async () => {
    fails('start_server');
    const { id } = await hetzner.server('one');
    const server = await shown(id);
    expect(server.status).toBe('off');
    expect(server.public_net.ipv4?.ip).toMatch(/^198\.18\./);
    expect(hetzner.store.all('primary_ips').length).toBe(2);
  });

  it('leaves a new volume unattached on both sides', async () => {
    const { id } = await hetzner.server('one');
    fails('attach_volume');
    const wanted = { name: 'data', size: 10, server: id };
    const { volume } = await hetzner.done<{ volume: { id: number } }>('POST', '/volumes', wanted);
    expect((await shown(id)).volumes).toEqual([]);
    expect(hetzner.store.get('volumes', volume.id)).toMatchObject({ server: null, status: 'available' });
  });

  it('is taken back on both sides even where something else changed meanwhile', async () => {
    const { id } = await hetzner.server('one');
    const { volume } = await hetzner.done<{ volume: { id: number } }>('POST', '/volumes', {
      name: 'data',
      size: 10,
      location: 'fsn1',
    });
    hetzner.project.rules.set({ speed: '100' });
    fails('attach_volume');
    await hetzner.call('POST', `/volumes/${volume.id}/actions/attach`, { server: id });
    hetzner.store.change(() => {
      const server = hetzner.store.get('servers', id);
      if (server) hetzner.store.put('servers', { ...server, labels: { changed: 'meanwhile' } });
    });
    await hetzner.project.actions.idle();
    expect(hetzner.store.get('servers', id)).toMatchObject({ volumes: [], labels: { changed: 'meanwhile' } });
    expect(hetzner.store.get('volumes', volume.id)?.server).toBeNull();
  });

  it('to delete a server leaves it where it was in every list', async () => {
    const names = ['one', 'two', 'three'];
    const ids: number[] = [];
    for (const name of names) ids.push((await hetzner.server(name)).id);
    fails('delete_server');
    await hetzner.done('DELETE', `/servers/${ids[0]}`);
    const { servers } = (await hetzner.call<{ servers: { name: string }[] }>('GET', '/servers')).body;
    expect(servers.map(({ name }) => name)).toEqual(names);
    const again = await hetzner.call('PUT', `/servers/${ids[1]}`, { name: 'one' });
    expect(again.body.error.code).toBe('uniqueness_error');
  });

  it('to begin with a request that is refused half-way leaves no trace of itself', async () => {
    const one = await hetzner.server('one');
    const target = (id: number) => ({ type: 'server', server: { id } });
    const { firewall } = await hetzner.done<{ firewall: { id: number } }>('POST', '/firewalls', {
      name: 'web',
      apply_to: [target(one.id)],
    });
    const before = hetzner.store.count('actions');
    hetzner.project.rules.set({ speed: '1' });
    const path = `/firewalls/${firewall.id}/actions/remove_from_resources`;
    expect((await hetzner.call('POST', path, { remove_from: [target(one.id), target(4711)] })).status).toBe(
      404,
    );
    expect(hetzner.project.actions.isBusy('firewall', firewall.id)).toBe(false);
    await hetzner.project.actions.idle();
    expect(hetzner.store.count('actions')).toBe(before);
  });
});
