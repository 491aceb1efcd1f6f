import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCertificate } from '../certificate.ts';
import { Checkout, type Outcome } from '../engine/checkout.ts';
import { eventually } from './eventually.ts';
import { NO_TRACES, processIds, traces } from './traces.ts';

interface Balancer {
  readonly id: number;
  readonly public_net: { readonly ipv4: { readonly ip: string }; readonly ipv6: { readonly ip: string } };
  readonly private_net: readonly { readonly ip: string }[];
  readonly targets: readonly {
    readonly health_status: readonly {
      readonly listen_port: number;
      readonly status: string;
      readonly detail?: string;
      readonly http_status_code?: number;
    }[];
  }[];
  readonly ingoing_traffic: number;
}

const PROGRAM = readFileSync(join(import.meta.dirname, 'targets.py')).toString('base64');
const USER_DATA = `#cloud-config
write_files:
  - { path: /root/targets.py, encoding: b64, content: ${PROGRAM} }
runcmd:
  - systemd-run --unit=targets python3 /root/targets.py
`;
const PAGE = { path: '/', status_codes: ['200'], response: 'peer' };
const HEALTH = { protocol: 'http', port: 80, interval: 3, timeout: 1, retries: 1, http: PAGE };
const SERVICES = [
  {
    protocol: 'http',
    listen_port: 8080,
    destination_port: 80,
    health_check: HEALTH,
    http: { cookie_name: 'STICK' },
  },
  {
    protocol: 'tcp',
    listen_port: 9000,
    destination_port: 9000,
    proxyprotocol: true,
    health_check: { protocol: 'tcp', port: 9000, interval: 3, timeout: 1, retries: 1 },
  },
];
const DOMAIN = 'lb.example.com';

