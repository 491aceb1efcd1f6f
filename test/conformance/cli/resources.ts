import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { type Cli, expect, type JsonObject } from './cli.ts';
import { deletes, KINDS, labels, named, protects, reads, renames } from './lifecycle.ts';

export async function keys(cli: Cli): Promise<void> {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'me', '-f', 'key']);
  await cli.check('ssh-key create from a file', () =>
    cli.ok('ssh-key', 'create', '--name', 'key', '--public-key-from-file', 'key.pub'),
  );
  const text = readFileSync('key.pub', 'utf8').trim();
  await cli.refused(
    'ssh-key create the same again',
    /uniqueness_error/,
    'ssh-key',
    'create',
    '--name',
    'other',
    '--public-key',
    text,
  );
  await reads(cli, KINDS.sshKey, 'key');
  await labels(cli, KINDS.sshKey, 'key');
  await renames(cli, KINDS.sshKey, 'key');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'you', '-f', 'key-2']);
  await cli.check('ssh-key create from text, with labels', () =>
    cli.ok(
      'ssh-key',
      'create',
      '--name',
      'gone',
      '--public-key',
      readFileSync('key-2.pub', 'utf8'),
      '--label',
      'a=b',
    ),
  );
  await deletes(cli, KINDS.sshKey, 'gone');
}

export async function networks(cli: Cli): Promise<void> {
  const network = (...args: readonly string[]) => cli.ok('network', ...args);
  const now = () => cli.json('network', 'describe', 'network');
  await cli.check('network create', () =>
    network('create', '--name', 'network', '--ip-range', '10.0.0.0/16', '--label', 'a=b'),
  );
  await cli.check('network remove-label that came with it', () => network('remove-label', 'network', 'a'));
  await cli.check('network add-subnet', async () => {
    const place = ['--type', 'cloud', '--network-zone', 'eu-central'];
    await network('add-subnet', 'network', ...place, '--ip-range', '10.0.1.0/24');
    await network('add-subnet', 'network', ...place, '--ip-range', '10.0.2.0/24');
  });
  await cli.check('network add-subnet to a vSwitch', () =>
    network(
      'add-subnet',
      'network',
      '--type',
      'vswitch',
      '--network-zone',
      'eu-central',
      '--vswitch-id',
      '4711',
      '--ip-range',
      '10.0.3.0/24',
    ),
  );
  await cli.refused(
    'network add-subnet that overlaps',
    /overlap/i,
    'network',
    'add-subnet',
    'network',
    '--type',
    'cloud',
    '--network-zone',
    'eu-central',
    '--ip-range',
    '10.0.1.0/25',
  );
  await cli.check('network remove-subnet', async () => {
    await network('remove-subnet', 'network', '--ip-range', '10.0.3.0/24');
    expect(((await now())['subnets'] as JsonObject[]).length === 2, 'another number of subnets is left');
  });
  const route = ['--destination', '192.168.0.0/24', '--gateway', '10.0.1.5'];
  await cli.check('network add-route', async () => {
    await network('add-route', 'network', ...route);
    expect(((await now())['routes'] as JsonObject[]).length === 1, 'there is no route');
  });
  await reads(cli, KINDS.network, 'network');
  await cli.check('network remove-route', () => network('remove-route', 'network', ...route));
  await cli.check('network change-ip-range', async () => {
    await network('change-ip-range', 'network', '--ip-range', '10.0.0.0/12');
    expect((await now())['ip_range'] === '10.0.0.0/12', 'it has its old range');
  });
  await labels(cli, KINDS.network, 'network');
  await renames(cli, KINDS.network, 'network');
  await protects(cli, KINDS.network, 'network');
  await cli.ok('network', 'create', '--name', 'gone', '--ip-range', '10.99.0.0/16');
  await deletes(cli, KINDS.network, 'gone');
}

