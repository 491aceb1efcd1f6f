import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WantedServer } from '../../../twin/engines/engine.ts';
import { PUBLIC_KEYS, ServingHetzner } from './serving-hetzner.ts';

interface ShownImage {
  readonly id: number;
  readonly type: string;
  readonly status: string;
  readonly description: string;
  readonly bound_to: number | null;
}

describe('the disk of a server', () => {
  let hetzner: ServingHetzner;
  let given: WantedServer[];
  beforeEach(() => {
    given = [];
    hetzner = new ServingHetzner({
      putServer: async (wanted) => {
        given.push(wanted);
      },
    });
  });
  afterEach(() => hetzner.remove());

  const key = () => hetzner.made('/ssh_keys', 'ssh_key', { name: 'mine', public_key: PUBLIC_KEYS[0] });
  const images = async () =>
    (await hetzner.call<{ images: ShownImage[] }>('GET', '/images?type=backup')).body.images;
  const createImage = async (id: number, payload: object = {}) =>
    (await hetzner.act<{ image: ShownImage }>(id, 'create_image', payload)).image;

  describe('when it is rebuilt', () => {
    it('is a new one from the image, and the server runs, whatever it did before', async () => {
      const { id } = await hetzner.server('one', { user_data: '#cloud-config' });
      await hetzner.act(id, 'poweroff');
      const { body } = await hetzner.call<{ action: { command: string }; root_password: string }>(
        'POST',
        `/servers/${id}/actions/rebuild`,
        { image: 'ubuntu-24.04' },
      );
      expect(body.action.command).toBe('rebuild_server');
      expect(body.root_password).toMatch(/^\S{16,}$/);
      expect((await hetzner.shown(id)).status).toBe('rebuilding');
      await hetzner.project.actions.idle();
      expect(await hetzner.shown(id)).toMatchObject({ status: 'running', image: { name: 'ubuntu-24.04' } });
      expect(given.at(-1)).toMatchObject({ disk: 1, running: true, userData: '#cloud-config' });
    });

    it('has the user data of before, unless others are given', async () => {
      const { id } = await hetzner.server('one', { user_data: '#cloud-config\nold' });
      await hetzner.act(id, 'rebuild', { image: 'debian-12', user_data: '#cloud-config\nnew' });
      expect(given.at(-1)?.userData).toBe('#cloud-config\nnew');
      expect(
        await hetzner.refusedAct(id, 'rebuild', { image: 'debian-12', user_data: 'x'.repeat(32_769) }),
      ).toBe('422 invalid_input user_data');
    });

    it('lets in the keys of its creation, and tells no password then', async () => {
      await key();
      const { id } = await hetzner.server('one', { ssh_keys: ['mine'] });
      const { root_password } = await hetzner.act<{ root_password: null }>(id, 'rebuild', {
        image: 'debian-12',
      });
      expect(root_password).toBeNull();
      expect(given.at(-1)?.sshKeys).toEqual([PUBLIC_KEYS[0]]);
    });

    it('needs an image that exists, is ready, and fits, and a server that is not protected', async () => {
      const { id } = await hetzner.server('one', { server_type: 'cx33' });
      const { id: small } = await hetzner.server('two', { server_type: 'cx23' });
      const refused = (server: number, image: string | number) =>
        hetzner.refusedAct(server, 'rebuild', { image });
      expect(await refused(id, 'plan9')).toBe('422 invalid_input image');
      expect(await refused(id, 114690389)).toBe('422 invalid_input image');
      expect(await hetzner.refusedAct(id, 'rebuild')).toBe('422 invalid_input image');
      const large = await createImage(id);
      expect(await refused(small, large.id)).toBe('422 invalid_input image');
      hetzner.project.rules.set({ speed: '100' });
      const { image } = (
        await hetzner.call<{ image: ShownImage }>('POST', `/servers/${small}/actions/create_image`)
      ).body;
      expect(await refused(id, image.id)).toBe('412 resource_unavailable');
      hetzner.project.rules.set({ speed: null });
      await hetzner.project.actions.idle();
      await hetzner.act(id, 'rebuild', { image: image.id });
      await hetzner.act(id, 'change_protection', { delete: true, rebuild: true });
      expect(await refused(id, 'debian-12')).toBe('423 protected');
    });
  });

  describe('in the rescue system', () => {
    it('is reached after the next boot, by a password and the keys that were asked for, once', async () => {
      const { id: ssh_key } = await key();
      const { id } = await hetzner.server('one');
      const { action, root_password } = await hetzner.act<{ root_password: string }>(id, 'enable_rescue', {
        type: 'linux64',
        ssh_keys: [ssh_key],
      });
      expect([action.command, action.status]).toEqual(['enable_rescue', 'success']);
      expect(root_password).toMatch(/^\S{16,}$/);
      expect(await hetzner.shown(id)).toMatchObject({ rescue_enabled: true, status: 'running' });
      await hetzner.act(id, 'reset');
      expect(given.at(-1)?.rescue).toEqual({ password: root_password, sshKeys: [PUBLIC_KEYS[0]] });
      expect((await hetzner.shown(id)).rescue_enabled).toBe(false);
      await hetzner.act(id, 'reset');
      expect(given.at(-1)?.rescue).toBeUndefined();
    });

    it('is not after all when that is disabled before', async () => {
      const { id } = await hetzner.server('one');
      await hetzner.act(id, 'enable_rescue');
      expect((await hetzner.act(id, 'disable_rescue')).action.command).toBe('disable_rescue');
      expect((await hetzner.shown(id)).rescue_enabled).toBe(false);
      await hetzner.act(id, 'reboot');
      expect(given.at(-1)?.rescue).toBeUndefined();
    });

    it('needs a known kind of it, and keys that exist', async () => {
      const { id } = await hetzner.server('one');
      const refused = (payload: object) => hetzner.refusedAct(id, 'enable_rescue', payload);
      expect(await refused({ type: 'freebsd64' })).toBe('422 invalid_input type');
      expect(await refused({ ssh_keys: [99_999] })).toBe('422 invalid_input ssh_keys');
    });
  });

  it('comes after an ISO that is attached, by name or id, in place of the one before', async () => {
    const { id } = await hetzner.server('one');
    const attached = await hetzner.act(id, 'attach_iso', { iso: 'virtio-win-0.1.248.iso' });
    expect(attached.action.command).toBe('attach_iso');
    await hetzner.act(id, 'attach_iso', { iso: 122_630 });
    expect((await hetzner.shown(id)).iso?.name).toBe('debian-12.11.0-amd64-netinst.iso');
    const { body } = await hetzner.call('POST', `/servers/${id}/actions/detach_iso`);
    expect(body).toMatchObject({ action: { command: 'detach_iso', status: 'running' } });
    await hetzner.project.actions.idle();
    expect((await hetzner.shown(id)).iso).toBeNull();
    expect(await hetzner.refusedAct(id, 'attach_iso', { iso: 'plan9.iso' })).toBe('422 invalid_input iso');
  });

  it('without an ISO has none to detach: the action is a success at once', async () => {
    const { id } = await hetzner.server('one');
    const { status, body } = await hetzner.call('POST', `/servers/${id}/actions/detach_iso`);
    expect(status).toBe(201);
    expect(body).toMatchObject({ action: { command: 'detach_iso', status: 'success', progress: 100 } });
    expect((await hetzner.shown(id)).locked).toBe(false);
  });

  it('is backed up in a window, seven times, when that is enabled', async () => {
    const { id } = await hetzner.server('one');
    expect(await hetzner.refusedAct(id, 'create_image', { type: 'backup' })).toBe('422 service_error');
    expect((await hetzner.act(id, 'enable_backup')).action.command).toBe('enable_backup');
    expect((await hetzner.shown(id)).backup_window).toMatch(/^\d\d-\d\d$/);
    for (let count = 1; count <= 8; count++)
      await createImage(id, { type: 'backup', description: `backup ${count}` });
    const kept = await images();
    expect(kept.map(({ description }) => description)).toEqual(
      [2, 3, 4, 5, 6, 7, 8].map((count) => `backup ${count}`),
    );
    expect(kept[0]).toMatchObject({ type: 'backup', status: 'available', bound_to: id });
    expect((await hetzner.act(id, 'disable_backup')).action.command).toBe('disable_backup');
    expect((await hetzner.shown(id)).backup_window).toBeNull();
    expect(await images()).toEqual([]);
  });

  it('is saved as a snapshot that belongs to nobody', async () => {
    const { id } = await hetzner.server('one');
    hetzner.project.rules.set({ speed: '600' });
    const { status, body } = await hetzner.call<{ image: ShownImage; action: { command: string } }>(
      'POST',
      `/servers/${id}/actions/create_image`,
      { description: 'before the upgrade', labels: { keep: 'me' } },
    );
    expect([status, body.action.command]).toEqual([201, 'create_image']);
    expect(body.image).toMatchObject({
      type: 'snapshot',
      status: 'creating',
      name: null,
      description: 'before the upgrade',
      labels: { keep: 'me' },
      created_from: { id, name: 'one' },
      bound_to: null,
      image_size: null,
      disk_size: 80,
      os_flavor: 'debian',
      architecture: 'x86',
    });
    await hetzner.project.actions.idle();
    expect((await hetzner.call('GET', `/images/${body.image.id}`)).body).toMatchObject({
      image: { status: 'available', image_size: 0.5 },
    });
    const { id: second } = await hetzner.server('two', { image: body.image.id });
    expect((await hetzner.shown(second)).image?.id).toBe(body.image.id);
  });

  it('is saved only as an image of a known type, and not more often than the project may', async () => {
    const { id } = await hetzner.server('one');
    expect(await hetzner.refusedAct(id, 'create_image', { type: 'system' })).toBe('422 invalid_input type');
    hetzner.project.rules.set({ 'limits.snapshots': '1' });
    expect((await createImage(id)).description).not.toBe('');
    expect(await hetzner.refusedAct(id, 'create_image')).toBe('403 resource_limit_exceeded snapshot_limit');
  });
});