describe('a load balancer of the local Hetzner', () => {
  let checkout: Checkout;
  let before: ReadonlySet<string>;
  let network: number;
  let balancer: Balancer;
  const servers = new Map<string, number>();
  const pair = makeCertificate(DOMAIN, [DOMAIN]);

  beforeAll(() => {
    before = processIds();
    checkout = new Checkout('bal', 8551, { machines: true });
  });
  afterAll(() => checkout.remove());

  const succeed = ({ code, output }: Outcome): string => {
    expect(code, output).toBe(0);
    return output;
  };
  const console = (where: string, ...command: string[]) =>
    succeed(checkout.twin('exec', where, '--', ...command));
  const curl = (where: string, ...args: string[]) => console(where, 'curl', '-sS', '-m', '5', ...args);
  const act = (action: string, body: object = {}) =>
    checkout.act(`/v1/load_balancers/${balancer.id}/actions/${action}`, body);
  const shown = async () =>
    (await checkout.api<{ load_balancer: Balancer }>(`/v1/load_balancers/${balancer.id}`)).load_balancer;
  const target = (name: string, use_private_ip = false) => ({
    type: 'server',
    server: { id: servers.get(name) },
    ...(use_private_ip ? { use_private_ip } : {}),
  });
  const healthy = (...wanted: boolean[]) =>
    eventually(20, async () => {
      const states = (await shown()).targets.map(({ health_status }) => [
        ...new Set(health_status.map(({ status }) => status)),
      ]);
      expect(states).toEqual(wanted.map((good) => [good ? 'healthy' : 'unhealthy']));
    });
  /** Who answered some requests. */
  const answering = (url: string, where = 'internet') =>
    new Set([1, 2, 3, 4].map(() => curl(where, url).split('\n')[0]));
  const host = () => balancer.public_net.ipv4.ip;
  const say = (line: string, where = 'internet', address = host()) =>
    console(where, 'sh', '-c', `echo ${line} | nc -N -w 3 ${address} 9000`).trim();
  const proxies = () =>
    execFileSync('ip', ['netns', 'pids', `bal-s${balancer.id}`], { encoding: 'utf8' })
      .trim()
      .split('\n');

  it('balances HTTP over targets in two locations, and tells them who asks', async () => {
    succeed(checkout.twin('up', '--engine', 'nspawn'));
    const made = await checkout.act<{ network: { id: number } }>('/v1/networks', {
      name: 'private',
      ip_range: '10.0.0.0/16',
      subnets: [{ type: 'cloud', ip_range: '10.0.1.0/24', network_zone: 'eu-central' }],
    });
    network = made.network.id;
    await Promise.all(
      ['fsn1', 'hel1'].map(async (location) => {
        const { server } = await checkout.act<{ server: { id: number } }>('/v1/servers', {
          name: location,
          location,
          server_type: 'cx33',
          image: 'debian-12',
          user_data: USER_DATA,
          networks: [network],
        });
        servers.set(location, server.id);
      }),
    );
    const created = await checkout.act<{ load_balancer: Balancer }>('/v1/load_balancers', {
      name: 'web',
      load_balancer_type: 'lb11',
      location: 'nbg1',
      services: SERVICES,
      targets: [target('fsn1'), target('hel1')],
    });
    balancer = created.load_balancer;
    await healthy(true, true);
    expect(answering(`http://${host()}:8080/`)).toEqual(new Set(['fsn1', 'hel1']));
    const page = curl('internet', `http://${host()}:8080/path`);
    expect(page).toMatch(/^x-forwarded-for: 203\.0\.113\.10$/im);
    expect(page).toMatch(/^x-forwarded-proto: http$/im);
    expect(page).toMatch(/^x-forwarded-port: 8080$/im);
    expect(page).toContain(`peer: ${host()}`);
    expect(answering(`http://[${balancer.public_net.ipv6.ip}]:8080/`)).toEqual(new Set(['fsn1', 'hel1']));
  });

  it('balances TCP, and tells targets by the PROXY protocol who connects', () => {
    const answers = [1, 2].map((count) => say(`line-${count}`).split('\n'));
    expect(new Set(answers.map(([header]) => header?.split(' ')[0]))).toEqual(new Set(['fsn1', 'hel1']));
    for (const [index, [header, line]] of answers.entries()) {
      expect(header).toMatch(
        new RegExp(`PROXY TCP4 203\\.0\\.113\\.10 ${host().replaceAll('.', '\\.')} \\d+ 9000`),
      );
      expect(line).toContain(`line-${index + 1}`);
    }
  });

  it('goes on without a target that has stopped, and takes it back', async () => {
    console('fsn1', 'systemctl', 'stop', 'targets');
    await healthy(false, true);
    expect(answering(`http://${host()}:8080/`)).toEqual(new Set(['hel1']));
    console('fsn1', 'systemd-run', '--unit=targets', 'python3', '/root/targets.py');
    await healthy(true, true);
    expect(answering(`http://${host()}:8080/`)).toEqual(new Set(['fsn1', 'hel1']));
    expect((await shown()).ingoing_traffic).toBeGreaterThan(0);
  });

  it('tells what is wrong with a target', async () => {
    const details = async () => {
      const [one] = (await shown()).targets;
      return one?.health_status.find(({ listen_port }) => listen_port === 8080);
    };
    const ask = (http: object) => act('update_service', { listen_port: 8080, health_check: { http } });
    await ask({ response: 'nobody says this' });
    await eventually(10, async () =>
      expect(await details()).toMatchObject({ status: 'unhealthy', detail: 'unexpected_http_content' }),
    );
    await ask({ status_codes: ['418'] });
    await eventually(10, async () =>
      expect(await details()).toMatchObject({ detail: 'unexpected_http_status', http_status_code: 200 }),
    );
    await ask(PAGE);
    await healthy(true, true);
  });

  it('keeps a client at its target by a cookie, when asked to', async () => {
    await act('update_service', { listen_port: 8080, http: { sticky_sessions: true } });
    const jar = join(checkout.directory, 'cookies');
    const names = [1, 2, 3, 4].map(
      () => curl('internet', '-b', jar, '-c', jar, `http://${host()}:8080/`).split('\n')[0],
    );
    expect(new Set(names).size).toBe(1);
    expect(readFileSync(jar, 'utf8')).toContain('STICK');
  });

  it('ends TLS with an uploaded certificate, and sends HTTP to HTTPS', async () => {
    const { certificate } = await checkout.act<{ certificate: { id: number } }>('/v1/certificates', {
      name: 'site',
      ...pair,
    });
    await act('add_service', {
      protocol: 'https',
      health_check: HEALTH,
      http: { certificates: [certificate.id], redirect_http: true },
    });
    await healthy(true, true);
    const authority = join(checkout.directory, 'ca.pem');
    writeFileSync(authority, pair.certificate);
    const known = ['--cacert', authority, '--resolve', `${DOMAIN}:443:${host()}`];
    const page = curl('internet', ...known, `https://${DOMAIN}/`);
    expect(page).toMatch(/^(fsn1|hel1)\n/);
    expect(page).toMatch(/^x-forwarded-proto: https$/im);
    expect(page).toMatch(/^x-forwarded-port: 443$/im);
    const moved = curl('internet', '-i', '-H', `Host: ${DOMAIN}:80`, `http://${host()}/a?b=c`);
    expect(moved).toMatch(/^HTTP\/1\.1 301/);
    expect(moved).toMatch(new RegExp(`^location: https://${DOMAIN}/a\\?b=c`, 'im'));
  });

  it('changes without cutting a connection', async () => {
    const slow = checkout.spawn(
      'twin',
      ...['exec', 'internet', '--', 'sh', '-c'],
      `(echo early; sleep 3; echo late) | nc -N -w 5 ${host()} 9000`,
    );
    await eventually(5, () => expect(slow.output).toContain('early'));
    await act('change_algorithm', { type: 'least_connections' });
    await act('delete_service', { listen_port: 8080 });
    await act('add_service', SERVICES[0]);
    expect(answering(`http://${host()}:8080/`).size).toBe(2);
    expect(await slow.ended).toBe(0);
    expect(slow.output).toContain('late');
  });

  it('reaches targets by the private network alone, whatever their firewall says', async () => {
    await checkout.act('/v1/firewalls', {
      name: 'closed',
      rules: [],
      apply_to: [...servers.values()].map((id) => ({ type: 'server', server: { id } })),
    });
    await healthy(false, false);
    await act('attach_to_network', { network });
    for (const name of ['fsn1', 'hel1']) {
      await act('remove_target', target(name));
      await act('add_target', target(name, true));
    }
    await act('disable_public_interface');
    await healthy(true, true);
    const own = (await shown()).private_net[0]?.ip ?? '';
    expect(answering(`http://${own}:8080/`, 'fsn1')).toEqual(new Set(['fsn1', 'hel1']));
    expect(curl('hel1', `http://${own}:8080/`)).toContain(`peer: ${own}`);
    expect(say('private', 'fsn1', own)).toMatch(/PROXY TCP4 10\.0\.1\.\d+ 10\.0\.1\.\d+ \d+ 9000/);
    const closed = checkout.twin('exec', 'internet', '--', 'nc', '-z', '-w', '1', host(), '8080');
    expect(closed.code).not.toBe(0);
    await act('enable_public_interface');
    expect(answering(`http://${host()}:8080/`)).toEqual(new Set(['fsn1', 'hel1']));
  });

  it('balances while the twin is dead, is found again, and gets a new proxy when it lost its own', async () => {
    const running = proxies();
    checkout.killTwin();
    const url = `http://${host()}:8080/`;
    expect(execFileSync('curl', ['-sS', '-m', '5', url], { encoding: 'utf8' })).toMatch(/^(fsn1|hel1)\n/);
    succeed(checkout.twin('up'));
    expect(proxies()).toEqual(running);
    await healthy(true, true);
    for (const pid of running) process.kill(Number(pid), 'SIGKILL');
    await healthy(true, true);
    expect(answering(url)).toEqual(new Set(['fsn1', 'hel1']));
  });

  it('leaves nothing, even when the twin was killed', async () => {
    await checkout.api(`/v1/load_balancers/${balancer.id}`, { method: 'DELETE' });
    await eventually(5, () =>
      expect(traces(checkout, before).namespaces.join(' ')).not.toContain(`bal-s${balancer.id} `),
    );
    const second = { name: 'second', load_balancer_type: 'lb11', location: 'fsn1', services: SERVICES };
    await checkout.act('/v1/load_balancers', second);
    checkout.killTwin();
    succeed(checkout.twin('down'));
    expect(traces(checkout, before)).toEqual(NO_TRACES);
  });
});