export async function firewalls(cli: Cli): Promise<void> {
  const firewall = (...args: readonly string[]) => cli.ok('firewall', ...args);
  const rules = async () => (await cli.json('firewall', 'describe', 'firewall'))['rules'] as JsonObject[];
  const rule = { direction: 'in', protocol: 'tcp', port: '443', source_ips: ['0.0.0.0/0', '::/0'] };
  writeFileSync('rules.json', JSON.stringify([rule]));
  await cli.check('firewall create with rules', async () => {
    await firewall('create', '--name', 'firewall', '--rules-file', 'rules.json');
    expect((await rules()).length === 1, 'it has no rule');
  });
  const ssh = [
    '--direction',
    'in',
    '--protocol',
    'tcp',
    '--port',
    '22',
    '--source-ips',
    '192.0.2.0/24',
    '--description',
    'people',
  ];
  await cli.check('firewall add-rule', async () => {
    await firewall('add-rule', 'firewall', ...ssh);
    expect(
      (await rules()).some(({ description }) => description === 'people'),
      'it is not there',
    );
  });
  await reads(cli, KINDS.firewall, 'firewall');
  await cli.check('firewall delete-rule', async () => {
    await firewall('delete-rule', 'firewall', ...ssh);
    expect((await rules()).length === 1, 'it is still there');
  });
  await cli.check('firewall replace-rules', async () => {
    const outgoing = { direction: 'out', protocol: 'icmp', destination_ips: ['198.51.100.7/32'] };
    writeFileSync('rules.json', JSON.stringify([rule, { ...rule, port: '80' }, outgoing]));
    await firewall('replace-rules', 'firewall', '--rules-file', 'rules.json');
    expect((await rules()).length === 3, 'it has other rules');
  });
  await cli.refused(
    'firewall add-rule without port',
    /port/,
    'firewall',
    'add-rule',
    'firewall',
    '--direction',
    'in',
    '--protocol',
    'udp',
    '--source-ips',
    '0.0.0.0/0',
  );
  await labels(cli, KINDS.firewall, 'firewall');
  await renames(cli, KINDS.firewall, 'firewall');
  await cli.ok('firewall', 'create', '--name', 'gone');
  await deletes(cli, KINDS.firewall, 'gone');
}

export async function groups(cli: Cli): Promise<void> {
  await cli.check('placement-group create', () =>
    cli.ok('placement-group', 'create', '--name', 'group', '--type', 'spread'),
  );
  await cli.refused(
    'placement-group create the same again',
    /uniqueness_error/,
    'placement-group',
    'create',
    '--name',
    'group',
    '--type',
    'spread',
  );
  await reads(cli, KINDS.placementGroup, 'group');
  await labels(cli, KINDS.placementGroup, 'group');
  await renames(cli, KINDS.placementGroup, 'group');
  await cli.ok('placement-group', 'create', '--name', 'gone', '--type', 'spread');
  await deletes(cli, KINDS.placementGroup, 'gone');
}

export async function volumes(cli: Cli): Promise<void> {
  const volume = (...args: readonly string[]) => cli.ok('volume', ...args);
  const now = () => cli.json('volume', 'describe', 'volume');
  await cli.check('volume create', () =>
    volume('create', '--name', 'volume', '--size', '10', '--location', 'fsn1', '--format', 'ext4'),
  );
  await cli.check('volume attach', async () => {
    await volume('attach', 'volume', '--server', 'machine');
    expect((await now())['server'] === (await named(cli, KINDS.server, 'machine')).id, 'it is not there');
  });
  await reads(cli, KINDS.volume, 'volume');
  await cli.refused('volume delete what is attached', /attached/, 'volume', 'delete', 'volume');
  await cli.check('volume detach', () => volume('detach', 'volume'));
  await cli.check('volume resize', async () => {
    await volume('resize', 'volume', '--size', '25');
    expect((await now())['size'] === 25, 'it has its old size');
  });
  await cli.refused('volume resize to less', /size/, 'volume', 'resize', 'volume', '--size', '10');
  await labels(cli, KINDS.volume, 'volume');
  await renames(cli, KINDS.volume, 'volume');
  await protects(cli, KINDS.volume, 'volume');
  await cli.check('volume create for a server', async () => {
    await volume('create', '--name', 'with', '--size', '10', '--server', 'machine');
    await volume('detach', 'with');
    await volume('delete', 'with');
  });
  await deletes(cli, KINDS.volume, 'volume');
}

