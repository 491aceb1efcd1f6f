import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LocalHetzner } from './local-hetzner.ts';
import { refusal } from './networked.ts';

interface ShownImage {
  readonly id: number;
  readonly type: string;
  readonly name: string | null;
  readonly description: string;
  readonly status: string;
}

describe('images of the local Hetzner', () => {
  let hetzner: LocalHetzner;
  let server: { readonly id: number; readonly name: string };
  beforeEach(async () => {
    hetzner = new LocalHetzner();
    server = await hetzner.server('one', { labels: { env: 'prod' } });
  });
  afterEach(() => hetzner.remove());

  /** As every client finds it, of what no server was saved as. */
  const DEBIAN = 114690387;
  const READY = 400_000_001;
  const list = async (query = '') =>
    (await hetzner.call<{ images: ShownImage[] }>('GET', `/images?per_page=50&${query}`)).body.images;
  const shown = async (id: number) =>
    (await hetzner.call<{ image: ShownImage }>('GET', `/images/${id}`)).body.image;
  const saved = async (payload: object = {}): Promise<ShownImage> =>
    (await hetzner.done<{ image: ShownImage }>('POST', `/servers/${server.id}/actions/create_image`, payload))
      .image;
  const backup = async () => {
    await hetzner.done('POST', `/servers/${server.id}/actions/enable_backup`);
    return saved({ type: 'backup' });
  };
  const protect = (id: number, payload: object) =>
    hetzner.done<{ action: { id: number } }>('POST', `/images/${id}/actions/change_protection`, payload);

  it('of the system have a name, belong to nobody, and are not deprecated', async () => {
    expect(await shown(DEBIAN)).toEqual({
      id: DEBIAN,
      type: 'system',
      status: 'available',
      name: 'debian-12',
      description: 'Debian 12',
      image_size: null,
      disk_size: 5,
      created: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      created_from: null,
      bound_to: null,
      os_flavor: 'debian',
      os_version: '12',
      architecture: 'x86',
      rapid_deploy: true,
      protection: { delete: false },
      deprecated: null,
      deprecation: null,
      deleted: null,
      labels: {},
    });
  });

  it('of servers are being created first, then available with their size, and name their server', async () => {
    const made = await saved({ description: 'before the change', labels: { keep: '' } });
    expect(made).toMatchObject({ type: 'snapshot', status: 'creating', image_size: null });
    const { id } = made;
    expect(await shown(id)).toEqual({
      id,
      type: 'snapshot',
      status: 'available',
      name: null,
      description: 'before the change',
      image_size: expect.any(Number),
      disk_size: 80,
      created: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      created_from: { id: server.id, name: 'one' },
      bound_to: null,
      os_flavor: 'debian',
      os_version: '12',
      architecture: 'x86',
      rapid_deploy: false,
      protection: { delete: false },
      deprecated: null,
      deprecation: null,
      deleted: null,
      labels: { keep: '' },
    });
  });

  it('are listed by type, status, architecture, name, labels and the server that they are bound to', async () => {
    const snapshot = await saved({ labels: { keep: 'yes' } });
    const bound = await backup();
    const ids = async (query: string) => (await list(query)).map(({ id }) => id);
    expect(await ids('type=snapshot')).toEqual([READY, snapshot.id]);
    expect(await ids('type=snapshot&type=backup')).toEqual([READY, snapshot.id, bound.id]);
    expect(new Set((await list('type=system')).map(({ type }) => type))).toEqual(new Set(['system']));
    expect(await ids('type=app')).toEqual([]);
    expect(await ids(`bound_to=${server.id}`)).toEqual([bound.id]);
    expect(await ids('bound_to=4711')).toEqual([]);
    expect(await ids('label_selector=keep=yes')).toEqual([snapshot.id]);
    expect(await ids('name=debian-12&architecture=x86')).toEqual([DEBIAN]);
    expect(await ids('name=debian-12&sort=id:desc')).toEqual([114690389, DEBIAN]);
    expect(await ids('name=debian-12&include_deprecated=true&status=available')).toHaveLength(2);
    hetzner.project.faults.arm('action_never_ends', null, 'create_image');
    const path = `/servers/${server.id}/actions/create_image`;
    const { body } = await hetzner.call<{ image: ShownImage }>('POST', path);
    expect(await ids('status=creating')).toEqual([body.image.id]);
  });

  it('are described and labelled anew when they are the project’s own', async () => {
    const { id } = await saved();
    const wanted = { description: 'kept', labels: { env: 'dev' } };
    expect(await hetzner.done('PUT', `/images/${id}`, wanted)).toMatchObject({ image: wanted });
    await hetzner.done('PUT', `/images/${id}`, { labels: {} });
    expect(await shown(id)).toMatchObject({ description: 'kept', labels: {} });
    expect(refusal(await hetzner.call('PUT', `/images/${id}`, { description: '' }))).toMatchObject({
      code: 'invalid_input',
      fields: ['description'],
    });
  });

  it('of the system, and those that lie ready here, are neither changed nor deleted', async () => {
    for (const id of [DEBIAN, READY]) {
      for (const method of ['PUT', 'DELETE'] as const)
        expect(refusal(await hetzner.call(method, `/images/${id}`, { description: 'mine' }))).toMatchObject({
          status: 422,
          code: 'invalid_input',
        });
      const path = `/images/${id}/actions/change_protection`;
      expect(refusal(await hetzner.call('POST', path, { delete: true }))).toMatchObject({
        status: 422,
        code: 'unsupported_error',
      });
      expect(await shown(id)).toMatchObject({ protection: { delete: false } });
    }
  });

  it('of type backup need backups, belong to their server, are seven, and go with it', async () => {
    const path = `/servers/${server.id}/actions/create_image`;
    expect(await hetzner.refused('POST', path, { type: 'backup' })).toBe('422 service_error');
    const { id: oldest } = await backup();
    for (let count = 0; count < 7; count++) await saved({ type: 'backup' });
    const backups = await list(`bound_to=${server.id}`);
    expect(backups).toHaveLength(7);
    expect(backups.map(({ id }) => id)).not.toContain(oldest);
    await hetzner.done('DELETE', `/servers/${server.id}`);
    expect(await list('type=backup')).toEqual([]);
  });

  it('that are backups are deleted with their server, and those made snapshots of stay', async () => {
    const [gone, kept] = [await backup(), await saved({ type: 'backup' })];
    expect(await shown(kept.id)).toMatchObject({ type: 'backup', bound_to: server.id });
    expect(await hetzner.done('PUT', `/images/${kept.id}`, { type: 'snapshot' })).toMatchObject({
      image: { type: 'snapshot', bound_to: null, created_from: { id: server.id } },
    });
    expect(refusal(await hetzner.call('PUT', `/images/${kept.id}`, { type: 'backup' }))).toMatchObject({
      code: 'invalid_input',
      fields: ['type'],
    });
    await hetzner.done('DELETE', `/servers/${server.id}`);
    expect((await hetzner.call('GET', `/images/${gone.id}`)).status).toBe(404);
    expect(await shown(kept.id)).toMatchObject({ type: 'snapshot' });
  });

  it('that are backups become snapshots only as far as the project may have more', async () => {
    await saved();
    const { id } = await backup();
    hetzner.project.rules.set({ 'limits.snapshots': '1' });
    const answer = await hetzner.call('PUT', `/images/${id}`, { type: 'snapshot' });
    expect([answer.status, answer.body.error.code, answer.body.error.details]).toEqual([
      403,
      'resource_limit_exceeded',
      { limits: [{ name: 'snapshot_limit' }] },
    ]);
    hetzner.project.rules.set({ 'limits.snapshots': '2' });
    await hetzner.done('PUT', `/images/${id}`, { type: 'snapshot' });
    await hetzner.done('PUT', `/images/${id}`, { type: 'snapshot', description: 'one already' });
  });

  it('are no more snapshots than the project may have', async () => {
    hetzner.project.rules.set({ 'limits.snapshots': '1' });
    await saved();
    expect(await hetzner.refused('POST', `/servers/${server.id}/actions/create_image`)).toBe(
      '403 resource_limit_exceeded snapshot_limit',
    );
  });

  it('are protected and deleted: snapshots can be protected, backups cannot', async () => {
    const [{ id }, bound] = [await saved(), await backup()];
    expect(await protect(id, { delete: true })).toMatchObject({
      action: { command: 'change_protection', resources: [{ id, type: 'image' }] },
    });
    expect(await shown(id)).toMatchObject({ protection: { delete: true } });
    expect(refusal(await hetzner.call('DELETE', `/images/${id}`))).toEqual({
      status: 423,
      code: 'protected',
      message: 'image deletion is protected',
    });
    await protect(id, { delete: false });
    const path = `/images/${bound.id}/actions/change_protection`;
    expect(refusal(await hetzner.call('POST', path, { delete: true }))).toMatchObject({
      status: 422,
      code: 'unsupported_error',
    });
    for (const image of [id, bound.id]) {
      expect((await hetzner.call('DELETE', `/images/${image}`)).status).toBe(204);
      expect((await hetzner.call('GET', `/images/${image}`)).status).toBe(404);
    }
  });

  it('are locked while a server is being saved as them, and can be deleted when that failed', async () => {
    hetzner.project.faults.arm('action_never_ends', null, 'create_image');
    const path = `/servers/${server.id}/actions/create_image`;
    const { id } = (await hetzner.call<{ image: ShownImage }>('POST', path)).body.image;
    for (const [method, action, payload] of [
      ['PUT', '', { description: 'early' }],
      ['DELETE', '', {}],
      ['POST', '/actions/change_protection', { delete: true }],
    ] as const)
      expect(refusal(await hetzner.call(method, `/images/${id}${action}`, payload)), method).toMatchObject({
        status: 423,
        code: 'locked',
      });
    hetzner.project.faults.disarm();
    await hetzner.project.actions.idle();
    hetzner.project.faults.arm('action_fails', 1, 'create_image');
    const { id: left } = await saved();
    expect(await shown(left)).toMatchObject({ status: 'creating' });
    for (const image of [id, left])
      expect((await hetzner.call('DELETE', `/images/${image}`)).status).toBe(204);
  });

  it('make servers once they are available, of their architecture and with room for their disk', async () => {
    const wanted = { name: 'new', location: 'fsn1', server_type: 'cpx22' };
    const refused = (more: object) => hetzner.refused('POST', '/servers', { ...wanted, ...more });
    hetzner.project.faults.arm('action_never_ends', null, 'create_image');
    const path = `/servers/${server.id}/actions/create_image`;
    const image = (await hetzner.call<{ image: ShownImage }>('POST', path)).body.image.id;
    expect(await refused({ image })).toBe('412 resource_unavailable');
    hetzner.project.faults.disarm();
    await hetzner.project.actions.idle();
    expect(await refused({ image, server_type: 'cax21' })).toBe('422 invalid_input image');
    expect(await refused({ image, server_type: 'cpx12' })).toBe('422 invalid_input image');
    await hetzner.server('new', { image });
  });

  it('are deleted whatever servers were made of them', async () => {
    const { id } = await saved();
    const copy = await hetzner.server('copy', { image: id });
    expect((await hetzner.call('DELETE', `/images/${id}`)).status).toBe(204);
    const { body } = await hetzner.call<{ server: object }>('GET', `/servers/${copy.id}`);
    expect(body.server).toMatchObject({ status: 'running', image: null });
  });

  it('that do not exist cannot be read, changed or deleted', async () => {
    for (const [method, path] of [
      ['GET', ''],
      ['PUT', ''],
      ['DELETE', ''],
      ['GET', '/actions'],
      ['POST', '/actions/change_protection'],
    ] as const)
      expect(refusal(await hetzner.call(method, `/images/4711${path}`)), `${method} ${path}`).toMatchObject({
        status: 404,
        code: 'not_found',
      });
  });

  it('have actions, listed for each and for all, and read one by one', async () => {
    const { id } = await saved();
    const { action } = await protect(id, { delete: true });
    for (const path of [`/images/${id}/actions`, '/images/actions'])
      expect((await hetzner.call<{ actions: object[] }>('GET', path)).body.actions).toMatchObject([
        { id: action.id, command: 'change_protection' },
      ]);
    for (const path of [`/images/${id}/actions/${action.id}`, `/images/actions/${action.id}`])
      expect((await hetzner.call<{ action: object }>('GET', path)).body.action).toMatchObject({
        id: action.id,
        status: 'success',
      });
  });
});
