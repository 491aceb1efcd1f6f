import * as z from 'zod';
import { findIso } from '../catalogue/isos.ts';
import { findServerType } from '../catalogue/server-types.ts';
import { fault } from '../errors.ts';
import type { SavedImage, Server } from '../model.ts';
import type { Project } from '../project.ts';
import { requireImage, requireUserData, sshKeyText } from './create-server.ts';
import { body, shape } from './http.ts';
import { findImage, renderImage, requireSnapshotLimit } from './images.ts';
import { now } from './references.ts';
import { rootPassword } from './server-access.ts';
import type { ServerActions } from './server-action.ts';

/** Hours (UTC) in which Hetzner may back a server up. */
const BACKUP_WINDOW = '22-02';
/** Source: https://docs.hetzner.com/cloud/servers/backups-snapshots/overview/ */
const BACKUP_SLOTS = 7;

const newImage = z.object({
  type: z.enum(['snapshot', 'backup']).default('snapshot'),
  description: z.string().nullish(),
  labels: shape.labels.nullish(),
});

/** What a server boots from, and what is kept of its disk. */
export function diskActions(actions: ServerActions): void {
  const { project } = actions;
  const { store, engine } = project;

  actions.route('rebuild', 'rebuild_server', (server, request) => {
    const wanted = body(
      z.object({ image: z.union([z.string(), z.int().transform(String)]), user_data: z.string().nullish() }),
      request,
    );
    if (server.protection.rebuild)
      throw fault.other(423, 'protected', 'server is protected against rebuilding');
    const type = findServerType(server.server_type);
    if (!type) throw new Error(`server type ${server.server_type} is gone`);
    const image = requireImage(project, wanted.image, { ...type, disk: server.primary_disk_size });
    requireUserData(project, wanted.user_data);
    const password = server.twin.sshKeys.length === 0 ? rootPassword() : null;
    const userData = wanted.user_data ?? server.twin.userData;
    const twin = { ...server.twin, wanted: true, disk: server.twin.disk + 1, password, userData };
    return {
      change: () => store.put('servers', { ...server, image: image.id, status: 'rebuilding', twin }),
      answer: { root_password: password },
    };
  });
  actions.instant('enable_rescue', 'enable_rescue', (server, request) => {
    const wanted = body(
      z.object({
        type: z.literal('linux64').default('linux64'),
        ssh_keys: z.array(z.union([z.string(), z.int().transform(String)])).nullish(),
      }),
      request,
    );
    const rescue = {
      password: rootPassword(),
      sshKeys: (wanted.ssh_keys ?? []).map((key) => sshKeyText(project, key, 'ssh_keys')),
    };
    return {
      change: () => store.put('servers', { ...server, twin: { ...server.twin, rescue } }),
      answer: { root_password: rescue.password },
    };
  });
  actions.instant('disable_rescue', 'disable_rescue', (server) => ({
    change: () => store.put('servers', { ...server, twin: { ...server.twin, rescue: null } }),
  }));
  actions.route('reset_password', 'reset_password', (server) => {
    if (server.status !== 'running') throw fault.service('the server must be running for that');
    const password = rootPassword();
    return {
      apply: () => engine.setPassword(server.id, password),
      answer: { root_password: password },
    };
  });
  actions.instant('request_console', 'request_console', (server) => {
    if (server.status !== 'running') throw fault.service('the server must be running for that');
    return {
      answer: { wss_url: `wss://127.0.0.1/console?server=${server.id}`, password: rootPassword() },
    };
  });
  actions.route('attach_iso', 'attach_iso', (server, request) => {
    const wanted = body(z.object({ iso: z.union([z.string(), z.int().transform(String)]) }), request);
    const iso = findIso(wanted.iso);
    if (!iso) throw fault.invalid('iso', `ISO ${wanted.iso} does not exist`);
    return { change: () => store.put('servers', { ...server, iso: iso.id }) };
  });
  actions.route('detach_iso', 'detach_iso', (server) => ({
    isDone: server.iso === null,
    change: () => store.put('servers', { ...server, iso: null }),
  }));
  actions.instant('enable_backup', 'enable_backup', (server) => ({
    change: () => store.put('servers', { ...server, backup_window: BACKUP_WINDOW }),
  }));
  actions.instant('disable_backup', 'disable_backup', (server) => ({
    change: () => {
      store.put('servers', { ...server, backup_window: null });
      for (const backup of backupsOf(project, server)) store.remove('images', backup.id);
    },
  }));
  actions.route('create_image', 'create_image', (server, request) => {
    const wanted = body(newImage, request);
    if (wanted.type === 'backup' && server.backup_window === null)
      throw fault.service('backups are not enabled for the server; enable them first');
    if (wanted.type === 'snapshot') requireSnapshotLimit(project);
    const image = store.change(() => saved(project, server, wanted));
    return {
      change: () => {
        store.put('images', image);
        const full = wanted.type === 'backup' ? backupsOf(project, server) : [];
        for (const old of full.slice(0, Math.max(0, full.length - BACKUP_SLOTS)))
          store.remove('images', old.id);
      },
      apply: async () => {
        const { sizeGB } = await engine.saveImage(server.id, image.id);
        store.change(() => {
          const made = store.get('images', image.id);
          if (made) store.put('images', { ...made, image_size: sizeGB });
        });
      },
      finish: () => {
        const made = store.get('images', image.id);
        if (made) store.put('images', { ...made, status: 'available' });
      },
      answer: { image: renderImage(image) },
    };
  });
}

/** Backups of a server, the oldest first. */
export function backupsOf({ store }: Project, server: Server): SavedImage[] {
  return store.all('images').filter(({ bound_to }) => bound_to === server.id);
}

function saved(project: Project, server: Server, wanted: z.infer<typeof newImage>): SavedImage {
  const from = server.image === null ? undefined : findImage(project, server.image);
  const backup = wanted.type === 'backup';
  return {
    id: project.store.nextId(),
    type: wanted.type,
    status: 'creating',
    name: null,
    description: wanted.description ?? (backup ? `Backup ${now()}` : `snapshot ${now()}`),
    image_size: null,
    disk_size: server.primary_disk_size,
    created: now(),
    created_from: { id: server.id, name: server.name },
    bound_to: backup ? server.id : null,
    os_flavor: from?.os_flavor ?? 'unknown',
    os_version: from?.os_version ?? null,
    architecture: from?.architecture ?? 'x86',
    labels: wanted.labels ?? {},
    protection: { delete: false },
    twin: { base: from === undefined ? '' : 'twin' in from ? from.twin.base : (from.directory ?? '') },
  };
}
