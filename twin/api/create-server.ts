import * as z from 'zod';
import { fault } from '../errors.ts';
import type { PlacementGroup, Server } from '../model.ts';
import type { Project } from '../project.ts';
import { locationOf } from './datacenters.ts';
import { applyToServer } from './firewall-targets.ts';
import { shape } from './http.ts';
import { type AnyImage, chooseImage } from './images.ts';
import { createPrimaryIp, requireFreePrimaryIp } from './primary-ips.ts';
import { now, referenced, requireBelowLimit, requireUniqueName } from './references.ts';
import { rootPassword } from './server-access.ts';
import { attachToNetwork } from './server-networks.ts';
import { placeFor } from './server-place.ts';
import { requireCores, requireOrderable } from './server-types.ts';
import { moveVolume, requireAttachable } from './volumes.ts';

const HOST_NAME =
  /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;
const reference = z.union([z.string(), z.int().transform(String)]);

export const serverName = z.string().regex(HOST_NAME, 'must be a valid host name (RFC 1123)');
export const newServer = z.object({
  name: serverName,
  server_type: reference,
  image: reference,
  location: reference.nullish(),
  datacenter: reference.nullish(),
  start_after_create: z.boolean().default(true),
  placement_group: shape.id.nullish(),
  ssh_keys: z.array(reference).nullish(),
  volumes: z.array(shape.id).nullish(),
  automount: z.boolean().optional(),
  networks: z.array(shape.id).nullish(),
  firewalls: z.array(z.object({ firewall: shape.id })).nullish(),
  user_data: z.string().nullish(),
  labels: shape.labels.nullish(),
  public_net: z
    .object({
      enable_ipv4: z.boolean().default(true),
      enable_ipv6: z.boolean().default(true),
      ipv4: shape.id.nullish(),
      ipv6: shape.id.nullish(),
    })
    .prefault({}),
});
type Wanted = z.infer<typeof newServer>;

/**
 * Checks and records a new server with everything that it takes along. Only within a change of the store.
 * @throws ApiFault as documented; nothing is kept then
 */
export function createServer(project: Project, wanted: Wanted): Server {
  const { store } = project;
  requireUniqueName(project, 'servers', wanted.name);
  requireBelowLimit(project, 'servers');
  const location = locationOf(project, wanted, placeFor(project, wanted));
  const type = requireOrderable(project, wanted.server_type, location);
  requireCores(project, type);
  const image = requireImage(project, wanted.image, type);
  requireUserData(project, wanted.user_data);
  const { enable_ipv4, enable_ipv6 } = wanted.public_net;
  const hasInterface = enable_ipv4 || enable_ipv6 || (wanted.networks ?? []).length > 0;
  if (wanted.start_after_create && !hasInterface)
    throw fault.invalid('public_net', 'a server without any interface cannot be started');
  const keys = wanted.ssh_keys ?? [];
  const id = store.nextId();
  store.put('servers', {
    id,
    name: wanted.name,
    labels: wanted.labels ?? {},
    created: now(),
    status: 'initializing',
    server_type: type.name,
    location,
    image: image.id,
    iso: null,
    backup_window: null,
    primary_disk_size: type.disk,
    ipv4: publicIp(project, wanted, id, location, 'ipv4'),
    ipv6: publicIp(project, wanted, id, location, 'ipv6'),
    private_net: [],
    volumes: [],
    floating_ips: [],
    firewalls: [],
    placement_group: null,
    protection: { delete: false, rebuild: false },
    twin: {
      wanted: wanted.start_after_create,
      disk: 0,
      userData: wanted.user_data ?? '',
      sshKeys: keys.map((key) => sshKeyText(project, key, 'ssh_keys')),
      password: keys.length === 0 ? rootPassword() : null,
      rescue: null,
    },
  });
  for (const network of wanted.networks ?? []) attachToNetwork(project, id, { network, alias_ips: [] });
  for (const { firewall } of wanted.firewalls ?? []) {
    referenced(project, 'firewalls', firewall, 'firewalls');
    applyToServer(project, firewall, id);
  }
  for (const volume of wanted.volumes ?? []) {
    requireAttachable(project, referenced(project, 'volumes', volume, 'volumes'), id);
    project.actions.requireUnlocked('volume', volume);
    moveVolume(project, volume, id);
  }
  if (wanted.placement_group != null) {
    const group = referenced(project, 'placement_groups', wanted.placement_group, 'placement_group');
    joinGroup(project, id, group);
  }
  const made = store.get('servers', id);
  if (!made) throw new Error('the server vanished while it was made');
  return made;
}

/** Only within a change of the store. */
function publicIp(
  project: Project,
  { public_net }: Wanted,
  server: number,
  location: string,
  type: 'ipv4' | 'ipv6',
): number | null {
  if (!public_net[`enable_${type}`]) return null;
  const given = public_net[type];
  if (given != null) {
    const address = requireFreePrimaryIp(project, given, type, location);
    return project.store.put('primary_ips', { ...address, assignee_id: server, assignee_type: 'server' }).id;
  }
  const name = `primary_ip-${type}-${server}`;
  return createPrimaryIp(project, { name, type, location, auto_delete: true, labels: {}, server }).id;
}

/** @throws ApiFault unless there is such an image, ready, and for that type of server */
export function requireImage(
  project: Project,
  nameOrId: string,
  type: { readonly architecture: string; readonly disk: number },
): AnyImage {
  const image = chooseImage(project, nameOrId, type.architecture);
  if (!image) throw fault.invalid('image', `image ${nameOrId} does not exist`);
  if (image.status !== 'available') throw fault.unavailable(`image ${image.id} is still being created`);
  if (image.architecture !== type.architecture)
    throw fault.invalid('image', `is for ${image.architecture}, the server type is ${type.architecture}`);
  if (image.disk_size > type.disk)
    throw fault.invalid('image', `needs a disk of ${image.disk_size} GB, the server has ${type.disk} GB`);
  return image;
}

/** @throws ApiFault when it is too long */
export function requireUserData({ rules }: Project, text: string | null | undefined): void {
  const most = rules.limit('user_data_bytes');
  const bytes = Buffer.byteLength(text ?? '');
  if (bytes > most) throw fault.invalid('user_data', `has ${bytes} bytes, and at most ${most} are allowed`);
}

/** @throws ApiFault when there is no such key */
export function sshKeyText({ store }: Project, reference: string, field: string): string {
  const key = store.all('ssh_keys').find(({ id, name }) => String(id) === reference || name === reference);
  if (!key) throw fault.invalid(field, `SSH key ${reference} does not exist`);
  return key.public_key;
}

/** Only within a change of the store. @throws ApiFault when the group is full */
export function joinGroup({ store, rules }: Project, serverId: number, group: PlacementGroup): void {
  if (group.servers.length >= rules.limit('placement_group_servers')) {
    // As seen in https://github.com/hetznercloud/terraform-provider-hcloud/issues/1170
    throw fault.other(
      422,
      'placement_group_member_limit_reached',
      `placement group with ID ${group.id} contains already ${group.servers.length} servers`,
    );
  }
  const server = store.get('servers', serverId);
  if (!server) return;
  store.put('placement_groups', { ...group, servers: [...group.servers, serverId] });
  store.put('servers', { ...server, placement_group: group.id });
}
