import { execFileSync } from 'node:child_process';
import { type Cli, expect, type JsonObject } from './cli.ts';
import { deletes, KINDS, labels, named, protects, reads, renames } from './lifecycle.ts';

export async function balancers(cli: Cli): Promise<void> {
  await certificates(cli);
  const balancer = (...args: readonly string[]) => cli.ok('load-balancer', ...args);
  const now = () => cli.json('load-balancer', 'describe', 'balancer');
  await cli.check('load-balancer create', () =>
    balancer(
      'create',
      '--name',
      'balancer',
      '--type',
      'lb11',
      '--location',
      'fsn1',
      '--algorithm-type',
      'round_robin',
    ),
  );
  await services(cli);
  await cli.check('load-balancer attach-to-network', async () => {
    await balancer('attach-to-network', 'balancer', '-n', 'network', '--ip', '10.0.1.20');
    expect(
      ((await now())['private_net'] as JsonObject[])[0]?.['ip'] === '10.0.1.20',
      'it has another address',
    );
  });
  await cli.check('load-balancer add-target', async () => {
    await balancer('add-target', 'balancer', '--server', 'machine', '--use-private-ip');
    expect(((await now())['targets'] as JsonObject[]).length === 1, 'it has no target');
  });
  await cli.refused(
    'load-balancer add-target twice',
    /target_already_defined/,
    'load-balancer',
    'add-target',
    'balancer',
    '--server',
    'machine',
  );
  await cli.check('load-balancer add-target by labels', () =>
    balancer('add-target', 'balancer', '--label-selector', 'tier=web'),
  );
  await cli.refused(
    'load-balancer add-target of a stranger',
    /ip_not_owned/,
    'load-balancer',
    'add-target',
    'balancer',
    '--ip',
    '192.0.2.77',
  );
  await reads(cli, KINDS.balancer, 'balancer');
  await cli.check('load-balancer remove-target', async () => {
    await balancer('remove-target', 'balancer', '--server', 'machine');
    await balancer('remove-target', 'balancer', '--label-selector', 'tier=web');
    expect(((await now())['targets'] as JsonObject[]).length === 0, 'a target is left');
  });
  const isPublic = async () => ((await now())['public_net'] as JsonObject)['enabled'];
  await cli.check('load-balancer disable-public-interface', async () => {
    await balancer('disable-public-interface', 'balancer');
    expect((await isPublic()) === false, 'it is still public');
  });
  await cli.check('load-balancer enable-public-interface', async () => {
    await balancer('enable-public-interface', 'balancer');
    expect((await isPublic()) === true, 'it is not public');
  });
  await cli.check('load-balancer set-rdns', () =>
    balancer('set-rdns', 'balancer', '--hostname', 'balancer.example.com'),
  );
  await cli.check('load-balancer detach-from-network', () =>
    balancer('detach-from-network', 'balancer', '-n', 'network'),
  );
  await cli.check('load-balancer change-algorithm', async () => {
    await balancer('change-algorithm', 'balancer', '--algorithm-type', 'least_connections');
    expect(((await now())['algorithm'] as JsonObject)['type'] === 'least_connections', 'it has its old one');
  });
  await cli.check('load-balancer change-type', async () => {
    await balancer('change-type', 'balancer', 'lb21');
    expect(((await now())['load_balancer_type'] as JsonObject)['name'] === 'lb21', 'it has its old one');
  });
  await cli.check('load-balancer metrics as JSON', async () => {
    const metrics = await cli.json('load-balancer', 'metrics', 'balancer', '--type', 'open_connections');
    expect(JSON.stringify(metrics).includes('open_connections'), JSON.stringify(metrics).slice(0, 200));
  });
  await cli.check('load-balancer metrics as a picture', () =>
    balancer('metrics', 'balancer', '--type', 'open_connections'),
  );
  await labels(cli, KINDS.balancer, 'balancer');
  await renames(cli, KINDS.balancer, 'balancer');
  await protects(cli, KINDS.balancer, 'balancer');
  await deletes(cli, KINDS.balancer, 'balancer');
  await deletes(cli, KINDS.certificate, 'certificate');
}

async function services(cli: Cli): Promise<void> {
  const balancer = (...args: readonly string[]) => cli.ok('load-balancer', ...args);
  const service = async (port: number) =>
    ((await cli.json('load-balancer', 'describe', 'balancer'))['services'] as JsonObject[]).find(
      ({ listen_port: listen }) => listen === port,
    );
  const tcp = [
    '--protocol',
    'tcp',
    '--listen-port',
    '6443',
    '--destination-port',
    '6443',
    '--proxy-protocol',
  ];
  await cli.check('load-balancer add-service', () => balancer('add-service', 'balancer', ...tcp));
  await cli.refused(
    'load-balancer add-service to a port that is taken',
    /source_port_already_used/,
    'load-balancer',
    'add-service',
    'balancer',
    ...tcp,
  );
  await cli.check('load-balancer add-service with TLS', async () => {
    const { id } = await named(cli, KINDS.certificate, 'certificate');
    await balancer(
      ...[
        'add-service',
        'balancer',
        '--protocol',
        'https',
        '--http-certificates',
        String(id),
        '--http-redirect-http',
      ],
      ...['--http-sticky-sessions', '--http-cookie-name', 'CHOSEN', '--http-cookie-lifetime', '10m'],
    );
    expect(JSON.stringify(await service(443)).includes('"cookie_name":"CHOSEN"'), 'it has another cookie');
  });
  await cli.check('load-balancer update-service', async () => {
    await balancer(
      ...[
        'update-service',
        'balancer',
        '--listen-port',
        '6443',
        '--destination-port',
        '8443',
        '--health-check-protocol',
        'http',
      ],
      ...['--health-check-port', '8080', '--health-check-interval', '7s', '--health-check-timeout', '3s'],
      ...[
        '--health-check-retries',
        '2',
        '--health-check-http-path',
        '/ready',
        '--health-check-http-status-codes',
        '2??',
      ],
    );
    const changed = await service(6443);
    const check = changed?.['health_check'] as JsonObject;
    expect(changed?.['destination_port'] === 8443 && check['interval'] === 7, JSON.stringify(changed));
    expect((check['http'] as JsonObject)['path'] === '/ready', JSON.stringify(check));
  });
  await cli.check('load-balancer delete-service', async () => {
    await balancer('delete-service', 'balancer', '--listen-port', '443');
    expect((await service(443)) === undefined, 'it is still there');
  });
}

async function certificates(cli: Cli): Promise<void> {
  const subject = ['-subj', '/CN=www.example.com', '-addext', 'subjectAltName=DNS:www.example.com'];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30'];
  execFileSync('openssl', ['req', '-x509', ...kind, ...subject, '-keyout', 'tls.key', '-out', 'tls.crt'], {
    stdio: 'ignore',
  });
  await cli.check('certificate create', () =>
    cli.ok(
      'certificate',
      'create',
      '--name',
      'certificate',
      '--cert-file',
      'tls.crt',
      '--key-file',
      'tls.key',
    ),
  );
  await cli.refused(
    'certificate create a managed one',
    /unsupported_error/,
    'certificate',
    'create',
    '--name',
    'managed',
    '--type',
    'managed',
    '--domain',
    'example.com',
  );
  await reads(cli, KINDS.certificate, 'certificate');
  await labels(cli, KINDS.certificate, 'certificate');
  await renames(cli, KINDS.certificate, 'certificate');
}