export async function addresses(cli: Cli): Promise<void> {
  await floating(cli);
  await primary(cli);
}

async function floating(cli: Cli): Promise<void> {
  const address = (...args: readonly string[]) => cli.ok('floating-ip', ...args);
  const now = () => cli.json('floating-ip', 'describe', 'floating');
  await cli.check('floating-ip create', () =>
    address(
      'create',
      '--type',
      'ipv4',
      '--home-location',
      'fsn1',
      '--name',
      'floating',
      '--description',
      'entry',
    ),
  );
  await cli.check('floating-ip assign', async () => {
    await address('assign', 'floating', 'machine');
    expect((await now())['server'] === (await named(cli, KINDS.server, 'machine')).id, 'it is not there');
  });
  await cli.check('floating-ip set-rdns', async () => {
    const ip = String((await now())['ip']);
    await address('set-rdns', 'floating', '--ip', ip, '--hostname', 'entry.example.com');
    const [pointer] = (await now())['dns_ptr'] as JsonObject[];
    expect(pointer?.['dns_ptr'] === 'entry.example.com', `it is ${JSON.stringify(pointer)}`);
  });
  await reads(cli, KINDS.floatingIp, 'floating');
  await cli.check('floating-ip unassign', () => address('unassign', 'floating'));
  await labels(cli, KINDS.floatingIp, 'floating');
  await renames(cli, KINDS.floatingIp, 'floating');
  await protects(cli, KINDS.floatingIp, 'floating');
  await deletes(cli, KINDS.floatingIp, 'floating');
  await cli.check('floating-ip create IPv6 for a server', async () => {
    await address('create', '--type', 'ipv6', '--server', 'machine', '--name', 'six');
    await address('unassign', 'six');
    await address('delete', 'six');
  });
}

async function primary(cli: Cli): Promise<void> {
  const address = (...args: readonly string[]) => cli.ok('primary-ip', ...args);
  const now = () => cli.json('primary-ip', 'describe', 'primary');
  await cli.check('primary-ip create', () =>
    address('create', '--type', 'ipv4', '--name', 'primary', '--datacenter', 'fsn1-dc14'),
  );
  const { public_net: net } = (await cli.json('server', 'describe', 'machine')) as {
    public_net: { ipv4: { id: number } };
  };
  await cli.refused(
    'primary-ip unassign from a server that runs',
    /server_not_stopped|stopped|running/,
    'primary-ip',
    'unassign',
    String(net.ipv4.id),
  );
  await cli.ok('server', 'poweroff', 'machine');
  await cli.check('primary-ip unassign', () => address('unassign', String(net.ipv4.id)));
  await cli.check('primary-ip assign', async () => {
    await address('assign', 'primary', '--server', 'machine');
    expect(
      (await now())['assignee_id'] === (await named(cli, KINDS.server, 'machine')).id,
      'it is not there',
    );
  });
  await cli.check('primary-ip set-rdns', async () => {
    const ip = String((await now())['ip']);
    await address('set-rdns', 'primary', '--ip', ip, '--hostname', 'primary.example.com');
    const [pointer] = (await now())['dns_ptr'] as JsonObject[];
    expect(pointer?.['dns_ptr'] === 'primary.example.com', `it is ${JSON.stringify(pointer)}`);
  });
  await reads(cli, KINDS.primaryIp, 'primary');
  await renames(cli, KINDS.primaryIp, 'primary');
  await protects(cli, KINDS.primaryIp, 'primary', []);
  await cli.check('primary-ip update --auto-delete', async () => {
    await address('update', 'primary', '--auto-delete=true');
    expect((await now())['auto_delete'] === true, 'it stays when its server goes');
  });
  await cli.ok('primary-ip', 'unassign', 'primary');
  await deletes(cli, KINDS.primaryIp, 'primary');
  await cli.ok('primary-ip', 'assign', String(net.ipv4.id), '--server', 'machine');
  await cli.ok('server', 'poweron', 'machine');
}
