import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from './bench.ts';
import { FAULTS, type FaultKind, type FaultName } from './catalogue.ts';

type Probe = (bench: Bench, fault: FaultName) => Promise<void>;

/** Faults that nobody notices where no machine runs. */
export const NEEDS_MACHINES: ReadonlySet<FaultName> = new Set([
  'no_network',
  'no_metadata',
  'disk_full',
  'clock_skew',
  'partition',
]);

const LEAST_SLOW_MS = 4000;
const DAY_S = 86_400;
const HAS_NETWORK = "ip -4 route get 10.0.0.2 | grep -q 'via 10.0.0.1'";
const METADATA = 'curl -sf -m 3 http://169.254.169.254/hetzner/v1/metadata/instance-id';

/** For each fault: arms it, does what it strikes, and throws when nothing of it is seen. */
export const PROBES: Readonly<Record<FaultName, Probe>> = {
  rate_limit_exceeded: refused('GET', '/locations'),
  conflict: refused('PUT', '/ssh_keys/1'),
  locked: refused('PUT', '/ssh_keys/1'),
  server_error: refused('GET', '/locations'),
  unavailable: refused('GET', '/locations'),
  timeout: refused('GET', '/locations'),
  resource_unavailable: refused('POST', '/volumes'),
  placement_error: refused('POST', '/servers'),
  dropped_reply: async (bench, fault) => {
    await bench.arm(fault, 'POST /placement_groups');
    const lost = await bench.send('POST', '/placement_groups', { name: 'lost', type: 'spread' }).then(
      () => false,
      () => true,
    );
    expect(lost, 'the answer came');
    const { text } = await bench.send('GET', '/placement_groups?name=lost');
    expect(text.includes('"lost"'), 'what was asked for was not done');
  },
  truncated_body: async (bench, fault) => {
    await bench.arm(fault, 'GET /server_types');
    const whole = await bench.send('GET', '/server_types').then(
      ({ text }) => isJson(text),
      () => false,
    );
    expect(!whole, 'the answer was whole');
  },
  slow_body: async (bench, fault) => {
    await bench.arm(fault, 'GET /locations');
    const started = Date.now();
    const { text } = await bench.send('GET', '/locations');
    expect(isJson(text), 'the answer was not whole');
    expect(Date.now() - started >= LEAST_SLOW_MS, 'the answer came at once');
  },
  action_fails: async (bench, fault) => {
    await bench.arm(fault, 'stop_server');
    expect((await bench.act('one', 'poweroff')) === 'error', 'the action did not fail');
    expect((await bench.server('one')).status === 'running', 'the failed action left its change');
  },
  action_never_ends: async (bench, fault) => {
    await bench.arm(fault, 'stop_server');
    const { id } = await bench.begin('one', 'poweroff');
    await sleep(1000);
    expect((await bench.actionStatus(id)) === 'running', 'the action ended');
    await bench.api('DELETE', '/twin/faults');
    await bench.eventually(async () => (await bench.actionStatus(id)) === 'success');
  },
  no_network: async (bench, fault) => {
    await reboot(bench, fault);
    await sleep(1000);
    expect((await bench.run('two', HAS_NETWORK)).code !== 0, 'it has a way into its network');
    expect(
      (await bench.run('two', 'ip -4 -o address show dev eth0 | grep inet')).code !== 0,
      'eth0 has an address',
    );
  },
  no_metadata: async (bench, fault) => {
    await reboot(bench, fault);
    await isUp(bench);
    expect((await bench.run('two', METADATA)).code !== 0, 'the metadata service answers');
  },
  disk_full: async (bench, fault) => {
    await bench.arm(fault, 'two');
    expect((await bench.act('two', 'rebuild', { image: 'debian-12' })) === 'success', 'the rebuild failed');
    const { code, stderr } = await bench.run('two', 'head -c 1000000 /dev/zero >/root/more');
    expect(code !== 0 && stderr.includes('No space left'), `there is room on the disk ${stderr}`);
    await bench.api('DELETE', '/twin/faults');
    await bench.act('two', 'rebuild', { image: 'debian-12' });
  },
  clock_skew: async (bench, fault) => {
    await reboot(bench, fault);
    await bench.eventually(async () => {
      const { stdout } = await bench.run('two', 'date +%s');
      return Math.abs(Date.now() / 1000 - Number(stdout) - DAY_S) < 60;
    });
    await isUp(bench);
  },
  machine_crash: async (bench, fault) => {
    await bench.arm(fault, 'two');
    await bench.eventually(async () => (await bench.server('two')).status === 'off');
  },
  gateway_down: async (bench, fault) => {
    await bench.arm(fault, 'network');
    await bench.eventually(async () => (await bench.server('one')).status === 'off');
    expect((await bench.server('two')).status === 'running', 'another server lost its power');
  },
  location_down: async (bench, fault) => {
    await bench.arm(fault, 'hel1', null);
    await bench.eventually(async () => (await bench.server('two')).status === 'unknown');
    const { id } = await bench.server('two');
    const { status } = await bench.send('POST', `/servers/${id}/actions/reboot`);
    expect(status === 503, `an action there was answered with ${status}`);
    expect((await bench.server('one')).status === 'running', 'another location is down, too');
    await bench.api('DELETE', '/twin/faults');
    await bench.eventually(async () => (await bench.server('two')).status === 'running');
  },
  partition: async (bench, fault) => {
    await isUp(bench);
    const [nic] = (await bench.server('two')).private_net;
    const ways = [nic?.ip, (await bench.server('two')).public_net.ipv4.ip];
    const reaches = (address?: string) =>
      bench.run('one', `ping -q -c 1 -W 1 ${address}`).then(({ code }) => code === 0);
    await bench.arm(fault, 'fsn1.hel1', null);
    for (const way of ways) await bench.eventually(async () => !(await reaches(way)));
    await bench.api('DELETE', '/twin/faults');
    for (const way of ways) await bench.eventually(() => reaches(way));
  },
};

function refused(method: 'GET' | 'POST' | 'PUT', path: string): Probe {
  return async (bench, fault) => {
    const { status, code }: FaultKind = FAULTS[fault];
    await bench.arm(fault, `${method} ${path}`);
    const answer = await bench.send(method, path, method === 'GET' ? undefined : {});
    expect(
      answer.status === status && answer.code === (code ?? fault),
      `the answer was ${answer.status} ${answer.code}`,
    );
  };
}

async function reboot(bench: Bench, fault: FaultName): Promise<void> {
  await bench.arm(fault, 'two');
  expect((await bench.act('two', 'reset')) === 'success', 'the machine did not boot');
}

/** Its network is up some seconds after its power. */
async function isUp(bench: Bench): Promise<void> {
  await bench.eventually(async () => (await bench.run('two', HAS_NETWORK)).code === 0);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function expect(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}
