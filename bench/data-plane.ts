import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Checkout } from '../test/engine/checkout.ts';
import { type Figure, seconds, succeed } from './figures.ts';

const MACHINES = 20;
const RULES = 50;
const REPLACEMENTS = 20;
const MOVES = 10;
const PORT = 7000;
const TRAFFIC = readFileSync(join(import.meta.dirname, 'traffic.py'), 'utf8');
const ANYBODY = ['0.0.0.0/0', '::/0'];

interface Server {
  readonly id: number;
  readonly name: string;
  readonly public_net: { readonly ipv4: { readonly ip: string } };
}

interface Traffic {
  readonly sent: number;
  readonly lost: number;
  readonly outage_ms: number;
}

/** Twenty machines at once, and what somebody on the Internet notices while rules and addresses change. */
export async function dataPlaneFigures(): Promise<Figure[]> {
  const checkout = new Checkout('bdata', 8519, { machines: true });
  try {
    succeed(checkout.twin('up', '--engine', 'nspawn'));
    let servers: Server[] = [];
    const boot = await seconds(async () => {
      servers = await bootTogether(checkout);
    });
    const [one, two] = servers;
    if (!one || !two) throw new Error('no machines were made');
    for (const { name } of [one, two]) {
      const answering = ['python3', '-c', TRAFFIC, 'answer', String(PORT)];
      succeed(checkout.twin('exec', name, '--', 'systemd-run', '--quiet', '--unit=answer', ...answering));
    }
    const replaced = await replaceRules(checkout, one);
    const moved = await moveAddress(checkout, one, two);
    succeed(checkout.twin('down'));
    return [
      { name: 'machine_boot_20_s', value: boot, unit: 's', bound: '<= 60' },
      { name: 'fw_replace_lost', value: replaced.lost, unit: `of ${replaced.sent} packets`, bound: '<= 0' },
      { name: 'fw_replace_gap_ms', value: replaced.outage_ms, unit: 'ms', bound: '<= 0' },
      { name: 'fip_move_gap_ms', value: moved.outage_ms, unit: 'ms', bound: '<= 200' },
    ];
  } finally {
    checkout.remove();
  }
}

/** From the first call of the API to the last machine's sshd. */
async function bootTogether(checkout: Checkout): Promise<Server[]> {
  return await Promise.all(
    Array.from({ length: MACHINES }, async (_, index) => {
      const { server } = await checkout.act<{ server: Server }>('/v1/servers', {
        name: `machine-${index}`,
        server_type: 'cx23',
        image: 'debian-12',
        location: 'fsn1',
      });
      const wait = `until nc -z -w 1 ${server.public_net.ipv4.ip} 22; do sleep 0.2; done`;
      const waiting = checkout.spawn('twin', 'exec', 'internet', '--', 'timeout', '120', 'sh', '-c', wait);
      if ((await waiting.ended) !== 0) throw new Error(`${server.name} did not answer`);
      return server;
    }),
  );
}

/** Fifty rules for fifty others, again and again, and both times the one that lets the traffic in. */
async function replaceRules(checkout: Checkout, server: Server): Promise<Traffic> {
  const rules = (shift: number) => [
    ...Array.from({ length: RULES - 1 }, (_, index) => rule(8000 + shift + index)),
    { ...rule(PORT), protocol: 'udp' },
  ];
  const { firewall } = await checkout.act<{ firewall: { id: number } }>('/v1/firewalls', {
    name: 'fifty',
    rules: rules(0),
    apply_to: [{ type: 'server', server: { id: server.id } }],
  });
  return await under(checkout, server.public_net.ipv4.ip, async () => {
    for (let round = 1; round <= REPLACEMENTS; round++) {
      await checkout.act(`/v1/firewalls/${firewall.id}/actions/set_rules`, { rules: rules(round * 100) });
      await sleep(100);
    }
  });
}

function rule(port: number) {
  return { direction: 'in', protocol: 'tcp', port: String(port), source_ips: ANYBODY };
}

/** A floating IP that both machines hold, and that Hetzner sends to one of them. */
async function moveAddress(checkout: Checkout, one: Server, two: Server): Promise<Traffic> {
  const { floating_ip: address } = await checkout.act<{ floating_ip: { id: number; ip: string } }>(
    '/v1/floating_ips',
    { name: 'entry', type: 'ipv4', home_location: 'fsn1', server: one.id },
  );
  for (const { name } of [one, two]) {
    succeed(checkout.twin('exec', name, '--', 'ip', 'address', 'add', `${address.ip}/32`, 'dev', 'eth0'));
  }
  return await under(checkout, address.ip, async () => {
    for (let round = 0; round < MOVES; round++) {
      const { id } = round % 2 === 0 ? two : one;
      await checkout.act(`/v1/floating_ips/${address.id}/actions/assign`, { server: id });
      await sleep(200);
    }
  });
}

/**
 * What traffic to an address suffers from some work, with a second of peace before it.
 * @throws Error when the work took longer than the traffic: the end of it was not measured
 */
async function under(checkout: Checkout, address: string, work: () => Promise<void>): Promise<Traffic> {
  const asking = ['python3', '-c', TRAFFIC, 'ask', address, String(PORT), '12'];
  const traffic = checkout.spawn('twin', 'exec', 'internet', '--', ...asking);
  await sleep(1500);
  const during = await Promise.race([work().then(() => true), traffic.ended.then(() => false)]);
  if (!during) throw new Error(`the traffic to ${address} ended before the work: ${traffic.output}`);
  const code = await traffic.ended;
  const [line = ''] = traffic.output.split('\n').filter((text) => text.startsWith('{'));
  return JSON.parse(succeed({ code: line === '' ? 1 : code, output: traffic.output }) && line) as Traffic;
}
