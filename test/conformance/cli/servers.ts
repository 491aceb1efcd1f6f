import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cli, expect, type JsonObject } from './cli.ts';
import { deletes, KINDS, labels, protects, reads, renames } from './lifecycle.ts';

/** Leaves a server `machine` that runs. */
export async function servers(cli: Cli): Promise<void> {
  const server = (...args: readonly string[]) => cli.ok('server', ...args);
  const now = () => cli.json('server', 'describe', 'machine');
  writeFileSync('user-data', '#cloud-config\n{}\n');
  await cli.check('server create', () =>
    server(
      ...['create', '--name', 'machine', '--type', 'cpx22', '--image', 'debian-12', '--location', 'fsn1'],
      ...[
        '--ssh-key',
        'key',
        '--network',
        'network',
        '--firewall',
        'firewall',
        '--user-data-from-file',
        'user-data',
      ],
      ...['--label', 'a=b'],
    ),
  );
  await cli.check('server remove-label that came with it', () => server('remove-label', 'machine', 'a'));
  await cli.refused(
    'server create the same again',
    /uniqueness_error/,
    'server',
    'create',
    '--name',
    'machine',
    '--type',
    'cpx22',
    '--image',
    'debian-12',
  );
  await cli.refused(
    'server create of a type that is none',
    /cx0/,
    'server',
    'create',
    '--name',
    'x',
    '--type',
    'cx0',
    '--image',
    'debian-12',
  );
  await reads(cli, KINDS.server, 'machine');
  await labels(cli, KINDS.server, 'machine');
  await renames(cli, KINDS.server, 'machine');
  await protects(cli, KINDS.server, 'machine', ['delete', 'rebuild']);
  await power(cli);
  await disks(cli);
  await network(cli);
  await cli.check('server ip', async () => {
    const { public_net: net } = (await now()) as {
      public_net: { ipv4: { ip: string }; ipv6: { ip: string } };
    };
    expect((await server('ip', 'machine')).trim() === net.ipv4.ip, 'it is another address');
    expect(
      (await server('ip', '-6', 'machine')).trim() === net.ipv6.ip.replace('/64', '1'),
      'it is another IPv6 address',
    );
  });
  await cli.check('server set-rdns', async () => {
    await server('set-rdns', 'machine', '--hostname', 'machine.example.com');
    const { public_net: net } = (await now()) as { public_net: { ipv4: { dns_ptr: string } } };
    expect(net.ipv4.dns_ptr === 'machine.example.com', `it is ${net.ipv4.dns_ptr}`);
  });
  await cli.check('server metrics', async () => {
    const metrics = await cli.json('server', 'metrics', 'machine', '--type', 'cpu');
    expect(JSON.stringify(metrics).includes('"cpu"'), JSON.stringify(metrics).slice(0, 200));
  });
  await cli.check('server request-console', async () => {
    const { WSSURL: url } = await cli.json('server', 'request-console', 'machine');
    expect(String(url).startsWith('wss://'), `it is at ${url}`);
  });
  await cli.check('server ssh', () => ssh(cli));
  await cli.check('server create without public addresses, in a group', async () => {
    await server(
      ...['create', '--name', 'inner', '--type', 'cpx22', '--image', 'debian-12', '--location', 'fsn1'],
      ...[
        '--without-ipv4',
        '--without-ipv6',
        '--network',
        'network',
        '--placement-group',
        'group',
        '--start-after-create=false',
      ],
    );
    const inner = await cli.json('server', 'describe', 'inner');
    expect(
      inner['status'] === 'off' && (inner['public_net'] as JsonObject)['ipv4'] === null,
      JSON.stringify(inner['public_net']),
    );
  });
  await deletes(cli, KINDS.server, 'inner');
}

/** hcloud starts the ssh that it finds: here one that tells how it was called. */
async function ssh(cli: Cli): Promise<void> {
  const folder = join(process.cwd(), 'bin');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'ssh'), '#!/bin/sh\necho "$@"\n');
  chmodSync(join(folder, 'ssh'), 0o755);
  const { stdout } = await cli.run(['server', 'ssh', '-u', 'admin', '-p', '2222', 'machine', 'uptime'], {
    PATH: `${folder}:${process.env['PATH']}`,
  });
  const address = (await cli.ok('server', 'ip', 'machine')).trim();
  expect(stdout.includes('admin') && stdout.includes('2222') && stdout.includes(address), `ssh ${stdout}`);
}

async function power(cli: Cli): Promise<void> {
  const server = (...args: readonly string[]) => cli.ok('server', ...args);
  const isNow = async (status: string) => {
    const now = (await cli.json('server', 'describe', 'machine'))['status'];
    expect(now === status, `it is ${now}`);
  };
  for (const [command, status] of [
    ['poweroff', 'off'],
    ['poweron', 'running'],
    ['reboot', 'running'],
    ['reset', 'running'],
    ['shutdown', 'off'],
  ] as const) {
    await cli.check(`server ${command}`, async () => {
      await server(command, 'machine');
      await isNow(status);
    });
  }
  await cli.check('server add-to-placement-group', () =>
    server('add-to-placement-group', 'machine', '-g', 'group'),
  );
  await cli.check('server remove-from-placement-group', () =>
    server('remove-from-placement-group', 'machine'),
  );
  await cli.check('server change-type', async () => {
    await server('change-type', 'machine', 'cpx32', '--keep-disk');
    const { server_type: type } = (await cli.json('server', 'describe', 'machine')) as {
      server_type: JsonObject;
    };
    expect(type['name'] === 'cpx32', `it is a ${type['name']}`);
  });
  await server('poweron', 'machine');
  await cli.refused(
    'server change-type while it runs',
    /server_not_stopped|stopped/,
    'server',
    'change-type',
    'machine',
    'cpx22',
  );
}

