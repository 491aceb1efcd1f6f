import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Checkout, type Outcome } from '../engine/checkout.ts';
import { eventually } from './eventually.ts';
import { openTcpPorts } from './scan.ts';
import { NO_TRACES, processIds, traces } from './traces.ts';

interface Server {
  readonly id: number;
  readonly name: string;
  readonly status: string;
  readonly public_net: { readonly ipv4: { readonly ip: string } | null };
  readonly private_net: readonly { readonly ip: string }[];
}

const USER_DATA = `#cloud-config
write_files:
  - { path: /etc/from-user-data, content: written, permissions: '0640' }
users:
  - default
  - { name: alice, shell: /bin/bash, sudo: 'ALL=(ALL) NOPASSWD:ALL' }
runcmd:
  - echo ran >>/root/runs
`;
const PUBLIC = { enable_ipv4: true, enable_ipv6: false };
const PRIVATE_ONLY = { enable_ipv4: false, enable_ipv6: false };

describe('machines of the local Hetzner', () => {
  let checkout: Checkout;
  let before: ReadonlySet<string>;
  let keys: string;
  let network: number;
  let firewall: number;

  beforeAll(() => {
    before = processIds();
    checkout = new Checkout('mach', 8511, { machines: true });
    keys = mkdtempSync(join(tmpdir(), 'keys-'));
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(keys, 'key')]);
  });
  afterAll(() => {
    checkout.remove();
    rmSync(keys, { recursive: true });
  });

  const succeed = ({ code, output }: Outcome): string => {
    expect(code, output).toBe(0);
    return output;
  };
  const console = (machine: string, ...command: string[]) =>
    succeed(checkout.twin('exec', machine, '--', ...command)).trim();
  const fails = (machine: string, ...command: string[]) =>
    expect(checkout.twin('exec', machine, '--', ...command).code).not.toBe(0);
  const server = async (name: string): Promise<Server> => {
    const { servers } = await checkout.api<{ servers: Server[] }>(`/v1/servers?name=${name}`);
    const [found] = servers;
    if (!found) throw new Error(`there is no server ${name}`);
    return found;
  };
  const act = async (name: string, action: string, body: object = {}) =>
    await checkout.act(`/v1/servers/${(await server(name)).id}/actions/${action}`, body);
  const publicIp = async (name: string) => (await server(name)).public_net.ipv4?.ip ?? '';
  const answersSsh = (address: string, from = 'internet') =>
    eventually(15, () =>
      expect(checkout.twin('exec', from, '--', 'nc', '-z', '-w', '1', address, '22').code).toBe(0),
    );

  it('boot together, with the network, keys and user data that they were created with', async () => {
    succeed(checkout.twin('up', '--engine', 'nspawn'));
    const publicKey = readFileSync(join(keys, 'key.pub'), 'utf8');
    await checkout.act('/v1/ssh_keys', { name: 'test', public_key: publicKey });
    const made = await checkout.act<{ network: { id: number } }>('/v1/networks', {
      name: 'private',
      ip_range: '10.0.0.0/16',
      subnets: [{ type: 'cloud', ip_range: '10.0.1.0/24', network_zone: 'eu-central' }],
    });
    network = made.network.id;
    await Promise.all(
      ['one', 'two', 'three', 'four'].map((name, index) =>
        checkout.act('/v1/servers', {
          name,
          server_type: 'cx33',
          image: 'debian-12',
          location: 'fsn1',
          ssh_keys: ['test'],
          user_data: USER_DATA,
          networks: [network],
          public_net: index < 2 ? PUBLIC : PRIVATE_ONLY,
        }),
      ),
    );
    await Promise.all([answersSsh(await publicIp('one')), answersSsh(await publicIp('two'))]);
    for (const name of ['one', 'two', 'three', 'four']) {
      await eventually(30, () => expect(console(name, 'cat', '/root/runs')).toBe('ran'));
      expect(console(name, 'hostname')).toBe(name);
      expect(console(name, 'stat', '-c', '%a', '/etc/from-user-data')).toBe('640');
      expect(console(name, 'sudo', '-u', 'alice', 'sudo', 'whoami')).toBe('root');
      expect(console(name, 'cat', '/root/.ssh/authorized_keys')).toContain(publicKey.trim());
    }
    const ssh = [
      '-o',
      'StrictHostKeyChecking=no',
      '-o',
      'UserKnownHostsFile=/dev/null',
      '-i',
      join(keys, 'key'),
    ];
    expect(console('internet', 'ssh', ...ssh, `root@${await publicIp('one')}`, 'hostname')).toContain('one');
  });

  it('learn about themselves from the metadata service', async () => {
    const metadata = (name: string, path: string) =>
      console(name, 'curl', '-sf', '-m', '5', `http://169.254.169.254/hetzner/v1/${path}`);
    for (const name of ['one', 'three']) {
      expect(metadata(name, 'metadata/instance-id')).toBe(String((await server(name)).id));
      expect(metadata(name, 'metadata/hostname')).toBe(name);
      expect(metadata(name, 'userdata')).toBe(USER_DATA.trim());
    }
    expect(metadata('one', 'metadata/public-ipv4')).toBe(await publicIp('one'));
  });

  it('reach each other by the router of the private network, with packets of its size', async () => {
    const [nic] = (await server('three')).private_net;
    const address = nic?.ip ?? '';
    expect(console('one', 'ip', '-o', '-4', 'address', 'show', 'dev', 'enp7s0')).toMatch(/10\.0\.1\.\d+\/32/);
    console('one', 'ping', '-q', '-M', 'do', '-c', '2', '-s', '1422', address);
    fails('one', 'ping', '-q', '-M', 'do', '-c', '2', '-W', '1', '-s', '1423', address);
    const neighbours = console('one', 'ip', 'neigh', 'show', 'dev', 'enp7s0').split('\n');
    expect(neighbours.map((line) => line.split(' ')[0])).toEqual(['10.0.0.1']);
    fails('one', 'ping', '-q', '-c', '1', '-W', '1', '10.0.1.200');
  });

  it('have a cloud firewall on their public side only', async () => {
    const address = await publicIp('two');
    // Without one all of a server's ports answer: what a scan would report, if there were something to report.
    expect(openTcpPorts(checkout, address, '1-1000')).toContain(22);
    const made = await checkout.act<{ firewall: { id: number } }>('/v1/firewalls', {
      name: 'web',
      rules: [{ direction: 'in', protocol: 'tcp', port: '80', source_ips: ['0.0.0.0/0', '::/0'] }],
      apply_to: [{ type: 'server', server: { id: (await server('two')).id } }],
    });
    firewall = made.firewall.id;
    await eventually(10, () => expect(openTcpPorts(checkout, address, '1-1000')).toEqual([80]));
    await answersSsh((await server('two')).private_net[0]?.ip ?? '', 'three');
    await checkout.act(`/v1/firewalls/${firewall}/actions/set_rules`, { rules: [] });
    await eventually(10, () => expect(openTcpPorts(checkout, address, '1-1000')).toEqual([]));
  });

  it('take volumes while they run, where the API says; the data moves along', async () => {
    const { volume } = await checkout.act<{ volume: { id: number; linux_device: string } }>('/v1/volumes', {
      name: 'data',
      size: 10,
      format: 'ext4',
      server: (await server('one')).id,
      automount: false,
    });
    const device = volume.linux_device;
    await eventually(5, () => console('one', 'test', '-b', device));
    console('one', 'sh', '-ec', `mount ${device} /mnt; echo kept >/mnt/file; umount /mnt`);
    await checkout.act(`/v1/volumes/${volume.id}/actions/detach`);
    await eventually(5, () => fails('one', 'test', '-e', device));
    await checkout.act(`/v1/volumes/${volume.id}/actions/attach`, { server: (await server('three')).id });
    await eventually(5, () => console('three', 'test', '-b', device));
    expect(console('three', 'sh', '-ec', `mount ${device} /mnt; cat /mnt/file; umount /mnt`)).toBe('kept');
  });

  it('hold a floating IP that moves between them', async () => {
    const { floating_ip: floating } = await checkout.act<{ floating_ip: { id: number; ip: string } }>(
      '/v1/floating_ips',
      {
        name: 'entry',
        type: 'ipv4',
        home_location: 'fsn1',
      },
    );
    const holder = async (name: string) => {
      await checkout.act(`/v1/floating_ips/${floating.id}/actions/assign`, {
        server: (await server(name)).id,
      });
      await eventually(10, () => {
        const banner = console('internet', 'sh', '-c', `echo | nc -w 2 ${floating.ip} 7000`);
        expect(banner).toBe(name);
      });
    };
    await checkout.act(`/v1/firewalls/${firewall}/actions/set_rules`, {
      rules: [{ direction: 'in', protocol: 'tcp', port: '7000', source_ips: ['0.0.0.0/0'] }],
    });
    for (const name of ['one', 'two']) {
      console(name, 'ip', 'address', 'add', `${floating.ip}/32`, 'dev', 'eth0');
      const loop = 'while :; do hostname | nc -lN -p 7000; done';
      console(name, 'systemd-run', '--quiet', '--unit=greeter', 'sh', '-c', loop);
    }
    await holder('one');
    await holder('two');
    await holder('one');
  });

  it('take a second network while they run', async () => {
    const second = await checkout.act<{ network: { id: number } }>('/v1/networks', {
      name: 'second',
      ip_range: '10.8.0.0/16',
      subnets: [{ type: 'cloud', ip_range: '10.8.1.0/24', network_zone: 'eu-central' }],
    });
    for (const name of ['three', 'four'])
      await act(name, 'attach_to_network', { network: second.network.id });
    const address =
      (await server('four')).private_net.map(({ ip }) => ip).find((ip) => ip.startsWith('10.8.')) ?? '';
    await eventually(10, () => console('three', 'ping', '-q', '-c', '1', '-W', '1', address));
    await act('four', 'detach_from_network', { network: second.network.id });
    await eventually(10, () => fails('three', 'ping', '-q', '-c', '1', '-W', '1', address));
  });

  it('come back from reboot, reset, shutdown and power loss with disk, volume and network', async () => {
    const started = (name: string) => console(name, 'stat', '-c', '%Y%z', '/proc/1');
    console('three', 'sh', '-c', 'echo here >/root/own');
    for (const ways of [['reboot'], ['reset'], ['shutdown', 'poweron'], ['poweroff', 'poweron']]) {
      const earlier = started('three');
      for (const way of ways) {
        await act('three', way);
        const off = way === 'shutdown' || way === 'poweroff';
        expect((await server('three')).status, way).toBe(off ? 'off' : 'running');
      }
      const [nic] = (await server('three')).private_net;
      await answersSsh(nic?.ip ?? '', 'one');
      expect(started('three')).not.toBe(earlier);
      expect(console('three', 'cat', '/root/own')).toBe('here');
      expect(
        console(
          'three',
          'sh',
          '-c',
          'mount /dev/disk/by-id/scsi-0HC_Volume_* /mnt; cat /mnt/file; umount /mnt',
        ),
      ).toBe('kept');
      expect(console('three', 'cat', '/root/runs'), 'user data is for the first boot').toBe('ran');
    }
    const earlier = started('three');
    checkout.twin('exec', 'three', '--', 'systemctl', 'reboot');
    await eventually(20, () => expect(started('three')).not.toBe(earlier));
  });

  it('are found again after a kill of the twin; one that died meanwhile is reported lost', async () => {
    const machine = join(checkout.directory, 'twin-state', 'machines', String((await server('four')).id));
    checkout.killTwin();
    const { pid } = JSON.parse(readFileSync(join(machine, 'supervisor.json'), 'utf8')) as { pid: number };
    const nspawn = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
    for (const id of [pid, ...nspawn]) process.kill(id, 'SIGKILL');
    succeed(checkout.twin('up'));
    expect((await server('one')).status).toBe('running');
    expect((await server('four')).status).toBe('off');
    expect(readFileSync(join(checkout.directory, 'twin-state', 'twin.log'), 'utf8')).toMatch(/four is lost/);
    await act('four', 'poweron');
    const [nic] = (await server('four')).private_net;
    await answersSsh(nic?.ip ?? '', 'one');
  });

  it('are removed with all that was theirs', async () => {
    const { id } = await server('two');
    await checkout.api(`/v1/servers/${id}`, { method: 'DELETE' });
    await eventually(10, () =>
      expect(readdirSync(join(checkout.directory, 'twin-state', 'machines'))).not.toContain(String(id)),
    );
    expect(traces(checkout, before).namespaces.join(' ')).not.toContain(`mach-s${id} `);
  });

  it('leave nothing', () => {
    succeed(checkout.twin('down'));
    expect(traces(checkout, before)).toEqual(NO_TRACES);
  });
});
