import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LocalHetzner } from './local-hetzner.ts';

interface ShownVolume {
  readonly id: number;
  readonly status: string;
  readonly server: number | null;
}

describe('volumes of the local Hetzner', () => {
  let hetzner: LocalHetzner;
  beforeEach(() => {
    hetzner = new LocalHetzner();
  });
  afterEach(() => hetzner.remove());

  const wanted = { name: 'data', size: 10, location: 'fsn1' };
  const create = async (more: object = {}): Promise<ShownVolume> =>
    (await hetzner.done<{ volume: ShownVolume }>('POST', '/volumes', { ...wanted, ...more })).volume;
  const notCreated = (more: object) => hetzner.refused('POST', '/volumes', { ...wanted, ...more });
  const shown = async (id: number) =>
    (await hetzner.call<{ volume: ShownVolume }>('GET', `/volumes/${id}`)).body.volume;
  const act = (id: number, action: string, payload: object = {}) =>
    hetzner.done('POST', `/volumes/${id}/actions/${action}`, payload);
  const refused = (id: number, action: string, payload: object = {}) =>
    hetzner.refused('POST', `/volumes/${id}/actions/${action}`, payload);

  it('are being created first and available then, with the path of their device', async () => {
    const { body } = await hetzner.call<{ volume: ShownVolume; action: object; next_actions: object[] }>(
      'POST',
      '/volumes',
      { ...wanted, format: 'ext4' },
    );
    expect(body).toMatchObject({
      volume: { status: 'creating', server: null, protection: { delete: false }, format: 'ext4' },
      action: { command: 'create_volume' },
      next_actions: [],
    });
    await hetzner.project.actions.idle();
    const { id } = body.volume;
    expect(await shown(id)).toMatchObject({
      status: 'available',
      linux_device: `/dev/disk/by-id/scsi-0HC_Volume_${id}`,
      location: { name: 'fsn1' },
    });
    const { body: list } = await hetzner.call<{ volumes: object[] }>('GET', '/volumes?status=creating');
    expect(list.volumes).toEqual([]);
  });

  it('created for a server are where it is, and attached by a second action', async () => {
    const server = await hetzner.server('one');
    const { body } = await hetzner.call<{ volume: ShownVolume; next_actions: { command: string }[] }>(
      'POST',
      '/volumes',
      { name: 'data', size: 10, server: server.id, format: 'xfs', automount: true },
    );
    expect(body.volume).toMatchObject({ server: server.id, location: { name: 'fsn1' } });
    expect(body.next_actions.map(({ command }) => command)).toEqual(['attach_volume']);
    await hetzner.project.actions.idle();
    expect(hetzner.store.get('servers', server.id)?.volumes).toEqual([body.volume.id]);
  });

  it('are refused with every field that does not fit', async () => {
    const { id } = await hetzner.server('one');
    expect(await notCreated({ size: 9 })).toBe('422 invalid_input size');
    expect(await notCreated({ size: 10_241 })).toBe('422 invalid_input size');
    expect(await notCreated({ name: '-data' })).toBe('422 invalid_input name');
    expect(await notCreated({ name: 'x'.repeat(65) })).toBe('422 invalid_input name');
    expect(await notCreated({ format: 'btrfs' })).toBe('422 invalid_input format');
    expect(await notCreated({ location: null })).toBe('422 invalid_input server location');
    expect(await notCreated({ location: 'mars' })).toBe('422 invalid_input location');
    expect(await notCreated({ automount: true, server: id })).toBe('422 invalid_input format automount');
    expect(await notCreated({ automount: true, format: 'ext4' })).toBe('422 invalid_input automount');
    expect(await notCreated({ location: 'hel1', server: id })).toBe('422 invalid_input server');
  });

  it('have names of their own, and no more of them than the project may have', async () => {
    await create();
    expect(await notCreated({})).toBe('409 uniqueness_error name');
    hetzner.project.rules.set({ 'limits.volume_size_gb': '15' });
    expect(await notCreated({ name: 'more' })).toBe('403 resource_limit_exceeded volume_size_gb_limit');
    hetzner.project.rules.set({ 'limits.volume_size_gb': null, 'limits.volumes': '1' });
    expect(await notCreated({ name: 'more' })).toBe('403 resource_limit_exceeded volume_limit');
  });

  it('find no place where a location has none left, neither when they grow', async () => {
    const { id } = await create();
    hetzner.project.rules.set({ 'stock.volumes.fsn1': 'out' });
    expect(await notCreated({ name: 'more' })).toBe('422 no_space_left_in_location');
    expect(await refused(id, 'resize', { size: 20 })).toBe('422 no_space_left_in_location');
  });

  it('go to a server of their location, one at a time, sixteen to a server', async () => {
    const [here, there] = [await hetzner.server('here'), await hetzner.server('there', { location: 'hel1' })];
    const { id } = await create();
    expect(await refused(id, 'attach', { server: there.id })).toBe('422 invalid_input server');
    expect(await refused(id, 'attach', { server: 4711 })).toMatch(/^(404|422) /);
    expect(await refused(id, 'detach')).toBe('422 service_error');
    await act(id, 'attach', { server: here.id });
    expect((await shown(id)).server).toBe(here.id);
    expect(await refused(id, 'attach', { server: here.id })).toBe('422 volume_already_attached');
    await act(id, 'detach');
    expect((await shown(id)).server).toBeNull();
    hetzner.project.rules.set({ 'limits.server_volumes': '1' });
    await act(id, 'attach', { server: here.id });
    const other = await create({ name: 'other' });
    expect(await refused(other.id, 'attach', { server: here.id })).toBe('422 limit_exceeded_error');
  });

  it('hold themselves and their server while they move', async () => {
    const server = await hetzner.server('one');
    const { id } = await create();
    hetzner.project.faults.arm('action_never_ends', null, 'attach_volume');
    await hetzner.call('POST', `/volumes/${id}/actions/attach`, { server: server.id });
    expect(await refused(id, 'resize', { size: 20 })).toBe('423 locked');
    expect(await hetzner.refused('PUT', `/volumes/${id}`, { name: 'other' })).toBe('423 locked');
    expect(await hetzner.refused('POST', `/servers/${server.id}/actions/reboot`)).toBe('423 locked');
    hetzner.project.faults.disarm();
    await hetzner.project.actions.idle();
  });

  it('grow and never shrink, and not beyond what the project may have', async () => {
    const { id } = await create({ size: 20 });
    await act(id, 'resize', { size: 30 });
    expect(await shown(id)).toMatchObject({ size: 30 });
    expect(await refused(id, 'resize', { size: 30 })).toBe('422 invalid_input size');
    expect(await refused(id, 'resize', { size: 20 })).toBe('422 invalid_input size');
    expect(await refused(id, 'resize', { size: 10_241 })).toBe('422 invalid_input size');
    hetzner.project.rules.set({ 'limits.volume_size_gb': '40' });
    expect(await refused(id, 'resize', { size: 41 })).toBe(
      '403 resource_limit_exceeded volume_size_gb_limit',
    );
    await act(id, 'resize', { size: 40 });
  });

  it('are renamed and relabelled, and deleted once they are free and unprotected', async () => {
    const server = await hetzner.server('one');
    const { id } = await create({ server: server.id });
    await hetzner.done('PUT', `/volumes/${id}`, { name: 'renamed', labels: { a: 'b' } });
    const { body } = await hetzner.call<{ volumes: object[] }>('GET', '/volumes?name=renamed');
    expect(body.volumes).toMatchObject([{ id, labels: { a: 'b' } }]);
    expect(await hetzner.refused('DELETE', `/volumes/${id}`)).toBe('422 service_error');
    await act(id, 'detach');
    await act(id, 'change_protection', { delete: true });
    expect(await hetzner.refused('DELETE', `/volumes/${id}`)).toBe('423 protected');
    await act(id, 'change_protection', { delete: false });
    expect((await hetzner.call('DELETE', `/volumes/${id}`)).status).toBe(204);
    expect((await hetzner.call('GET', `/volumes/${id}`)).status).toBe(404);
  });

  it('outlive their server, unattached', async () => {
    const server = await hetzner.server('one');
    const { id } = await create({ server: server.id });
    await hetzner.done('DELETE', `/servers/${server.id}`);
    expect(await shown(id)).toMatchObject({ server: null, status: 'available' });
  });
});
