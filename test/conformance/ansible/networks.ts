import { LABELS, relabelled, told } from './keys.ts';
import type { Scenario } from './scenario.ts';

export function networks(of: Scenario): void {
  const network = { name: 'network', ip_range: '10.0.0.0/16' };
  of.makes(
    'created',
    'network',
    { ...network, labels: LABELS, expose_routes_to_vswitch: false, delete_protection: true },
    'made',
  );
  of.refused('that is protected, deleted', 'network', { name: 'network', state: 'absent' }, 'protected');
  of.makes('unprotected', 'network', { name: 'network', delete_protection: false });
  relabelled(of, 'network', 'network');
  of.makes('with a wider range', 'network', { name: 'network', ip_range: '10.0.0.0/15' });
  of.makes('routes exposed to its vSwitch', 'network', { name: 'network', expose_routes_to_vswitch: true });
  of.refused('of public addresses', 'network', { name: 'x', ip_range: '8.8.8.0/24' }, 'invalid_input');
  of.refused('without a range', 'network', { name: 'x' }, 'missing required arguments: ip_range');

  const subnet = { network: 'network', network_zone: 'eu-central' };
  of.makes('created', 'subnetwork', { ...subnet, type: 'cloud', ip_range: '10.0.1.0/24' });
  of.makes('of the type of old', 'subnetwork', { ...subnet, type: 'server', ip_range: '10.0.2.0/24' });
  const coupled = { ...subnet, type: 'vswitch', ip_range: '10.0.3.0/24', vswitch_id: 4711 };
  of.makes('of a vSwitch', 'subnetwork', coupled);
  const overlapping = { ...subnet, type: 'cloud', ip_range: '10.0.1.0/25' };
  of.refused('that overlaps another', 'subnetwork', overlapping, 'overlap');
  const elsewhere = { network: 'network', network_zone: 'us-east', type: 'cloud', ip_range: '10.0.9.0/24' };
  of.refused('of another zone', 'subnetwork', elsewhere, 'invalid_input');
  of.refused('of no network', 'subnetwork', { ...elsewhere, network: 'nothing' }, 'does not exist');

  const route = { network: 'network', destination: '10.100.1.0/24', gateway: '10.0.1.1' };
  of.makes('created', 'route', route);
  const inward = { ...route, destination: '10.0.1.0/24' };
  of.refused('into a subnet', 'route', inward, 'overlap');

  of.does('to be attached', 'server', {
    name: 'member',
    server_type: 'cpx22',
    image: 'debian-12',
    location: 'fsn1',
  });
  const member = { network: 'network', server: 'member' };
  of.makes('attached', 'server_network', { ...member, ip: '10.0.1.10', alias_ips: ['10.0.1.11'] });
  of.makes('with other alias IPs', 'server_network', { ...member, alias_ips: ['10.0.1.12', '10.0.1.13'] });
  told(of, 'network_info', 'network', '{{ made.hcloud_network.id }}');
  const inUse = { ...subnet, type: 'cloud', ip_range: '10.0.1.0/24', state: 'absent' };
  of.refused('with a server in it, deleted', 'subnetwork', inUse, 'service_error');
  of.makes('detached', 'server_network', { ...member, state: 'absent' });
  const outside = { ...member, ip: '192.168.0.1' };
  of.refused('at an address of no subnet', 'server_network', outside, 'invalid_input');

  of.makes('deleted', 'route', { ...route, state: 'absent' });
  of.makes('deleted', 'subnetwork', inUse);
  of.makes('of a vSwitch, deleted', 'subnetwork', { ...coupled, state: 'absent' });
  of.makes('renamed', 'network', { id: '{{ made.hcloud_network.id }}', name: 'renamed' });
  of.makes('deleted', 'network', { name: 'renamed', state: 'absent' });
  of.makes('of no network, deleted', 'server', { name: 'member', state: 'absent' });
}
