import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Ansible } from './playbook.ts';
import { report } from './report.ts';
import type { JsonObject } from './same.ts';
import type { Scenario } from './scenario.ts';

/** Of what the API answers of a server. */
interface Server {
  readonly id: number;
  readonly name: string;
  readonly status: string;
  readonly labels: JsonObject;
  readonly server_type: { readonly name: string; readonly architecture: string };
  readonly image: { readonly id: number; readonly name: string; readonly os_flavor: string };
  readonly location: { readonly name: string };
  readonly public_net: {
    readonly ipv4: { readonly ip: string; readonly dns_ptr: string };
    readonly ipv6: { readonly ip: string };
  };
  readonly private_net: readonly { readonly network: number; readonly ip: string }[];
}

interface Inventory {
  readonly _meta: { readonly hostvars: Readonly<Record<string, JsonObject>> };
  readonly [group: string]: unknown;
}

/** What is there for the inventory to find. */
export function inhabited(of: Scenario): void {
  of.does('to be found', 'network', { name: 'found', ip_range: '10.3.0.0/16' });
  const subnet = { network: 'found', network_zone: 'eu-central', type: 'cloud', ip_range: '10.3.1.0/24' };
  of.does('to be found', 'subnetwork', subnet);
  const web = { name: 'web', server_type: 'cpx22', image: 'debian-12', location: 'fsn1' };
  of.does('to be found', 'server', { ...web, private_networks: ['found'], labels: { role: 'web' } });
  const db = { name: 'db', server_type: 'cpx32', image: 'ubuntu-24.04', location: 'nbg1', state: 'stopped' };
  of.does('to be found, stopped', 'server', db);
}

/** The inventory plugin: which servers it finds, in which groups, and what it knows of them. */
export async function inventories(ansible: Ansible, endpoint: string, work: string): Promise<void> {
  const servers = await serversOf(endpoint);
  const web = servers.get('web');
  const check = async (name: string, options: JsonObject, judge: (found: Inventory) => void) => {
    try {
      const file = join(work, `${name.replaceAll(/\W+/g, '-')}.hcloud.yml`);
      writeFileSync(file, JSON.stringify({ plugin: 'hetzner.hcloud.hcloud', ...options }));
      judge(read(await ansible.run('ansible-inventory', ['--inventory', file, '--list'])));
      report(`inventory: ${name}`);
    } catch (error) {
      report(`inventory: ${name}`, error instanceof Error ? error.message : String(error));
    }
  };
  await check('all servers, with all that is known of them', {}, (found) => {
    requireEqual(hosts(found), ['db', 'web'], 'hosts');
    for (const name of hosts(found)) {
      const server = servers.get(name);
      if (server !== undefined) requireFacts(found._meta.hostvars[name] ?? {}, server);
    }
  });
  for (const [what, options, names] of [
    ['by label', { label_selector: 'role=web' }, ['web']],
    ['by location', { locations: ['nbg1'] }, ['db']],
    ['by type', { types: ['cpx32'] }, ['db']],
    ['by image', { images: ['ubuntu'] }, ['db']],
    ['by status', { status: ['off'] }, ['db']],
    ['by network', { network: 'found' }, ['web']],
    ['of a network that is none', { network: 'nothing' }, []],
  ] as const)
    await check(what, options, (found) => requireEqual(hosts(found), names, 'hosts'));
  for (const [connection, address] of [
    ['public_ipv4', web?.public_net.ipv4.ip],
    ['public_ipv6', web?.public_net.ipv6.ip.replace('/64', '1')],
    ['hostname', web?.name],
    ['ipv4_dns_ptr', web?.public_net.ipv4.dns_ptr],
    ['private_ipv4', web?.private_net[0]?.ip],
  ] as const)
    await check(`connected with by ${connection}`, { connect_with: connection, network: 'found' }, (found) =>
      requireEqual(found._meta.hostvars['web']?.['ansible_host'], address, 'ansible_host'),
    );
  const named = {
    group: 'ours',
    hostname: 'my-{{ a_name_z }}',
    hostvars_prefix: 'a_',
    hostvars_suffix: '_z',
    keyed_groups: [{ key: 'a_location_z', prefix: 'at' }],
  };
  await check('in groups and under names of our own', named, (found) => {
    requireEqual(hosts(found), ['my-db', 'my-web'], 'hosts');
    requireEqual(found['at_nbg1'], { hosts: ['my-db'] }, 'at_nbg1');
    requireEqual(found._meta.hostvars['my-db']?.['a_status_z'], 'off', 'a_status_z');
  });
}

function requireFacts(facts: JsonObject, server: Server): void {
  const { public_net, private_net } = server;
  for (const [name, said] of Object.entries({
    ansible_host: public_net.ipv4.ip,
    hcloud_id: server.id,
    hcloud_name: server.name,
    hcloud_status: server.status,
    hcloud_type: server.server_type.name,
    hcloud_server_type: server.server_type.name,
    hcloud_architecture: server.server_type.architecture,
    hcloud_location: server.location.name,
    hcloud_labels: server.labels,
    hcloud_ipv4: public_net.ipv4.ip,
    hcloud_ipv6: public_net.ipv6.ip.replace('/64', '1'),
    hcloud_ipv6_network: public_net.ipv6.ip.replace('/64', ''),
    hcloud_ipv6_network_mask: '64',
    hcloud_private_networks: private_net.map(({ network, ip }) => ({ id: network, name: 'found', ip })),
    hcloud_image_id: server.image.id,
    hcloud_image_name: server.image.name,
    hcloud_image_os_flavor: server.image.os_flavor,
  }))
    requireEqual(facts[name], said, `${name} of ${server.name}`);
}

async function serversOf(endpoint: string): Promise<ReadonlyMap<string, Server>> {
  const answer = await fetch(`${endpoint}/servers`, {
    headers: { authorization: `Bearer ${process.env['HCLOUD_TOKEN']}` },
  });
  const { servers } = (await answer.json()) as { servers: readonly Server[] };
  return new Map(servers.map((server) => [server.name, server]));
}

/** Ansible marks text that it must not take for a template. */
function read(told: string): Inventory {
  return JSON.parse(told, (_, value: unknown) =>
    typeof value === 'object' && value !== null && '__ansible_unsafe' in value
      ? value.__ansible_unsafe
      : value,
  ) as Inventory;
}

function hosts(found: Inventory): string[] {
  return Object.keys(found._meta.hostvars).sort();
}

function requireEqual(found: unknown, expected: unknown, what: string): void {
  if (!isDeepStrictEqual(found, expected))
    throw new Error(`${what}: ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`);
}
