import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { run } from '../../../tools/run.ts';
import { Api } from '../model/api.ts';

interface Server {
  readonly id: number;
  readonly name: string;
  readonly location: { readonly name: string; readonly network_zone: string };
  readonly public_net: {
    readonly ipv4: { readonly ip: string } | null;
    readonly ipv6: { readonly ip: string } | null;
  };
}

interface Found {
  readonly found: boolean;
  readonly network_config: {
    readonly config: readonly { readonly mac_address: string; readonly subnets: readonly object[] }[];
  };
  readonly [name: string]: unknown;
}

const TWIN = join(import.meta.dirname, '..', '..', '..', 'bin', 'twin');
const READER = readFileSync(join(import.meta.dirname, 'read.py'), 'utf8');
const USER_DATA = '#cloud-config\nruncmd:\n  - [true]\n';
const PATIENCE_MS = 60_000;

/** cloud-init's own code on machines of the local Hetzner; what it finds is held against the API's word. */
async function main(): Promise<void> {
  const { HCLOUD_ENDPOINT: endpoint = '', HCLOUD_TOKEN: token = '' } = process.env;
  const api = new Api(endpoint, token);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'me', '-f', 'key']);
  const key = readFileSync('key.pub', 'utf8').trim();
  await api.write('POST', '/ssh_keys', { name: 'key', public_key: key });
  const { body } = await api.write('POST', '/networks', {
    name: 'network',
    ip_range: '10.0.0.0/16',
    subnets: [{ type: 'cloud', ip_range: '10.0.0.0/24', network_zone: 'eu-central' }],
  });
  const networks = [(body['network'] as { id: number }).id];
  const wanted = {
    public: { location: 'fsn1', user_data: USER_DATA },
    // Binary user data comes in base64, and the data source undoes that.
    encoded: { location: 'hel1', user_data: Buffer.from(USER_DATA).toString('base64') },
    inner: { location: 'nbg1', networks, public_net: { enable_ipv4: false, enable_ipv6: false } },
  };
  for (const [name, more] of Object.entries(wanted)) {
    const plain = { name, server_type: 'cpx22', image: 'debian-12', ssh_keys: ['key'] };
    const made = await api.write('POST', '/servers', { ...plain, ...more });
    const server = made.body['server'] as Server;
    const found = await read(server);
    const check = (what: string, value: unknown, right: unknown) =>
      report(
        `${name}: ${what}`,
        isDeepStrictEqual(value, right)
          ? undefined
          : `is ${JSON.stringify(value)}, not ${JSON.stringify(right)}`,
      );
    check('it is at Hetzner', found.found, true);
    check('the instance', found['instance_id'], String(server.id));
    check('the hostname', found['hostname'], name);
    check('the keys', found['public_keys'], [key]);
    check('the user data', found['user_data'], name === 'inner' ? '' : USER_DATA);
    check('the vendor data', found['vendor_data'] || null, null);
    check('the region', found['region'], server.location.network_zone);
    check('the zone', String(found['availability_zone']).split('-')[0], server.location.name);
    check('the network', found.network_config, await network(server));
  }
}

/** What cloud-init should configure, from what the API says and the machine has. */
async function network({ name, public_net: net }: Server): Promise<object> {
  if (!net.ipv4 || !net.ipv6) return { version: 1, config: [] };
  const mac = (await inside(name, ['cat', '/sys/class/net/eth0/address'])).trim();
  const own = net.ipv6.ip.replace('::/64', '::1/64');
  const subnets = [
    { type: 'dhcp', ipv4: true, dns_nameservers: ['185.12.64.1', '185.12.64.2'] },
    { type: 'static', ipv6: true, address: own, gateway: 'fe80::1' },
  ];
  return { version: 1, config: [{ type: 'physical', name: 'eth0', mac_address: mac, subnets }] };
}

/** The metadata service is there as soon as the machine's network is. */
async function read({ name, id }: Server): Promise<Found> {
  for (const deadline = Date.now() + PATIENCE_MS; ; await sleep(1000)) {
    try {
      const lines = (await inside(name, ['python3', '-c', READER, String(id)])).trim().split('\n');
      return JSON.parse(lines.at(-1) ?? '') as Found;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

async function inside(name: string, argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(TWIN, ['exec', name, '--', ...argv]);
  if (code !== 0) throw new Error(`${argv.join(' ')} on ${name}: ${stderr}`);
  return stdout;
}

function report(check: string, error: string | undefined): void {
  console.log(JSON.stringify({ check, ok: error === undefined, ...(error === undefined ? {} : { error }) }));
}

await main();
