import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Checkout, type Outcome } from '../engine/checkout.ts';
import { eventually } from './eventually.ts';
import { NO_TRACES, processIds, traces } from './traces.ts';

interface Server {
  readonly id: number;
  readonly status: string;
  readonly rescue_enabled: boolean;
  readonly public_net: { readonly ipv4: { readonly ip: string } };
}

const QUIET = [
  ...['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR'],
  ...['-o', 'ConnectTimeout=2', '-o', 'NumberOfPasswordPrompts=1'],
];

describe('disks of the local Hetzner', () => {
  let checkout: Checkout;
  let before: ReadonlySet<string>;
  let keys: string;
  let snapshot: number;
  let volume: { id: number; linux_device: string };

  beforeAll(() => {
    before = processIds();
    checkout = new Checkout('disk', 8523, { machines: true });
    keys = mkdtempSync(join(tmpdir(), 'keys-'));
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(keys, 'key')]);
  });
  afterAll(() => {
    checkout.remove();
    rmSync(keys, { recursive: true });
  });

  const succeed = ({ code, output }: Outcome): string => {
    expect(code, output).toBe(0);
    return output.trim();
  };
  const console = (machine: string, script: string) =>
    succeed(checkout.twin('exec', machine, '--', 'sh', '-ec', script));
  const server = async (name: string): Promise<Server> => {
    const [found] = (await checkout.api<{ servers: Server[] }>(`/v1/servers?name=${name}`)).servers;
    if (!found) throw new Error(`there is no server ${name}`);
    return found;
  };
  const create = async (name: string, more: object = {}) => {
    const { root_password: password } = await checkout.act<{ root_password: string | null }>('/v1/servers', {
      name,
      server_type: 'cx23',
      image: 'debian-12',
      location: 'fsn1',
      ssh_keys: ['test'],
      ...more,
    });
    await isUp(name);
    return password;
  };
  const act = async <T extends object>(name: string, action: string, body: object = {}) =>
    await checkout.act<T>(`/v1/servers/${(await server(name)).id}/actions/${action}`, body);
  /** Once sshd answers, cloud-init has done what concerns keys and files. */
  const isUp = async (name: string) => {
    const { ip } = (await server(name)).public_net.ipv4;
    await eventually(30, () =>
      expect(checkout.twin('exec', 'internet', '--', 'nc', '-z', '-w', '1', ip, '22').code).toBe(0),
    );
  };
  const ssh = async (name: string, script: string, way: readonly string[] = ['-i', join(keys, 'key')]) => {
    const { ip } = (await server(name)).public_net.ipv4;
    return checkout.twin('exec', 'internet', '--', 'ssh', ...QUIET, ...way, `root@${ip}`, script);
  };
  /** A password as a person types it: ssh asks a program for it when it has no terminal. */
  const byPassword = async (name: string, password: string, script: string) => {
    const asked = join(keys, 'password');
    writeFileSync(asked, `#!/bin/sh\necho '${password}'\n`, { mode: 0o700 });
    const { ip } = (await server(name)).public_net.ipv4;
    const program = ['env', `SSH_ASKPASS=${asked}`, 'SSH_ASKPASS_REQUIRE=force', 'ssh', ...QUIET];
    const only = ['-o', 'PreferredAuthentications=password', '-o', 'PubkeyAuthentication=no'];
    return checkout.twin('exec', 'internet', '--', ...program, ...only, `root@${ip}`, script);
  };

  it('a volume and the file on it survive their server, and a resize of either', async () => {
    succeed(checkout.twin('up', '--engine', 'nspawn'));
    const publicKey = readFileSync(join(keys, 'key.pub'), 'utf8');
    await checkout.act('/v1/ssh_keys', { name: 'test', public_key: publicKey });
    await create('one');
    const made = await checkout.act<{ volume: typeof volume }>('/v1/volumes', {
      name: 'data',
      size: 10,
      format: 'ext4',
      server: (await server('one')).id,
      automount: false,
    });
    volume = made.volume;
    const { linux_device: device } = volume;
    console('one', `mount ${device} /mnt; echo kept >/mnt/file; sync; echo lost >/root/own`);
    await checkout.api(`/v1/servers/${(await server('one')).id}`, { method: 'DELETE' });
    await eventually(20, async () =>
      expect((await checkout.api<{ servers: Server[] }>('/v1/servers?name=one')).servers).toEqual([]),
    );
    await create('one');
    const attach = { server: (await server('one')).id, automount: false };
    await checkout.act(`/v1/volumes/${volume.id}/actions/attach`, attach);
    await eventually(5, () => console('one', `test -b ${device}`));
    expect(console('one', `mount ${device} /mnt; cat /mnt/file; test ! -e /root/own`)).toBe('kept');
    const size = () => Number(console('one', 'df --output=size -B1M /mnt | tail -1'));
    const small = size();
    console('one', 'umount /mnt');
    await checkout.act(`/v1/volumes/${volume.id}/actions/resize`, { size: 20 });
    console('one', `e2fsck -fp ${device} >/dev/null; resize2fs ${device} 2>/dev/null; mount ${device} /mnt`);
    expect(size()).toBeGreaterThan(small * 1.8);
    expect(console('one', 'cat /mnt/file; umount /mnt; echo stays >/root/own')).toBe('kept');
    await act('one', 'poweroff');
    await act('one', 'change_type', { server_type: 'cx33', upgrade_disk: false });
    await isUp('one');
    expect(console('one', `cat /root/own; mount ${device} /mnt; cat /mnt/file`)).toBe('stays\nkept');
  });

  it('a snapshot of a machine that runs holds its disk, and nothing of its volume', async () => {
    console('one', 'echo mine >/root/own; rm -r /etc/skel; mkdir /etc/skel; echo new >/etc/skel/only');
    const { image } = await act<{ image: { id: number } }>('one', 'create_image', { description: 'kept' });
    snapshot = image.id;
    const { image: saved } = await checkout.api<{ image: { status: string; image_size: number } }>(
      `/v1/images/${snapshot}`,
    );
    expect(saved.status).toBe('available');
    expect(saved.image_size).toBeGreaterThan(0);
    console('one', 'echo changed >/root/own');
    await create('copy', { image: String(snapshot) });
    expect(console('copy', 'cat /root/own; ls /etc/skel; ls -A /mnt | wc -l')).toBe('mine\nonly\n0');
  });

  it('a machine made of a snapshot is another one: its own name, its own host keys', async () => {
    await eventually(20, () => expect(console('copy', 'hostname')).toBe('copy'));
    const hostKey = 'cat /etc/ssh/ssh_host_ed25519_key.pub';
    await eventually(20, () => expect(console('copy', hostKey)).not.toBe(console('one', hostKey)));
    await eventually(20, async () => expect(succeed(await ssh('copy', 'hostname'))).toBe('copy'));
  });

  it('a snapshot outlives a kill of the twin, and goes when it is deleted', async () => {
    checkout.killTwin();
    succeed(checkout.twin('up'));
    const folder = join(checkout.directory, 'twin-state', 'images');
    expect(readdirSync(folder)).toEqual([String(snapshot)]);
    await act('copy', 'rebuild', { image: String(snapshot) });
    await isUp('copy');
    expect(console('copy', 'cat /root/own')).toBe('mine');
    await checkout.api(`/v1/images/${snapshot}`, { method: 'DELETE' });
    await eventually(10, () => expect(readdirSync(folder)).toEqual([]));
    // Whoever was made of it does not need it.
    await act('copy', 'reset');
    await isUp('copy');
    expect(console('copy', 'cat /root/own')).toBe('mine');
  });

  it('a rebuild takes everything but the address, the user data and the volume', async () => {
    const address = (await server('one')).public_net.ipv4.ip;
    await act('one', 'rebuild', { image: 'debian-12' });
    await isUp('one');
    expect((await server('one')).public_net.ipv4.ip).toBe(address);
    const { linux_device: device } = volume;
    await eventually(10, () => console('one', `test -b ${device}`));
    expect(console('one', `test ! -e /root/own; mount ${device} /mnt; cat /mnt/file`)).toBe('kept');
    await eventually(20, async () => expect(succeed(await ssh('one', 'hostname'))).toBe('one'));
  });

  it('the rescue system comes once, lets in its own keys and password, and has the disk at /mnt', async () => {
    console('one', 'echo broken >/etc/motd');
    const { root_password: password } = await act<{ root_password: string }>('one', 'enable_rescue');
    expect((await server('one')).rescue_enabled).toBe(true);
    await act('one', 'reset');
    await isUp('one');
    expect((await server('one')).rescue_enabled).toBe(false);
    await eventually(20, async () =>
      expect(succeed(await byPassword('one', password, 'hostname'))).toBe('rescue'),
    );
    expect((await ssh('one', 'true')).code, 'the keys of the server are not those of its rescue').not.toBe(0);
    succeed(await byPassword('one', password, 'echo mended >/mnt/etc/motd'));
    // As a person leaves it: by a reboot from within.
    await byPassword('one', password, 'systemctl reboot');
    await eventually(30, async () =>
      expect(succeed(await ssh('one', 'hostname; cat /etc/motd'))).toContain('mended'),
    );
    expect(existsSync('/mnt/etc/motd'), 'nothing of it is mounted on this computer').toBe(false);
  });

  it('root has the password of its creation where no key was given, and another one after a reset', async () => {
    const first = (await create('keyless', { ssh_keys: [] })) ?? '';
    await eventually(20, async () =>
      expect(succeed(await byPassword('keyless', first, 'whoami'))).toBe('root'),
    );
    const { root_password: second } = await act<{ root_password: string }>('keyless', 'reset_password');
    expect(succeed(await byPassword('keyless', second, 'whoami'))).toBe('root');
    expect((await byPassword('keyless', first, 'whoami')).code).not.toBe(0);
  });

  it('leave nothing', () => {
    succeed(checkout.twin('down'));
    expect(traces(checkout, before)).toEqual(NO_TRACES);
  });
});
