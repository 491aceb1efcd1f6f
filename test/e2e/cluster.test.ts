import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Checkout, type Outcome } from '../engine/checkout.ts';
import { eventually } from './eventually.ts';
import { Person } from './person.ts';
import { captureDuring, openTcpPorts } from './scan.ts';
import { NO_TRACES, processIds, traces } from './traces.ts';

interface Server {
  readonly id: number;
  readonly name: string;
  readonly public_net: {
    readonly ipv4: { readonly ip: string } | null;
    readonly ipv6: { readonly ip: string } | null;
  };
}

interface Pod {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly nodeName: string };
  readonly status: { readonly podIP: string };
}

const CONTROL_PLANES = ['local-control-plane-1', 'local-control-plane-2', 'local-control-plane-3'];
const NODES = [...CONTROL_PLANES, 'local-worker-1'];
const WIREGUARD_PORT = 51820;

describe('the whole way, on real machines', () => {
  let checkout: Checkout;
  let before: ReadonlySet<string>;
  beforeAll(() => {
    before = processIds();
    checkout = new Checkout('e2e', 8510, { machines: true });
  });
  afterAll(() => checkout.remove());

  const succeed = ({ code, output }: Outcome): string => {
    expect(code, output).toBe(0);
    return output;
  };
  const kubectl = (...args: string[]) => succeed(checkout.groundup('kubectl', ...args));
  const console = (machine: string, ...command: string[]) =>
    succeed(checkout.twin('exec', machine, '--', ...command));
  const server = async (name: string): Promise<Server> => {
    const { servers } = await checkout.api<{ servers: Server[] }>(`/v1/servers?name=${name}`);
    const [found] = servers;
    if (!found) throw new Error(`there is no server ${name}`);
    return found;
  };
  const power = async (name: string, action: 'poweroff' | 'poweron' | 'reboot') =>
    await checkout.act(`/v1/servers/${(await server(name)).id}/actions/${action}`);
  const readyNodes = () =>
    kubectl('get', 'nodes', '--no-headers')
      .split('\n')
      .filter((line) => /\sReady\s/.test(line))
      .map((line) => line.split(' ')[0]);
  const etcdMembers = (machine: string) =>
    console(
      machine,
      ...['etcdctl', 'endpoint', 'health', '--cluster', '--endpoints=https://127.0.0.1:2379'],
      '--cacert=/etc/kubernetes/pki/etcd/ca.crt',
      '--cert=/etc/kubernetes/pki/etcd/server.crt',
      '--key=/etc/kubernetes/pki/etcd/server.key',
    ).match(/is healthy/g)?.length;
  const expectVolume = (machine: string): void => {
    const mounted = console(machine, 'findmnt', '--noheadings', '--output', 'SOURCE', '/var/lib/etcd').trim();
    const device = console(machine, 'sh', '-c', 'readlink -f /dev/disk/by-id/scsi-0HC_Volume_*').trim();
    expect(mounted, machine).toBe(device);
    expect(console(machine, 'ls', '/var/lib/etcd/member')).toContain('wal');
  };
  const pods = () =>
    (JSON.parse(kubectl('get', 'pods', '-l', 'app=probe', '-o', 'json')) as { items: Pod[] }).items;

  it('comes up, killed on the way once: four nodes are Ready through the VPN', async () => {
    const run = checkout.spawn('groundup', 'up');
    await sleep(35_000);
    run.kill('SIGKILL');
    await sleep(1000);
    const output = succeed(checkout.groundup('up'));
    expect(output.match(/\sReady\s/g)?.length).toBe(NODES.length);
    expect(readyNodes()).toEqual(NODES);
  });

  it('changes nothing the second time, and enters no machine for that', async () => {
    const logins = () =>
      NODES.map((node) => console(node, 'sh', '-c', 'journalctl -u ssh | grep -c Accepted || true'));
    const writes = async () => (await checkout.api<{ writes: number }>('/twin/requests')).writes;
    const earlier = { logins: logins(), writes: await writes() };
    expect(succeed(checkout.groundup('up'))).not.toMatch(/\d+ (created|updated|deleted|replaced)/);
    expect({ logins: logins(), writes: await writes() }).toEqual(earlier);
  });

  it('answers the Internet on no port but the tunnel', async () => {
    const { servers } = await checkout.api<{ servers: Server[] }>('/v1/servers');
    const addresses = servers.flatMap(({ public_net: { ipv4, ipv6 } }) => [
      ...(ipv4 ? [ipv4.ip] : []),
      ...(ipv6 ? [ipv6.ip.replace(/\/64$/, '1')] : []),
    ]);
    const gateway = (await server('local-gateway')).public_net.ipv4?.ip ?? '';
    expect(addresses).toEqual([gateway]);
    expect(openTcpPorts(checkout, gateway, '-')).toEqual([]);
    // Every port that gives no answer looks the same from outside, so what arrives is counted at the door.
    const arrived = await captureDuring(checkout, 'local-gateway', 'udp', () =>
      succeed(
        checkout.twin(
          ...[
            'exec',
            'internet',
            '--',
            'nmap',
            '-n',
            '-Pn',
            '-sU',
            '--top-ports',
            '300',
            '-p',
            `T:1,U:${WIREGUARD_PORT}`,
          ],
          ...['--max-retries', '0', '--min-rate', '500', gateway],
        ),
      ),
    );
    expect(arrived).toEqual([WIREGUARD_PORT]);
  });

  it('lets nobody on the Internet into the private network', () => {
    for (const address of ['10.0.0.2', '10.0.1.1']) {
      for (const port of ['22', '6443']) {
        expect(checkout.twin('exec', 'internet', '--', 'nc', '-z', '-w', '2', address, port).code).not.toBe(
          0,
        );
      }
    }
  });

  it('opens SSH and the API to those who come by the tunnel', () => {
    expect(kubectl('get', '--raw', '/livez')).toBe('ok');
    for (const machine of [...NODES, 'local-gateway'])
      expect(succeed(checkout.groundup('ssh', machine, '--', 'hostname'))).toContain(machine);
    succeed(checkout.groundup('disconnect'));
    expect(kubectl('get', '--raw', '/livez'), 'the tunnel opens by itself').toBe('ok');
  });

  it('refuses a machine that has another host key than planned', () => {
    console(
      'local-worker-1',
      'sh',
      '-c',
      'mv /etc/ssh/ssh_host_ed25519_key /root/ && ssh-keygen -q -t ed25519 -N "" -f /etc/ssh/ssh_host_ed25519_key && systemctl restart ssh',
    );
    const { code, output } = checkout.groundup('ssh', 'local-worker-1', '--', 'hostname');
    console(
      'local-worker-1',
      'sh',
      '-c',
      'mv /root/ssh_host_ed25519_key /etc/ssh/ && ssh-keygen -y -f /etc/ssh/ssh_host_ed25519_key >/etc/ssh/ssh_host_ed25519_key.pub && systemctl restart ssh',
    );
    expect(code).not.toBe(0);
    expect(output).toMatch(/host key/i);
    succeed(checkout.groundup('ssh', 'local-worker-1', '--', 'hostname'));
  });

  it('carries full-size packets between pods on all nodes, by address, Service and name', async () => {
    succeed(checkout.groundup('kubectl', 'apply', '-f', join(process.cwd(), 'test', 'e2e', 'probe.yaml')));
    await eventually(60, () => kubectl('rollout', 'status', 'daemonset/probe', '--timeout=5s'));
    const all = pods();
    expect(all.map(({ spec }) => spec.nodeName).sort()).toEqual(NODES);
    for (const from of all) {
      for (const to of [...all.map(({ status }) => status.podIP), 'probe.default.svc.cluster.local']) {
        const body = kubectl(
          'exec',
          from.metadata.name,
          '--',
          '/probe',
          'get',
          `http://${to}:8080/bytes?n=100000`,
        );
        expect(body.length, `${from.spec.nodeName} to ${to}`).toBe(100_000);
      }
    }
    const worker = all.find(({ spec }) => spec.nodeName === 'local-worker-1');
    const remote = all.find(({ spec }) => spec.nodeName === 'local-control-plane-3');
    const ping = (size: number) =>
      `nsenter -t $(pgrep -o -x probe) -n ping -q -M do -c 3 -s ${size} ${remote?.status.podIP}`;
    expect(worker).toBeDefined();
    // 1450 of the private network, less 50 of VXLAN, less 28 of IP and ICMP.
    console('local-worker-1', 'sh', '-c', ping(1372));
    expect(checkout.twin('exec', 'local-worker-1', '--', 'sh', '-c', ping(1373)).code).not.toBe(0);
  });

  it('keeps to network policies', async () => {
    const policy = (spec: object) =>
      writeFileSync(
        join(checkout.directory, 'policy.json'),
        JSON.stringify({
          apiVersion: 'networking.k8s.io/v1',
          kind: 'NetworkPolicy',
          metadata: { name: 'probe' },
          spec: { podSelector: { matchLabels: { app: 'probe' } }, policyTypes: ['Ingress'], ...spec },
        }),
      );
    const apply = () =>
      succeed(checkout.groundup('kubectl', 'apply', '-f', join(checkout.directory, 'policy.json')));
    const all = pods();
    const reach = (from: Pod, to: Pod): boolean =>
      checkout.groundup(
        ...['kubectl', 'exec', from.metadata.name, '--', '/probe', 'dial', `${to.status.podIP}:8080`],
      ).code === 0;
    const [from, ...others] = all;
    if (!from) throw new Error('there are no pods');
    expect(others.length).toBe(NODES.length - 1);
    const reached = () => others.map((to) => reach(from, to));
    policy({ ingress: [] });
    apply();
    await eventually(60, () => expect(reached()).toEqual(others.map(() => false)));
    policy({ ingress: [{ from: [{ podSelector: { matchLabels: { app: 'probe' } } }] }] });
    apply();
    await eventually(60, () => expect(reached()).toEqual(others.map(() => true)));
    kubectl('delete', 'networkpolicy', 'probe');
  });

  it('lets in by WireGuard whoever Git names, by their own client, and nobody any more whom it does not', async () => {
    const ada = new Person('ada', checkout);
    const nobody = readFileSync(join(checkout.directory, 'Pulumi.local.yaml'), 'utf8');
    try {
      checkout.editStackFile('local', (text) =>
        text.replace('access:\n', `access:\n    people: [${JSON.stringify(ada.entry)}]\n`),
      );
      succeed(checkout.groundup('up'));
      succeed(ada.connect(succeed(checkout.groundup('wg-quick', 'ada'))));
      const seen = () => succeed(ada.ssh('10.0.1.2', 'echo "$SSH_CLIENT"'));
      await eventually(30, () => expect(seen(), 'whom the machine sees').toMatch(/^10\.99\.0\.11 /));
      checkout.editStackFile('local', () => nobody);
      succeed(checkout.groundup('up'));
      expect(ada.ssh('10.0.1.2', 'true').code).not.toBe(0);
      expect(console('local-control-plane-2', 'cat', '/home/groundup/.ssh/authorized_keys')).not.toContain(
        'ada',
      );
      const { code, output } = checkout.groundup('wg-quick', 'ada');
      expect(code).not.toBe(0);
      expect(output).toMatch(/lets nobody named "ada" in: nobody yet/);
    } finally {
      ada.leave();
    }
  });

  it('lets pods out to the Internet by the gateway', async () => {
    const listener = checkout.spawn(
      'twin',
      'exec',
      'internet',
      '--',
      'timeout',
      '60',
      'nc',
      '-lkn',
      '-p',
      '9000',
    );
    try {
      const [pod] = pods().filter(({ spec }) => spec.nodeName === 'local-worker-1');
      await eventually(20, () =>
        kubectl('exec', pod?.metadata.name ?? '', '--', '/probe', 'dial', '203.0.113.10:9000'),
      );
    } finally {
      listener.kill('SIGTERM');
    }
  });

  it('keeps etcd on volumes', () => {
    for (const machine of CONTROL_PLANES) expectVolume(machine);
  });

  it('keeps secrets encrypted in etcd, and out of the audit log', () => {
    kubectl('create', 'secret', 'generic', 'probe', '--from-literal=password=correct-horse');
    const stored = console(
      'local-control-plane-1',
      ...['etcdctl', 'get', '/registry/secrets/default/probe', '--endpoints=https://127.0.0.1:2379'],
      '--cacert=/etc/kubernetes/pki/etcd/ca.crt',
      '--cert=/etc/kubernetes/pki/etcd/server.crt',
      '--key=/etc/kubernetes/pki/etcd/server.key',
    );
    expect(stored).toContain('k8s:enc:secretbox');
    expect(stored).not.toContain('correct-horse');
    expect(console('local-control-plane-1', 'cat', '/var/log/kubernetes/audit.log')).not.toContain(
      'correct-horse',
    );
  });

  it.each(CONTROL_PLANES)('goes on without %s, and takes it back', async (name) => {
    await power(name, 'poweroff');
    const map = `without-${name}`;
    // A write that the lost leader had accepted fails once; that is etcd's, and who asks again succeeds.
    await eventually(20, () => kubectl('create', 'configmap', map, '--from-literal=written=yes'));
    expect(kubectl('get', 'configmap', map, '-o', 'jsonpath={.data.written}')).toBe('yes');
    const other = CONTROL_PLANES.find((each) => each !== name) ?? '';
    if (name === 'local-control-plane-1')
      await eventually(120, () => expect(readyNodes()).toEqual(NODES.filter((node) => node !== name)));
    await power(name, 'poweron');
    const since = Date.now();
    const heard = ['get', 'lease', name, '-n', 'kube-node-lease', '-o', 'jsonpath={.spec.renewTime}'];
    await eventually(120, () => {
      expect(Date.parse(kubectl(...heard))).toBeGreaterThan(since);
      expect(readyNodes()).toEqual(NODES);
      expect(etcdMembers(other)).toBe(3);
    });
    expectVolume(name);
  });

  it('keeps its Services through all that', async () => {
    for (const node of NODES) {
      const ask = () => console(node, 'curl', '-sk', '-m', '5', 'https://10.96.0.1/livez');
      await eventually(60, () => expect(ask(), node).toBe('ok'));
    }
  });

  it('survives a kill of the local Hetzner: its machines are found again', async () => {
    checkout.killTwin();
    expect(readyNodes(), 'machines need no Hetzner to run').toEqual(NODES);
    expect(succeed(checkout.groundup('up'))).not.toMatch(/\d+ (created|updated|deleted|replaced)/);
  });

  it('keeps private keys, token and kubeconfig out of every log', () => {
    const outputs = JSON.parse(
      succeed(checkout.groundup('pulumi', 'stack', 'output', '--json', '--show-secrets')),
    ) as {
      kubeconfig: string;
      access: { tunnel: { privateKey: string }; ssh: { privateKey: string } };
    };
    const keys = [...outputs.kubeconfig.matchAll(/key-data: (\S+)/g)].map(([, data]) => data ?? '');
    const secrets = [
      checkout.token,
      outputs.access.tunnel.privateKey,
      outputs.access.ssh.privateKey.split('\n')[1] ?? '',
      ...keys,
      ...keys.map((key) => Buffer.from(key, 'base64').toString().split('\n')[1] ?? ''),
    ];
    expect(secrets.length).toBe(5);
    const logs = [
      '.groundup/local/logs',
      '.groundup/pulumi',
      'twin-state/twin.log',
      '.groundup/local/progress',
    ].flatMap((path) => filesBelow(join(checkout.directory, path)));
    expect(logs.map((file) => file.slice(checkout.directory.length))).toContain(
      '/.groundup/local/logs/cluster.log',
    );
    for (const file of logs) {
      const text = readFileSync(file, 'utf8');
      for (const secret of secrets) {
        expect(secret.length).toBeGreaterThan(30);
        expect(text.includes(secret), file).toBe(false);
      }
      expect(text).not.toMatch(/BEGIN [A-Z ]*PRIVATE KEY/);
    }
    for (const node of NODES) {
      const journal = console(node, 'journalctl', '--no-pager');
      for (const secret of secrets) expect(journal.includes(secret), node).toBe(false);
    }
  });

  it('goes down and leaves nothing', async () => {
    succeed(checkout.groundup('down'));
    expect(readdirSync(checkout.directory)).not.toContain('twin-state');
    expect(traces(checkout, before)).toEqual(NO_TRACES);
  });

  it('comes up again, and goes down in the middle of its life without its Hetzner', async () => {
    expect(succeed(checkout.groundup('up')).match(/\sReady\s/g)?.length).toBe(NODES.length);
    checkout.killTwin();
    succeed(checkout.groundup('down'));
    expect(traces(checkout, before)).toEqual(NO_TRACES);
  });
});

function filesBelow(path: string): string[] {
  try {
    return readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch {
    return [path];
  }
}
