import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LocalHetzner } from './local-hetzner.ts';

interface ShownImage {
  readonly id: number;
  readonly type: string;
  readonly status: string;
  readonly bound_to: number | null;
}

describe('images of the local Hetzner', () => {
  let hetzner: LocalHetzner;
  let server: { readonly id: number };
  beforeEach(async () => {
    hetzner = new LocalHetzner();
    server = await hetzner.server('one');
  });
  afterEach(() => hetzner.remove());

  const save = async (more: object = {}): Promise<ShownImage> => {
    const path = `/servers/${server.id}/actions/create_image`;
    return (await hetzner.done<{ image: ShownImage }>('POST', path, more)).image;
  };
  const shown = async (id: number) =>
    (await hetzner.call<{ image: ShownImage }>('GET', `/images/${id}`)).body.image;
  const listed = async (query: string) =>
    (await hetzner.call<{ images: ShownImage[] }>('GET', `/images?per_page=50&${query}`)).body.images;
  const protect = (id: number, wanted: boolean) =>
    hetzner.done('POST', `/images/${id}/actions/change_protection`, { delete: wanted });

  it('of the system have a name for each architecture, and cannot be changed', async () => {
    const found = await listed('name=debian-12&type=system');
    expect(found.map((image) => ({ ...image }))).toMatchObject([
      { architecture: 'x86', rapid_deploy: true, bound_to: null, created_from: null },
      { architecture: 'arm', rapid_deploy: true, bound_to: null, created_from: null },
    ]);
    expect(await listed('name=debian-12&architecture=arm')).toHaveLength(1);
    const { id = 0 } = found[0] ?? {};
    expect(await hetzner.refused('DELETE', `/images/${id}`)).toBe('422 invalid_input id');
    expect(await hetzner.refused('PUT', `/images/${id}`, { description: 'mine' })).toBe(
      '422 invalid_input id',
    );
  });

  it('of servers are being created first, then available with their size, and name their server', async () => {
    const image = await save({ description: 'before the upgrade', labels: { keep: 'me' } });
    expect(image).toMatchObject({ type: 'snapshot', status: 'creating', image_size: null });
    expect(await shown(image.id)).toMatchObject({
      status: 'available',
      description: 'before the upgrade',
      labels: { keep: 'me' },
      created_from: { id: server.id, name: 'one' },
      bound_to: null,
      image_size: expect.any(Number),
    });
    expect(await listed('type=snapshot&label_selector=keep')).toMatchObject([{ id: image.id }]);
  });

  it('of type backup need backups, belong to their server, are seven, and go with it', async () => {
    const backup = { type: 'backup' };
    expect(await hetzner.refused('POST', `/servers/${server.id}/actions/create_image`, backup)).toBe(
      '422 service_error',
    );
    await hetzner.done('POST', `/servers/${server.id}/actions/enable_backup`);
    for (let count = 0; count < 8; count++) await save(backup);
    const backups = await listed(`bound_to=${server.id}`);
    expect(backups).toHaveLength(7);
    const [kept, ...others] = backups;
    expect(others).toHaveLength(6);
    await hetzner.done('PUT', `/images/${kept?.id}`, { type: 'snapshot', description: 'kept' });
    expect(await shown(kept?.id ?? 0)).toMatchObject({ type: 'snapshot', bound_to: null });
    await hetzner.done('DELETE', `/servers/${server.id}`);
    expect(await listed('type=backup')).toEqual([]);
    expect(await listed('type=snapshot&sort=id:desc')).toContainEqual(
      expect.objectContaining({ id: kept?.id }),
    );
  });

  it('are protected and deleted, backups only deleted', async () => {
    const { id } = await save();
    await protect(id, true);
    expect(await hetzner.refused('DELETE', `/images/${id}`)).toBe('423 protected');
    await protect(id, false);
    expect((await hetzner.call('DELETE', `/images/${id}`)).status).toBe(204);
    await hetzner.done('POST', `/servers/${server.id}/actions/enable_backup`);
    const backup = await save({ type: 'backup' });
    expect(
      await hetzner.refused('POST', `/images/${backup.id}/actions/change_protection`, { delete: true }),
    ).toBe('422 invalid_input delete');
    await hetzner.done('POST', `/servers/${server.id}/actions/disable_backup`);
    expect((await hetzner.call('GET', `/images/${backup.id}`)).status).toBe(404);
  });

  it('are no more snapshots than the project may have', async () => {
    hetzner.project.rules.set({ 'limits.snapshots': '1' });
    await save();
    expect(await hetzner.refused('POST', `/servers/${server.id}/actions/create_image`, {})).toBe(
      '403 resource_limit_exceeded snapshot_limit',
    );
  });

  it('make servers once they are available, of their architecture and with room for their disk', async () => {
    const create = (more: object) =>
      hetzner.refused('POST', '/servers', { name: 'new', location: 'fsn1', server_type: 'cpx22', ...more });
    hetzner.project.faults.arm('action_never_ends', null, 'create_image');
    const { body } = await hetzner.call<{ image: ShownImage }>(
      'POST',
      `/servers/${server.id}/actions/create_image`,
      {},
    );
    expect(await create({ image: body.image.id })).toBe('412 resource_unavailable');
    expect(await hetzner.refused('DELETE', `/images/${body.image.id}`)).toBe('423 locked');
    hetzner.project.faults.disarm();
    await hetzner.project.actions.idle();
    expect(await create({ image: body.image.id, server_type: 'cax21' })).toBe('422 invalid_input image');
    expect(await create({ image: body.image.id, server_type: 'cpx12' })).toBe('422 invalid_input image');
    await hetzner.server('new', { image: body.image.id });
  });
});
