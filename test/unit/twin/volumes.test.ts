import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WantedVolume } from '../../../twin/engines/engine.ts';
import { LocalHetzner } from './local-hetzner.ts';
import { refusal } from './networked.ts';

interface ShownVolume {
  readonly id: number;
  readonly name: string;
  readonly size: number;
  readonly server: number | null;
  readonly status: string;
  readonly location: { readonly name: string };
}

interface Made {
  readonly volume: ShownVolume;
  readonly action: { readonly id: number };
  readonly next_actions: readonly object[];
}

describe('volumes of the local Hetzner', () => {
  let hetzner: LocalHetzner;
  let given: WantedVolume[];
  beforeEach(() => {
    given = [];
    hetzner = new LocalHetzner({
      putVolume: async (wanted) => {
        given.push(wanted);
      },
    });
  });
  afterEach(() => hetzner.remove());

  const DISK = { name: 'disk', size: 10, location: 'fsn1' };
  const volume = async (more: object = {}): Promise<ShownVolume> =>
    (await hetzner.done<Made>('POST', '/volumes', { ...DISK, ...more })).volume;
  const shown = async (id: number) =>
    (await hetzner.call<{ volume: ShownVolume }>('GET', `/volumes/${id}`)).body.volume;
  const act = (id: number, action: string, payload: object = {}) =>
    hetzner.done<{ action: object }>('POST', `/volumes/${id}/actions/${action}`, payload);
  const refused = async (id: number, action: string, payload: object = {}) =>
    refusal(await hetzner.call('POST', `/volumes/${id}/actions/${action}`, payload));
  const notCreated = async (payload: object) =>
    refusal(await hetzner.call('POST', '/volumes', { ...DISK, ...payload }));
  const volumesOf = async (id: number) =>
    (await hetzner.call<{ server: { volumes: number[] } }>('GET', `/servers/${id}`)).body.server.volumes;

  it('are creating in a location, unattached, and available when that action has ended', async () => {
    const { status, body } = await hetzner.call<Made>('POST', '/volumes', {
      ...DISK,
      format: 'xfs',
      labels: { env: 'prod' },
    });
    expect(status).toBe(201);
    const { id } = body.volume;
    expect(body.volume).toEqual({
      id,
      name: 'disk',
      size: 10,
      server: null,
      location: expect.objectContaining({ id: 1, name: 'fsn1', network_zone: 'eu-central' }),
      linux_device: `/dev/disk/by-id/scsi-0HC_Volume_${id}`,
      format: 'xfs',
      labels: { env: 'prod' },
      protection: { delete: false },
      status: 'creating',
      created: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
    expect(body.action).toMatchObject({
      command: 'create_volume',
      status: 'running',
      resources: [{ id, type: 'volume' }],
    });
    expect(body.next_actions).toEqual([]);
    await hetzner.project.actions.idle();
    expect(await shown(id)).toMatchObject({ status: 'available' });
    expect(given).toEqual([{ id, sizeGB: 10, format: 'xfs' }]);
  });

  it('are where their server is, and attached to it by a next action', async () => {
    const server = await hetzner.server('one', { location: 'hel1' });
    const { body } = await hetzner.call<Made>('POST', '/volumes', {
      name: 'disk',
      size: 10,
      server: server.id,
      format: 'ext4',
      automount: true,
    });
    expect(body.volume).toMatchObject({ server: server.id, location: { name: 'hel1' } });
    expect(body.next_actions).toMatchObject([
      {
        command: 'attach_volume',
        resources: [
          { id: body.volume.id, type: 'volume' },
          { id: server.id, type: 'server' },
        ],
      },
    ]);
    await hetzner.project.actions.idle();
    expect(await volumesOf(server.id)).toEqual([body.volume.id]);
  });

  it('need a location or a server, which are in the same place', async () => {
    const server = await hetzner.server('one');
    expect(await notCreated({ location: undefined })).toMatchObject({
      status: 422,
      code: 'invalid_input',
      fields: ['server', 'location'],
    });
    expect(await notCreated({ location: 'mars' })).toMatchObject({ fields: ['location'] });
    expect(await notCreated({ server: 4711 })).toMatchObject({ fields: ['server'] });
    expect(await notCreated({ server: server.id, location: 'nbg1' })).toMatchObject({ fields: ['server'] });
    expect((await volume({ location: 2 })).location.name).toBe('nbg1');
    expect((await volume({ name: 'other', server: server.id })).location.name).toBe('fsn1');
  });

  it('are mounted by themselves only with a format and on a server', async () => {
    expect(await notCreated({ automount: true })).toEqual({
      status: 422,
      code: 'invalid_input',
      message: "invalid input in fields 'format', 'automount'",
      fields: ['format', 'automount'],
    });
    expect(await notCreated({ automount: true, format: 'ext4' })).toMatchObject({ fields: ['automount'] });
    expect(await notCreated({ format: 'btrfs' })).toMatchObject({ fields: ['format'] });
    await volume({ automount: false });
  });

  it.each([
    ['no character', ''],
    ['65 characters', 'x'.repeat(65)],
    ['a dash at its beginning', '-disk'],
    ['a dot at its end', 'disk.'],
    ['a space', 'a disk'],
  ])('are not called by a name with %s', async (_, name) => {
    expect(await notCreated({ name })).toMatchObject({
      status: 422,
      code: 'invalid_input',
      fields: ['name'],
    });
    const { id } = await volume();
    expect(refusal(await hetzner.call('PUT', `/volumes/${id}`, { name }))).toMatchObject({
      fields: ['name'],
    });
  });

  it('have from 10 to 10,240 gigabytes, whole ones', async () => {
    for (const size of [9, 10_241, 10.5, '10', undefined])
      expect(await notCreated({ size }), String(size)).toMatchObject({
        status: 422,
        code: 'invalid_input',
        fields: ['size'],
      });
    expect((await volume({ size: 10_240 })).size).toBe(10_240);
  });

  it('have names of their own, and are no more and no larger in sum than the project may have', async () => {
    await volume();
    expect(await notCreated({})).toMatchObject({ status: 409, code: 'uniqueness_error', fields: ['name'] });
    hetzner.project.rules.set({ 'limits.volume_size_gb': '30' });
    const limited = async (payload: object) => {
      const { status, body } = await hetzner.call('POST', '/volumes', { ...DISK, name: 'b', ...payload });
      return [status, body.error.code, body.error.details];
    };
    const exceeded = (limit: string) => [403, 'resource_limit_exceeded', { limits: [{ name: limit }] }];
    expect(await limited({ size: 21 })).toEqual(exceeded('volume_size_gb_limit'));
    const { id } = await volume({ name: 'other', size: 20 });
    expect(await refused(id, 'resize', { size: 21 })).toMatchObject({ code: 'resource_limit_exceeded' });
    hetzner.project.rules.set({ 'limits.volumes': '2' });
    expect(await limited({})).toEqual(exceeded('volume_limit'));
  });

  it('are refused, and do not grow, where there is no space left', async () => {
    const { id } = await volume();
    hetzner.project.rules.set({ 'stock.volumes.fsn1': 'out' });
    const full = { status: 422, code: 'no_space_left_in_location' };
    expect(await notCreated({ name: 'other' })).toMatchObject(full);
    expect(await refused(id, 'resize', { size: 20 })).toMatchObject(full);
    await volume({ name: 'elsewhere', location: 'hel1' });
  });

  it('are attached and detached, on both sides, by an action that names both', async () => {
    const server = await hetzner.server('one');
    const { id } = await volume();
    const both = [
      { id, type: 'volume' },
      { id: server.id, type: 'server' },
    ];
    expect(await act(id, 'attach', { server: server.id, automount: true })).toMatchObject({
      action: { command: 'attach_volume', status: 'running', resources: both },
    });
    expect((await shown(id)).server).toBe(server.id);
    expect(await volumesOf(server.id)).toEqual([id]);
    expect(await act(id, 'detach')).toMatchObject({ action: { command: 'detach_volume', resources: both } });
    expect((await shown(id)).server).toBeNull();
    expect(await volumesOf(server.id)).toEqual([]);
  });

  it('are attached to one server that exists, in the same location, and detached only when they are', async () => {
    const [one, two] = [await hetzner.server('one'), await hetzner.server('two')];
    const far = await hetzner.server('far', { location: 'hel1' });
    const { id } = await volume();
    const invalid = { status: 422, code: 'invalid_input', fields: ['server'] };
    expect(await refused(id, 'attach')).toMatchObject(invalid);
    expect(await refused(id, 'attach', { server: 4711 })).toMatchObject(invalid);
    expect(await refused(id, 'attach', { server: far.id })).toMatchObject(invalid);
    expect(await refused(id, 'detach')).toMatchObject({ status: 422, code: 'service_error' });
    await act(id, 'attach', { server: one.id });
    for (const server of [one.id, two.id])
      expect(await refused(id, 'attach', { server })).toMatchObject({
        status: 422,
        code: 'volume_already_attached',
      });
  });

  it('are 16 of a server at most', async () => {
    const server = await hetzner.server('one');
    for (let index = 0; index < 16; index++) await volume({ name: `disk-${index}`, server: server.id });
    const { id } = await volume();
    const full = { status: 422, code: 'limit_exceeded_error' };
    expect(await refused(id, 'attach', { server: server.id })).toMatchObject(full);
    expect(await notCreated({ name: 'other', server: server.id })).toMatchObject(full);
  });

  it('grow and never shrink, attached or not', async () => {
    const server = await hetzner.server('one');
    const { id } = await volume({ server: server.id });
    for (const size of [9, 10, 10_241, 20.5])
      expect(await refused(id, 'resize', { size }), String(size)).toMatchObject({
        status: 422,
        code: 'invalid_input',
        fields: ['size'],
      });
    expect(await act(id, 'resize', { size: 20 })).toMatchObject({
      action: { command: 'resize_volume', resources: [{ id, type: 'volume' }] },
    });
    expect(await shown(id)).toMatchObject({ size: 20, server: server.id });
    expect(given.at(-1)).toMatchObject({ id, sizeGB: 20 });
  });

  it('are as large as before when growing fails', async () => {
    const { id } = await volume();
    hetzner.project.faults.arm('action_fails', 1, 'resize_volume');
    await act(id, 'resize', { size: 20 });
    expect((await shown(id)).size).toBe(10);
  });

  it('are locked while something is done to them, and wait for their server', async () => {
    const server = await hetzner.server('one');
    const { id } = await volume();
    hetzner.project.faults.arm('action_never_ends', null, 'reboot_server');
    await hetzner.call('POST', `/servers/${server.id}/actions/reboot`);
    const locked = { status: 423, code: 'locked' };
    expect(await refused(id, 'attach', { server: server.id })).toMatchObject(locked);
    expect(await notCreated({ name: 'other', server: server.id })).toMatchObject(locked);
    hetzner.project.faults.disarm();
    await hetzner.project.actions.idle();
    hetzner.project.faults.arm('action_never_ends', null, 'attach_volume');
    await hetzner.call('POST', `/volumes/${id}/actions/attach`, { server: server.id });
    for (const [method, path, payload] of [
      ['POST', '/actions/attach', { server: server.id }],
      ['POST', '/actions/detach', {}],
      ['POST', '/actions/resize', { size: 20 }],
      ['POST', '/actions/change_protection', { delete: true }],
      ['PUT', '', { name: 'renamed' }],
      ['DELETE', '', {}],
    ] as const)
      expect(refusal(await hetzner.call(method, `/volumes/${id}${path}`, payload)), path).toMatchObject(
        locked,
      );
    const reboot = await hetzner.call('POST', `/servers/${server.id}/actions/reboot`);
    expect(refusal(reboot), 'and so is the server').toMatchObject(locked);
    hetzner.project.faults.disarm();
    await hetzner.project.actions.idle();
  });

  it('are renamed and relabelled, and found by name, status and labels', async () => {
    const { id } = await volume();
    await volume({ name: 'other' });
    await hetzner.done('PUT', `/volumes/${id}`, { name: 'renamed', labels: { env: 'dev' } });
    expect(refusal(await hetzner.call('PUT', `/volumes/${id}`, { name: 'other' }))).toMatchObject({
      status: 409,
      code: 'uniqueness_error',
    });
    const found = async (query: string) =>
      (await hetzner.call<{ volumes: ShownVolume[] }>('GET', `/volumes?${query}`)).body.volumes.map(
        ({ name }) => name,
      );
    expect(await found('name=renamed')).toEqual(['renamed']);
    expect(await found('label_selector=env=dev')).toEqual(['renamed']);
    expect(await found('sort=name:desc')).toEqual(['renamed', 'other']);
    expect(await found('status=creating')).toEqual([]);
    expect(await found('status=creating&status=available')).toHaveLength(2);
  });

  it('are deleted unless they are protected or attached', async () => {
    const server = await hetzner.server('one');
    const { id } = await volume({ server: server.id });
    expect(await act(id, 'change_protection', { delete: true })).toMatchObject({
      action: { command: 'change_protection', resources: [{ id, type: 'volume' }] },
    });
    const deletion = async () => refusal(await hetzner.call('DELETE', `/volumes/${id}`));
    expect(await deletion()).toEqual({
      status: 423,
      code: 'protected',
      message: 'volume deletion is protected',
    });
    await act(id, 'change_protection', { delete: false });
    expect(await deletion()).toEqual({
      status: 422,
      code: 'service_error',
      message: `volume with ID '${id}' is still attached to a server`,
    });
    await act(id, 'detach');
    expect((await hetzner.call('DELETE', `/volumes/${id}`)).status).toBe(204);
    expect((await hetzner.call('GET', `/volumes/${id}`)).status).toBe(404);
  });

  it('stay when their server is deleted, even protected', async () => {
    const server = await hetzner.server('one');
    const { id } = await volume({ server: server.id });
    await act(id, 'change_protection', { delete: true });
    await hetzner.done('DELETE', `/servers/${server.id}`);
    expect(await shown(id)).toMatchObject({ server: null, status: 'available' });
  });

  it('that do not exist cannot be read, changed or deleted', async () => {
    for (const [method, path] of [
      ['GET', ''],
      ['PUT', ''],
      ['DELETE', ''],
      ['GET', '/actions'],
      ...['attach', 'detach', 'resize', 'change_protection'].map(
        (action) => ['POST', `/actions/${action}`] as const,
      ),
    ] as const)
      expect(refusal(await hetzner.call(method, `/volumes/4711${path}`)), `${method} ${path}`).toMatchObject({
        status: 404,
        code: 'not_found',
      });
  });

  it('have actions, listed for each and for all, and read one by one', async () => {
    const { body } = await hetzner.call<Made>('POST', '/volumes', DISK);
    await hetzner.project.actions.idle();
    const { id } = body.volume;
    await act(id, 'resize', { size: 20 });
    await volume({ name: 'other' });
    const commands = async (path: string) =>
      (await hetzner.call<{ actions: { command: string }[] }>('GET', `${path}?sort=id`)).body.actions.map(
        ({ command }) => command,
      );
    expect(await commands(`/volumes/${id}/actions`)).toEqual(['create_volume', 'resize_volume']);
    expect(await commands('/volumes/actions')).toEqual(['create_volume', 'resize_volume', 'create_volume']);
    for (const path of [`/volumes/${id}/actions/${body.action.id}`, `/volumes/actions/${body.action.id}`])
      expect((await hetzner.call<{ action: object }>('GET', path)).body.action).toMatchObject({
        command: 'create_volume',
        status: 'success',
      });
  });
});
