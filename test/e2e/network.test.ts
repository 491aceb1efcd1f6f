import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FAULTS } from '../../twin/faults/catalogue.ts';
import { Checkout, type Outcome } from '../engine/checkout.ts';
import { eventually } from './eventually.ts';
import { NO_TRACES, processIds, traces } from './traces.ts';

interface Server {
  readonly id: number;
  readonly public_net: { readonly ipv4: { readonly ip: string } | null };
  readonly private_net: readonly { readonly ip: string }[];
}

/** Somebody on the Internet. */
const STRANGER = '203.0.113.10';
const OPEN = 7000;
const CLOSED = 7001;
const TRAFFIC = readFileSync('bench/traffic.py', 'utf8');

describe('networks of the local Hetzner', () => {
  let checkout: Checkout;
  let before: ReadonlySet<string>;
  let network: number;

  beforeAll(() => {
    before = processIds();
    checkout = new Checkout('netw', 8524, { machines: true });
  });
  afterAll(() => checkout.remove());

  const succeed = ({ code, output }: Outcome): string => {
    expect(code, output).toBe(0);
    return output.trim();
  };
  const exec = (where: string, script: string) => checkout.twin('exec', where, '--', 'sh', '-ec', script);
  const console = (where: string, script: string) => succeed(exec(where, script));
  const server = async (name: string): Promise<Server> => {
    const [found] = (await checkout.api<{ servers: Server[] }>(`/v1/servers?name=${name}`)).servers;
    if (!found) throw new Error(`there is no server ${name}`);
    return found;
  };
  const privately = async (name: string) => (await server(name)).private_net[0]?.ip ?? '';
  const publicly = async (name: string) => (await server(name)).public_net.ipv4?.ip ?? '';
  const reaches = (from: string, address: string) => exec(from, `ping -q -c 1 -W 1 ${address}`).code === 0;
  /** Milliseconds that the fastest of five answers took. */
  const roundTrip = (from: string, address: string) =>
    Number(/= ([\d.]+)\//.exec(console(from, `ping -q -c 5 -i 0.2 ${address}`))?.[1]);

  it('join machines of three locations', async () => {
    succeed(checkout.twin('up', '--engine', 'nspawn'));
    const made = await checkout.act<{ network: { id: number } }>('/v1/networks', {
      name: 'private',
      ip_range: '10.0.0.0/16',
      subnets: [{ type: 'cloud', ip_range: '10.0.1.0/24', network_zone: 'eu-central' }],
    });
    network = made.network.id;
    const locations = { gateway: 'fsn1', near: 'fsn1', far: 'hel1', inner: 'nbg1' };
    await Promise.all(
      Object.entries(locations).map(([name, location]) =>
        checkout.act('/v1/servers', {
          name,
          location,
          server_type: 'cpx22',
          image: 'debian-12',
          networks: [network],
          public_net: { enable_ipv4: name !== 'inner', enable_ipv6: false },
        }),
      ),
    );
    for (const name of ['near', 'far', 'inner'])
      await eventually(30, async () => expect(reaches('gateway', await privately(name))).toBe(true));
  });

  it('lead a machine without public interface outside only by the route of its network', async () => {
    const addresses = 'ip -4 -o address show | grep -vc " lo "';
    expect(console('inner', addresses)).toBe('1');
    expect(reaches('inner', STRANGER)).toBe(false);
    console('inner', 'ip route replace default via 10.0.0.1 dev enp7s0 onlink');
    expect(reaches('inner', STRANGER), 'the network has no route yet').toBe(false);
    console(
      'gateway',
      `echo 1 >/proc/sys/net/ipv4/ip_forward
       nft 'table ip nat { chain post { type nat hook postrouting priority srcnat; oifname "eth0" masquerade; }; }'`,
    );
    const route = { destination: '0.0.0.0/0', gateway: await privately('gateway') };
    await checkout.act(`/v1/networks/${network}/actions/add_route`, route);
    await eventually(5, () => expect(reaches('inner', STRANGER)).toBe(true));
    await checkout.act(`/v1/networks/${network}/actions/delete_route`, route);
    await eventually(5, () => expect(reaches('inner', STRANGER)).toBe(false));
  });

  it('let in what the firewall allows and nothing else, while its rules are replaced; inside nothing is filtered', async () => {
    const rules = (other: number) =>
      [OPEN, other].map((port) => ({
        direction: 'in',
        protocol: 'udp',
        port: String(port),
        source_ips: ['0.0.0.0/0', '::/0'],
      }));
    const { firewall } = await checkout.act<{ firewall: { id: number } }>('/v1/firewalls', {
      name: 'guard',
      rules: rules(9000),
      apply_to: [{ type: 'server', server: { id: (await server('near')).id } }],
    });
    for (const port of [OPEN, CLOSED]) {
      const answer = ['python3', '-c', TRAFFIC, 'answer', String(port)];
      succeed(
        checkout.twin('exec', 'near', '--', 'systemd-run', '--quiet', `--unit=answer-${port}`, ...answer),
      );
    }
    const ask = (from: string, address: string, port: number) =>
      checkout.spawn('twin', 'exec', from, '--', 'python3', '-c', TRAFFIC, 'ask', address, String(port), '4');
    const asking = [
      ask('internet', await publicly('near'), OPEN),
      ask('internet', await publicly('near'), CLOSED),
      ask('far', await privately('near'), CLOSED),
    ];
    for (let round = 1; round <= 15; round++)
      await checkout.act(`/v1/firewalls/${firewall.id}/actions/set_rules`, { rules: rules(9000 + round) });
    const [open, closed, inside] = await Promise.all(
      asking.map(async (running) => {
        await running.ended;
        return JSON.parse(running.output) as { sent: number; lost: number };
      }),
    );
    expect(open).toMatchObject({ lost: 0 });
    expect(closed?.lost).toBe(closed?.sent);
    expect(inside).toMatchObject({ lost: 0 });
    expect(open?.sent).toBeGreaterThan(100);
  });

  it('are as long as they are set to be, between locations only, and carry whole packets then', async () => {
    const ways = { far: await privately('far'), near: await privately('near') };
    const publicFar = await publicly('far');
    expect(roundTrip('gateway', ways.far)).toBeLessThan(10);
    succeed(checkout.twin('set', 'delay.fsn1.hel1', '30'));
    await eventually(10, () => expect(roundTrip('gateway', ways.far)).toBeGreaterThanOrEqual(60));
    expect(roundTrip('gateway', ways.far)).toBeLessThan(90);
    expect(roundTrip('gateway', publicFar)).toBeGreaterThanOrEqual(60);
    expect(roundTrip('gateway', ways.near)).toBeLessThan(10);
    console('gateway', `ping -q -M do -c 2 -s 1422 ${ways.far}`);
    // A megabyte by TCP, with whatever the kernel puts together on its way.
    console('far', 'systemd-run --quiet --unit=sink sh -c "nc -l -p 9000 | sha256sum >/root/sum"');
    const sent = console(
      'gateway',
      `head -c 1000000 /dev/urandom >/root/data; nc -N ${ways.far} 9000 </root/data; sha256sum </root/data`,
    );
    await eventually(10, () => expect(console('far', 'cat /root/sum')).toBe(sent));
    succeed(checkout.twin('set', 'delay.fsn1.hel1', '--standard'));
    await eventually(10, () => expect(roundTrip('gateway', ways.far)).toBeLessThan(10));
  });

  it('keep their delays and partitions over a kill of the twin, and for machines that come later', async () => {
    succeed(checkout.twin('set', 'delay.fsn1.hel1', '30'));
    succeed(checkout.twin('faults', 'arm', 'partition', '--on', 'fsn1.nbg1', '--always'));
    const inner = await privately('inner');
    await eventually(10, () => expect(reaches('gateway', inner)).toBe(false));
    expect(reaches('far', inner), 'other locations reach both').toBe(true);
    checkout.killTwin();
    succeed(checkout.twin('up'));
    await checkout.act('/v1/servers', {
      name: 'late',
      location: 'fsn1',
      server_type: 'cpx22',
      image: 'debian-12',
      networks: [network],
    });
    const far = await privately('far');
    await eventually(30, () => expect(roundTrip('late', far)).toBeGreaterThanOrEqual(60));
    expect(reaches('late', inner)).toBe(false);
    succeed(checkout.twin('faults', 'clear'));
    await eventually(10, () => expect(reaches('late', inner)).toBe(true));
  });

  it('lose a whole location, and get it back with its machines', async () => {
    const far = await publicly('far');
    const answers = () => exec('internet', `nc -z -w 1 ${far} 22`).code === 0;
    expect(answers()).toBe(true);
    succeed(checkout.twin('faults', 'arm', 'location_down', '--on', 'hel1', '--always'));
    await eventually(10, () => expect(answers()).toBe(false));
    succeed(checkout.twin('faults', 'clear'));
    await eventually(30, () => expect(answers()).toBe(true));
  });

  it('leave nothing', () => {
    succeed(checkout.twin('down'));
    expect(traces(checkout, before)).toEqual(NO_TRACES);
  });
});

describe('the self-check of faults', () => {
  it('sees each fault of the catalogue strike on real machines', () => {
    const checkout = new Checkout('fchk', 8527, { machines: true });
    const { code, output } = checkout.twin('faults', 'check', '--engine', 'nspawn');
    checkout.remove();
    expect(code, output).toBe(0);
    expect(output.trim().split('\n').sort()).toEqual(
      Object.keys(FAULTS)
        .map((name) => `${name}: fires`)
        .sort(),
    );
  });
});
