import { LABELS, relabelled, told } from './keys.ts';
import type { Scenario } from './scenario.ts';

/** What is attached to the servers `machine`, which runs, and `guest`, which does not, and at last their end. */
export function attachments(of: Scenario): void {
  volumes(of);
  floatingIps(of);
  reverseDns(of);
  firewalls(of);
  end(of);
}

function volumes(of: Scenario): void {
  const volume = { name: 'disk', size: 10, server: 'machine' };
  of.makes(
    'created',
    'volume',
    { ...volume, labels: LABELS, format: 'ext4', automount: true, delete_protection: true },
    'disk',
  );
  of.refused('that is protected, deleted', 'volume', { name: 'disk', state: 'absent' }, 'protected');
  of.makes('unprotected', 'volume', { name: 'disk', delete_protection: false });
  relabelled(of, 'volume', 'disk');
  of.makes('resized', 'volume', { name: 'disk', size: 20 });
  of.keeps('asked to be smaller', 'volume', { name: 'disk', size: 10 });
  of.refused('too small', 'volume', { name: 'x', size: 1, location: 'fsn1' }, 'invalid_input');
  const id = '{{ disk.hcloud_volume.id }}';
  told(of, 'volume_info', 'disk', id);
  of.makes('of another server', 'volume_attachment', { volume: 'disk', server: 'guest', automount: false });
  of.makes('of no server', 'volume_attachment', { volume: 'disk', state: 'absent' });
  of.refused(
    'of a server that is none',
    'volume_attachment',
    { volume: 'disk', server: 'x' },
    'does not exist',
  );
  of.makes('attached', 'volume', { name: 'disk', server: 'machine' });
  of.makes('renamed', 'volume', { id, name: 'store' });
  of.makes('attached, deleted', 'volume', { name: 'store', state: 'absent' });
}

function floatingIps(of: Scenario): void {
  const four = { name: 'roaming', type: 'ipv4' };
  of.makes(
    'created',
    'floating_ip',
    { ...four, home_location: 'fsn1', description: 'moves', labels: LABELS, delete_protection: true },
    'roaming',
  );
  of.refused('that is protected, deleted', 'floating_ip', { name: 'roaming', state: 'absent' }, 'protected');
  of.makes('unprotected', 'floating_ip', { name: 'roaming', delete_protection: false });
  relabelled(of, 'floating_ip', 'roaming');
  const id = '{{ roaming.hcloud_floating_ip.id }}';
  of.makes('described', 'floating_ip', { id, description: 'moves on' });
  of.makes('of a server', 'floating_ip', { name: 'roaming', server: 'machine' });
  of.makes('of another server', 'floating_ip', { name: 'roaming', server: 'guest', force: true });
  told(of, 'floating_ip_info', 'roaming', id);
  const gone = { name: 'roaming', state: 'absent' };
  of.refused('of a server, deleted', 'floating_ip', { ...gone, force: true }, 'must_be_unassigned');
  of.makes('of no server', 'floating_ip', { name: 'roaming' });
  of.makes(
    'created for a server',
    'floating_ip',
    { name: 'six-roams', type: 'ipv6', server: 'machine' },
    'six',
  );
}

function reverseDns(of: Scenario): void {
  const server = { server: 'machine', ip_address: '{{ machine.hcloud_server.ipv4_address }}' };
  of.makes('of a server', 'rdns', { ...server, dns_ptr: 'machine.example.com' });
  // There always is a name, so it is always one that can be taken away.
  of.does('of a server, deleted', 'rdns', { ...server, state: 'absent' });
  const six = { server: 'machine', ip_address: `{{ machine.hcloud_server.ipv6 | replace('/64', '1') }}` };
  of.makes('of a server by IPv6', 'rdns', { ...six, dns_ptr: 'machine.example.com' });
  of.makes('of a server by IPv6, changed', 'rdns', { ...six, dns_ptr: 'six.example.com' });
  of.makes('of a server by IPv6, deleted', 'rdns', { ...six, state: 'absent' });
  const floating = { floating_ip: 'roaming', ip_address: '{{ roaming.hcloud_floating_ip.ip }}' };
  of.makes('of a floating IP', 'rdns', { ...floating, dns_ptr: 'roaming.example.com' });
  of.makes('for a name', 'primary_ip', { name: 'named', type: 'ipv4', datacenter: 'fsn1-dc14' }, 'named');
  const primary = { primary_ip: 'named', ip_address: '{{ named.hcloud_primary_ip.ip }}' };
  of.makes('of a primary IP', 'rdns', { ...primary, dns_ptr: 'named.example.com' });
  of.refused('that is none', 'rdns', { ...server, dns_ptr: 'no name' }, 'invalid_input');
  of.makes('for a name, deleted', 'primary_ip', { name: 'named', state: 'absent' });
}

function firewalls(of: Scenario): void {
  of.makes('applied to servers', 'firewall_resource', { firewall: 'wall', servers: ['guest'] });
  of.makes('applied by label', 'firewall_resource', { firewall: 'wall', label_selectors: ['role=web'] });
  told(of, 'firewall_info', 'wall', '{{ firewall.hcloud_firewall.id }}');
  of.makes('removed', 'firewall_resource', {
    firewall: 'wall',
    servers: ['guest'],
    label_selectors: ['role=web'],
    state: 'absent',
  });
  of.refused('of no firewall', 'firewall_resource', { firewall: 'x', servers: ['guest'] }, 'does not exist');
  // The module waits for half a minute whether these words still come.
  of.refused('in use, deleted', 'firewall', { name: 'wall', state: 'absent' }, 'is still in use');
  of.makes('in use, deleted by force', 'firewall', { name: 'wall', state: 'absent', force: true });
}

function end(of: Scenario): void {
  of.makes('deleted', 'server', { name: 'machine', state: 'absent' });
  of.makes('that was not started, deleted', 'server', { name: 'guest', state: 'absent' });
  of.makes('deleted', 'floating_ip', { name: 'roaming', state: 'absent' });
  of.makes('of IPv6, deleted', 'floating_ip', { name: 'six-roams', state: 'absent' });
  of.makes('of IPv6, deleted', 'primary_ip', { name: 'six', state: 'absent' });
  of.makes('that had a server, deleted', 'volume', { name: 'first-disk', state: 'absent' });
  of.makes('deleted after its servers', 'placement_group', { name: 'apart-1', state: 'absent' });
  of.makes('deleted after its servers', 'network', { name: 'lan', state: 'absent' });
}
