import { LABELS, relabelled, sshKey, told } from './keys.ts';
import type { Scenario } from './scenario.ts';

const SERVER = { server_type: 'cpx22', image: 'debian-12' };

export async function servers(of: Scenario, work: string): Promise<void> {
  await before(of, work);
  of.makes(
    'created',
    'server',
    {
      ...SERVER,
      name: 'machine',
      location: 'fsn1',
      labels: LABELS,
      user_data: '#cloud-config\n{}',
      ssh_keys: ['login'],
      firewalls: ['wall'],
      volumes: ['first-disk'],
      private_networks: ['lan'],
      placement_group: 'apart-1',
      enable_ipv4: true,
      image_allow_deprecated: true,
      enable_ipv6: true,
      backups: true,
      delete_protection: true,
      rebuild_protection: true,
    },
    'machine',
  );
  const id = '{{ machine.hcloud_server.id }}';
  of.refused('that is protected, deleted', 'server', { name: 'machine', state: 'absent' }, 'protected');
  of.refused(
    'that is protected, rebuilt',
    'server',
    { name: 'machine', image: 'debian-12', state: 'rebuild' },
    'protected',
  );
  const unprotected = { delete_protection: false, rebuild_protection: false };
  of.makes('unprotected', 'server', { name: 'machine', ...unprotected });
  relabelled(of, 'server', 'machine');
  of.makes('without backups', 'server', { name: 'machine', backups: false });
  of.makes('with a rescue system', 'server', {
    name: 'machine',
    rescue_mode: 'linux64',
    ssh_keys: ['login'],
  });
  of.makes('without a rescue system', 'server', { name: 'machine' });
  of.makes('without firewalls', 'server', { name: 'machine', firewalls: [] });
  of.makes('behind a firewall', 'server', { name: 'machine', firewalls: ['wall'] });
  of.makes('in no placement group', 'server', { name: 'machine', placement_group: '' });
  of.makes('in a placement group', 'server', { name: 'machine', placement_group: 'apart-1', force: true });
  of.makes('in no network', 'server', { name: 'machine', private_networks: [] });
  of.makes('in a network', 'server', { name: 'machine', private_networks: ['lan'] });
  const larger = { name: 'machine', server_type: 'cpx32' };
  of.refused('resized while it runs', 'server', larger, 'server_not_stopped');
  of.makes('resized', 'server', { ...larger, upgrade_disk: true, force: true });
  of.refused(
    'resized to a smaller disk',
    'server',
    { name: 'machine', server_type: 'cpx22', force: true },
    'invalid_server_type',
  );
  of.makes('started', 'server', { name: 'machine', state: 'started' });
  of.makes('stopped', 'server', { name: 'machine', state: 'stopped' });
  of.makes('running', 'server', { name: 'machine' });
  of.does('restarted', 'server', { name: 'machine', state: 'restarted' });
  of.does('rebuilt', 'server', { name: 'machine', image: 'debian-12', state: 'rebuild' });
  of.makes('renamed', 'server', { id, name: 'renamed' });
  of.makes('renamed back', 'server', { id, name: 'machine' });
  of.refused('of no type', 'server', { ...SERVER, name: 'x', server_type: 'cx0' }, 'does not exist');
  of.refused('of no image', 'server', { ...SERVER, name: 'x', image: '999999999' }, 'not_found');
  of.refused('of a name that is none', 'server', { ...SERVER, name: 'no_host' }, 'invalid_input');
  addresses(of);
  told(of, 'server_info', 'machine', id);
}

/** Everything that a server can be created with. */
async function before(of: Scenario, work: string): Promise<void> {
  of.does('for a server', 'ssh_key', { name: 'login', public_key: await sshKey(work, 'login') });
  of.does('for a server', 'placement_group', { name: 'apart-1', type: 'spread' });
  of.does('for a server', 'network', { name: 'lan', ip_range: '10.2.0.0/16' });
  const subnet = { network: 'lan', network_zone: 'eu-central', type: 'cloud', ip_range: '10.2.1.0/24' };
  of.does('for a server', 'subnetwork', subnet);
  of.does('for a server', 'volume', { name: 'first-disk', size: 10, location: 'fsn1' });
  firewalls(of);
}

function firewalls(of: Scenario): void {
  const ssh = {
    description: 'shells',
    direction: 'in',
    protocol: 'tcp',
    port: '22',
    source_ips: ['192.0.2.0/24', '2001:db8::/32'],
  };
  const ping = { direction: 'in', protocol: 'icmp', source_ips: ['0.0.0.0/0', '::/0'] };
  const out = { direction: 'out', protocol: 'udp', port: '1-65535', destination_ips: ['0.0.0.0/0'] };
  of.makes('created', 'firewall', { name: 'firewall', labels: LABELS, rules: [ssh, ping] }, 'firewall');
  of.makes('with other rules', 'firewall', { name: 'firewall', rules: [ssh, out] });
  relabelled(of, 'firewall', 'firewall');
  for (const [what, rule] of [
    ['of a range that is none', { ...ssh, source_ips: ['192.0.2.1/24'] }],
    ['of a port that is none', { ...ssh, port: '70000' }],
  ] as const)
    of.refused(what, 'firewall', { name: 'firewall', rules: [rule] }, 'invalid_input');
  of.makes('renamed', 'firewall', { id: '{{ firewall.hcloud_firewall.id }}', name: 'wall' });
}

/** Primary IPs, of a server that is there for them. */
function addresses(of: Scenario): void {
  const place = { datacenter: 'fsn1-dc14' };
  const four = { name: 'four', type: 'ipv4', ...place, labels: LABELS };
  of.makes('created', 'primary_ip', { ...four, auto_delete: false, delete_protection: true }, 'four');
  of.refused('that is protected, deleted', 'primary_ip', { name: 'four', state: 'absent' }, 'protected');
  of.makes('unprotected', 'primary_ip', { name: 'four', delete_protection: false });
  relabelled(of, 'primary_ip', 'four');
  of.makes('that goes with its server', 'primary_ip', { name: 'four', auto_delete: true });
  const id = '{{ four.hcloud_primary_ip.id }}';
  of.makes('that stays', 'primary_ip', { id, auto_delete: false });
  of.makes('of IPv6', 'primary_ip', { name: 'six', type: 'ipv6', ...place });
  told(of, 'primary_ip_info', 'four', id, {
    home_location: 'datacenter.name',
    dns_ptr: 'dns_ptr.0.dns_ptr',
  });

  const guest = { ...SERVER, name: 'guest', ...place, state: 'created' };
  of.makes('without IPv4, not started', 'server', { ...guest, enable_ipv4: false });
  of.makes('for a server', 'primary_ip', { name: 'five', type: 'ipv4', server: 'guest' });
  of.makes('with another primary IPv4', 'server', { name: 'guest', ipv4: 'four', state: 'created' });
  of.makes('with another primary IPv6', 'server', { name: 'guest', ipv6: 'six', state: 'created' });
  of.refused('of a server, deleted', 'primary_ip', { name: 'four', state: 'absent' }, 'must_be_unassigned');
  of.makes('without a primary IP', 'server', {
    name: 'guest',
    ipv4: 'four',
    enable_ipv4: false,
    state: 'created',
  });
  of.makes('of IPv4, deleted', 'primary_ip', { name: 'four', state: 'absent' });
  of.makes('of a server no more, deleted', 'primary_ip', { name: 'five', state: 'absent' });
}