async function disks(cli: Cli): Promise<void> {
  const server = (...args: readonly string[]) => cli.ok('server', ...args);
  const now = () => cli.json('server', 'describe', 'machine');
  await cli.check('server enable-rescue', async () => {
    const text = await server('enable-rescue', 'machine', '--ssh-key', 'key');
    expect(/password/i.test(text), text);
    expect((await now())['rescue_enabled'] === true, 'it is not enabled');
  });
  await cli.check('server disable-rescue', () => server('disable-rescue', 'machine'));
  await cli.check('server reset-password', async () =>
    expect(/password/i.test(await server('reset-password', 'machine')), 'it tells none'),
  );
  await cli.check('server attach-iso', async () => {
    const [iso] = (await cli.api<{ isos: { name: string }[] }>('/isos')).isos;
    await server('attach-iso', 'machine', iso?.name ?? '');
    expect(((await now())['iso'] as JsonObject)['name'] === iso?.name, 'it is not there');
  });
  await cli.check('server detach-iso', () => server('detach-iso', 'machine'));
  await cli.check('server enable-backup', async () => {
    await server('enable-backup', 'machine');
    expect((await now())['backup_window'] !== null, 'there is no window');
  });
  await cli.check('server create-image', () =>
    server('create-image', 'machine', '--type', 'snapshot', '--description', 'kept'),
  );
  const [image] = (await cli.api<{ images: { id: number }[] }>('/images?type=snapshot&sort=created:desc'))
    .images;
  const id = String(image?.id);
  await reads(cli, KINDS.image, id);
  await cli.check('image describe by name', async () => {
    expect(
      (await cli.json('image', 'describe', 'debian-12'))['os_flavor'] === 'debian',
      'it is another system',
    );
  });
  await labels(cli, KINDS.image, id);
  await cli.check('image update', async () => {
    await cli.ok('image', 'update', id, '--description', 'kept for long');
    expect(
      (await cli.json('image', 'describe', id))['description'] === 'kept for long',
      'it has its old description',
    );
  });
  await protects(cli, KINDS.image, id);
  await cli.check('server rebuild', () => server('rebuild', 'machine', '--image', id));
  await cli.check('server rebuild from a system image', () =>
    server('rebuild', 'machine', '--image', 'debian-12'),
  );
  await deletes(cli, KINDS.image, id);
  await cli.check('server disable-backup', () => server('disable-backup', 'machine'));
}

function aliases(nic: JsonObject | undefined): readonly string[] {
  return (nic?.['alias_ips'] ?? []) as string[];
}

async function network(cli: Cli): Promise<void> {
  const server = (...args: readonly string[]) => cli.ok('server', ...args);
  const nics = async () => (await cli.json('server', 'describe', 'machine'))['private_net'] as JsonObject[];
  await cli.check('server change-alias-ips', async () => {
    await server('change-alias-ips', 'machine', '-n', 'network', '--alias-ips', '10.0.1.40,10.0.1.41');
    expect(aliases((await nics())[0]).length === 2, 'it has others');
  });
  await cli.check('server change-alias-ips --clear', async () => {
    await server('change-alias-ips', 'machine', '-n', 'network', '--clear');
    expect(aliases((await nics())[0]).length === 0, 'some are left');
  });
  await cli.check('server detach-from-network', () =>
    server('detach-from-network', 'machine', '-n', 'network'),
  );
  await cli.check('server attach-to-network', async () => {
    await server(
      'attach-to-network',
      'machine',
      '-n',
      'network',
      '--ip',
      '10.0.1.7',
      '--alias-ips',
      '10.0.1.8',
    );
    expect((await nics())[0]?.['ip'] === '10.0.1.7', 'it has another address');
  });
  await cli.refused(
    'server attach-to-network twice',
    /server_already_attached/,
    'server',
    'attach-to-network',
    'machine',
    '-n',
    'network',
  );
  const target = ['--type', 'server', '--server', 'machine'];
  await cli.check('firewall remove-from-resource', () =>
    cli.ok('firewall', 'remove-from-resource', 'firewall', ...target),
  );
  await cli.check('firewall apply-to-resource', async () => {
    await cli.ok('firewall', 'apply-to-resource', 'firewall', ...target);
    const { applied_to: applied } = await cli.json('firewall', 'describe', 'firewall');
    expect((applied as JsonObject[]).length === 1, `it is applied to ${JSON.stringify(applied)}`);
  });
  await cli.refused('firewall delete what is in use', /resource_in_use/, 'firewall', 'delete', 'firewall');
  await cli.check('firewall apply-to-resource by labels', async () => {
    const selected = ['--type', 'label_selector', '--label-selector', 'tier=web'];
    await cli.ok('firewall', 'apply-to-resource', 'firewall', ...selected);
    await cli.ok('firewall', 'remove-from-resource', 'firewall', ...selected);
  });
}
