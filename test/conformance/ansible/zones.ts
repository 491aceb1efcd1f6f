import { LABELS, relabelled, told } from './keys.ts';
import type { Scenario } from './scenario.ts';

const ZONE_FILE = `$ORIGIN example.com.
$TTL 3600
@ IN SOA hydrogen.ns.hetzner.com. dns.hetzner.com. 2025112500 86400 10800 3600000 3600
@ IN NS hydrogen.ns.hetzner.com.
@ IN NS oxygen.ns.hetzner.com.
@ IN NS helium.ns.hetzner.de.
www IN A 192.0.2.7
`;

export function zones(of: Scenario): void {
  const zone = { name: 'example.com', mode: 'primary' };
  of.makes('created', 'zone', { ...zone, ttl: 10_800, labels: LABELS, delete_protection: true }, 'zone');
  const id = '{{ zone.hcloud_zone.id }}';
  of.refused('that is protected, deleted', 'zone', { name: 'example.com', state: 'absent' }, 'protected');
  of.makes('unprotected', 'zone', { ...zone, delete_protection: false });
  relabelled(of, 'zone', 'example.com');
  of.makes('with another TTL', 'zone', { id, ttl: 7200 });
  of.refused('with a TTL that is none', 'zone', { id, ttl: 1 }, 'invalid_input');
  of.refused('of a name that is none', 'zone', { ...zone, name: 'no domain' }, 'invalid_input');
  of.does('imported', 'zone', { name: 'example.com', zonefile: ZONE_FILE, state: 'import' });
  const file = '$TTL 3600\n@ IN A 192.0.2.1\n';
  of.makes('from a file', 'zone', { name: 'example.info', mode: 'primary', zonefile: file });
  of.makes('from a file, deleted', 'zone', { name: 'example.info', state: 'absent' });
  const secondary = { name: 'example.org', mode: 'secondary' };
  of.makes('secondary', 'zone', { ...secondary, primary_nameservers: [{ address: '192.0.2.1', port: 53 }] });
  const signed = { address: '192.0.2.2', port: 5353, tsig_algorithm: 'hmac-sha256', tsig_key: 'c2VjcmV0' };
  of.makes('with other primary name servers', 'zone', { ...secondary, primary_nameservers: [signed] });
  told(of, 'zone_info', 'example.com', id);

  const www = { zone: 'example.com', name: 'web', type: 'A' };
  const records = [
    { value: '192.0.2.1', comment: 'one' },
    { value: '192.0.2.2', comment: 'two' },
  ];
  of.makes('created', 'zone_rrset', { ...www, ttl: 300, labels: LABELS, records, change_protection: true });
  of.refused('that is protected, changed', 'zone_rrset', { ...www, ttl: 600 }, 'protected');
  of.refused(
    'with a protected record, deleted',
    'zone',
    { name: 'example.com', state: 'absent' },
    'protected',
  );
  of.makes('unprotected', 'zone_rrset', { ...www, change_protection: false });
  of.makes('with another TTL', 'zone_rrset', { ...www, ttl: 600 });
  of.makes('with other records', 'zone_rrset', { ...www, records: [{ value: '192.0.2.9', comment: '' }] });
  of.makes('relabelled', 'zone_rrset', { ...www, labels: { changed: 'yes' } });
  of.makes('of text', 'zone_rrset', {
    ...www,
    name: 'text',
    type: 'TXT',
    records: [{ value: '"a b"', comment: '' }],
  });
  const wrong = { ...www, name: 'wrong', records: [{ value: 'nonsense' }] };
  of.refused('with a record that is none', 'zone_rrset', wrong, 'invalid_input');
  of.refused('in no zone', 'zone_rrset', { ...www, zone: 'example.net', records }, 'not_found');
  const { zone: name } = www;
  of.tells('all', 'zone_rrset_info', { zone: name });
  of.tells('by name and type', 'zone_rrset_info', www, ['web']);
  of.tells('by id', 'zone_rrset_info', { zone: name, id: 'web/A' }, ['web']);
  of.tells('by label', 'zone_rrset_info', { zone: name, label_selector: 'changed=yes' }, ['web']);
  of.tells('by the name of none', 'zone_rrset_info', { ...www, name: 'nothing' }, []);
  of.keeps('by id', 'zone_rrset', { zone: name, id: 'web/A', ttl: 600 });
  of.makes('deleted', 'zone_rrset', { ...www, state: 'absent' });

  of.makes('deleted', 'zone', { name: 'example.com', state: 'absent' });
  of.makes('secondary, deleted', 'zone', { name: 'example.org', state: 'absent' });
}
