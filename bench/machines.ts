import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Checkout } from '../test/engine/checkout.ts';
import { findTool } from '../tools/manifest.ts';
import { type Figure, median, seconds, succeed } from './figures.ts';

const ROUNDS = 5;
const CONTROL_PLANES = ['local-control-plane-1', 'local-control-plane-2', 'local-control-plane-3'];
const WORKER = 'local-worker-1';

/** The whole way on real machines, and what it costs once it is settled. */
export async function machineFigures(): Promise<Figure[]> {
  const checkout = new Checkout('bench', 8520, { machines: true });
  const empty = new Checkout('bempty', 8521);
  try {
    const total = await seconds(() => checkout.groundup('up'));
    const phases = (['gateway', 'machines', 'cluster'] as const).map((phase) =>
      phaseSeconds(checkout, phase),
    );
    const [gateway = 0, machines = 0, cluster = 0] = phases;
    const settled = await settledFigures(checkout, empty);
    const bare = await bareKubeadm(checkout);
    succeed(checkout.groundup('down'));
    return [
      ...settled,
      { name: 'cluster_vs_kubeadm', value: cluster / bare, unit: 'ratio', bound: '<= 2' },
      { name: 'kubeadm_s', value: bare, unit: 's' },
      { name: 'boot_s', value: await bootSeconds(checkout), unit: 's', bound: '<= 15' },
      { name: 'up_s', value: total, unit: 's' },
      { name: 'up_s_gateway', value: gateway, unit: 's' },
      { name: 'up_s_machines', value: machines, unit: 's' },
      { name: 'up_s_cluster', value: cluster, unit: 's' },
    ];
  } finally {
    checkout.remove();
    empty.remove();
  }
}

/** From the phase's log, whose last heading says when it was done. */
function phaseSeconds(checkout: Checkout, phase: string): number {
  const file = join(checkout.directory, '.groundup', 'local', 'logs', `${phase}.log`);
  const log = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const done = /\[\s*([\d.]+) s\] done/.exec(log)?.[1];
  if (done === undefined) throw new Error(`phase ${phase} did not end:\n${log}`);
  return Number(done);
}

/** Preview and no-op `up` beside those of an empty program, in turns, by the same CLI with the same plugins. */
async function settledFigures(checkout: Checkout, empty: Checkout): Promise<Figure[]> {
  writeFileSync(join(empty.directory, 'index.ts'), 'export {};\n');
  succeed(empty.twin('up'));
  const commands = { preview: ['preview'], up: ['up', '--yes', '--skip-preview'] } as const;
  const times = {
    preview: { full: [] as number[], empty: [] as number[] },
    up: { full: [] as number[], empty: [] as number[] },
  };
  for (const args of Object.values(commands)) succeed(empty.groundup('pulumi', ...args));
  const before = { writes: await writes(checkout), logins: logins(checkout) };
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, args] of Object.entries(commands) as ['preview' | 'up', readonly string[]][]) {
      times[name].full.push(await seconds(() => succeed(checkout.groundup('pulumi', ...args))));
      times[name].empty.push(await seconds(() => succeed(empty.groundup('pulumi', ...args))));
    }
  }
  const ratio = ({ full, empty: none }: { full: number[]; empty: number[] }) => median(full) / median(none);
  return [
    { name: 'preview_vs_empty', value: ratio(times.preview), unit: 'ratio', bound: '<= 3' },
    { name: 'noop_up_vs_empty', value: ratio(times.up), unit: 'ratio', bound: '<= 3' },
    { name: 'noop_writes', value: (await writes(checkout)) - before.writes, unit: 'calls', bound: '<= 0' },
    { name: 'noop_connections', value: logins(checkout) - before.logins, unit: 'logins', bound: '<= 0' },
    { name: 'preview_s', value: median(times.preview.full), unit: 's' },
    { name: 'noop_up_s', value: median(times.up.full), unit: 's' },
  ];
}

async function writes(checkout: Checkout): Promise<number> {
  return (await checkout.api<{ writes: number }>('/twin/requests')).writes;
}

function logins(checkout: Checkout): number {
  const count = (machine: string) =>
    Number(
      succeed(
        checkout.twin('exec', machine, '--', 'sh', '-c', 'journalctl -u ssh | grep -c Accepted || true'),
      ),
    );
  return [...CONTROL_PLANES, WORKER, 'local-gateway'].reduce((sum, machine) => sum + count(machine), 0);
}

/** Critical path of kubeadm alone on the same machines: init, then two control planes one by one beside the worker. */
async function bareKubeadm(checkout: Checkout): Promise<number> {
  const script = readFileSync(join(import.meta.dirname, 'kubeadm.sh'), 'utf8');
  const start = (machine: string, ...args: string[]) =>
    checkout.spawn('twin', 'exec', machine, '--', 'bash', '-c', script, 'kubeadm', ...args);
  const run = async (machine: string, ...args: string[]) => {
    const running = start(machine, ...args);
    const code = await running.ended;
    return succeed({ code, output: running.output });
  };
  const [first = '', second = '', third = ''] = CONTROL_PLANES;
  const cgroup = succeed(
    checkout.twin(
      'exec',
      first,
      '--',
      'sh',
      '-c',
      'test -f /sys/fs/cgroup/cgroup.controllers && echo systemd || echo cgroupfs',
    ),
  ).trim();
  await Promise.all([...CONTROL_PLANES, WORKER].map((machine) => run(machine, 'reset')));
  await sleep(5000);
  const versions = [
    findTool('kubelet')?.version ?? '',
    cgroup,
    `v${findTool('coredns')?.version}`,
    `${findTool('etcd')?.version}-0`,
  ];
  return await seconds(async () => {
    const [worker = '', controlPlane = ''] = (await run(first, 'init', ...versions)).trim().split('\n');
    const words = (command: string) => command.trim().split(/\s+/);
    await Promise.all([
      run(WORKER, 'join', ...words(worker)),
      run(second, 'join', ...words(controlPlane)).then(() => run(third, 'join', ...words(controlPlane))),
    ]);
  });
}

/** Four machines from the API calls to the last one's sshd. */
async function bootSeconds(checkout: Checkout): Promise<number> {
  succeed(checkout.twin('up', '--engine', 'nspawn'));
  const took = await seconds(async () => {
    const addresses = await Promise.all(
      ['one', 'two', 'three', 'four'].map(async (name) => {
        const { server } = await checkout.act<{ server: { public_net: { ipv4: { ip: string } } } }>(
          '/v1/servers',
          {
            name,
            server_type: 'cx23',
            image: 'debian-12',
            location: 'fsn1',
          },
        );
        return server.public_net.ipv4.ip;
      }),
    );
    const waiting = addresses.map(async (address) => {
      const wait = `until nc -z -w 1 ${address} 22; do sleep 0.1; done`;
      const code = await checkout.spawn('twin', 'exec', 'internet', '--', 'timeout', '60', 'sh', '-c', wait)
        .ended;
      if (code !== 0) throw new Error(`${address} did not answer`);
    });
    await Promise.all(waiting);
  });
  succeed(checkout.twin('down'));
  return took;
}
