import { beforeAll, describe, expect, it } from 'vitest';
import { SSH_KEY } from '../ssh-key.ts';
import { isSecret, type Recorded, type Registration, record, reveal } from './monitor.ts';

const CONTROL_PLANES = ['local-control-plane-1', 'local-control-plane-2', 'local-control-plane-3'];

function ofType({ registrations }: Recorded, type: string): Registration[] {
  return registrations.filter((registration) => registration.type === type);
}

function one(recorded: Recorded, type: string, name: string): Registration {
  const found = ofType(recorded, type).find((registration) => registration.name === name);
  if (!found) throw new Error(`there is no ${type} ${name}`);
  return found;
}

const names = (registrations: readonly Registration[]) => registrations.map(({ name }) => name).sort();

const SERVER = 'hcloud:index/server:Server';
const COMMAND = 'command:local:Command';

describe('the program, by what it registers', () => {
  let local: Recorded;
  let prod: Recorded;
  beforeAll(async () => {
    [local, prod] = await Promise.all([record('local'), record('prod')]);
  });

  it('ends well and prints nothing', () => {
    expect(local.printed).toBe('');
    expect(local.code).toBe(0);
    expect(prod.printed).toBe('');
    expect(prod.code).toBe(0);
  });

  it('names everything after cluster, pool and ordinal', () => {
    expect(names(ofType(local, SERVER))).toEqual([...CONTROL_PLANES, 'local-gateway', 'local-worker-1']);
    expect(names(ofType(local, 'hcloud:index/volume:Volume'))).toEqual(
      CONTROL_PLANES.map((name) => `${name}-etcd`),
    );
    expect(names(ofType(local, COMMAND))).toEqual(['local-cluster', 'local-gateway', 'local-machines']);
    for (const { type, name, inputs } of local.registrations) {
      expect(name, type).toMatch(/^(groundup-)?local/);
      if (type.startsWith('hcloud:') && typeof inputs['name'] === 'string') expect(inputs['name']).toBe(name);
    }
  });

  it('puts every resource below a component, and every component below the stack or another', () => {
    for (const { type, name, parent, custom } of local.registrations) {
      if (type === 'pulumi:pulumi:Stack') expect(parent).toBe('');
      else
        expect(parent, `${type} ${name}`).toMatch(
          custom ? /^(Network|Keys|Gateway|NodePool|Cluster|Pki) / : /^(Stack|Cluster) /,
        );
    }
    expect(one(local, SERVER, 'local-worker-1').parent).toBe('NodePool local-worker');
    expect(one(local, 'tls:index/privateKey:PrivateKey', 'local-kubernetes-ca').parent).toBe('Pki local');
  });

  it('labels every object at Hetzner that can have labels, so that it is known as ours', () => {
    const unlabelled = ['NetworkSubnet', 'NetworkRoute', 'VolumeAttachment'];
    for (const { type, name, inputs } of local.registrations.filter((each) =>
      each.type.startsWith('hcloud:'),
    )) {
      if (unlabelled.some((kind) => type.endsWith(`:${kind}`))) continue;
      expect(inputs['labels'], `${type} ${name}`).toMatchObject({ 'groundup-cluster': 'local' });
    }
  });

  it('makes servers wait for subnets and routes, since they take addresses there', () => {
    for (const { name, dependencies } of ofType(local, SERVER)) {
      for (const needed of [
        'local-gateway',
        'local-control-plane',
        'local-worker',
        'local-vpn',
        'local-egress',
      ])
        expect(dependencies, name).toContain(needed);
    }
  });

  it('runs the phases one after the other, each when its machines are there', () => {
    expect(one(local, COMMAND, 'local-gateway').dependencies).toContain('local-gateway');
    const machines = one(local, COMMAND, 'local-machines').dependencies;
    expect(machines).toEqual(expect.arrayContaining(['local-gateway', 'local-worker-1', ...CONTROL_PLANES]));
    expect(machines).toEqual(expect.arrayContaining(CONTROL_PLANES.map((name) => `${name}-etcd`)));
    expect(one(local, COMMAND, 'local-cluster').dependencies).toContain('local-machines');
  });

  it('gives phases their input as a secret on standard input, never by arguments or environment', () => {
    for (const { name, inputs, secretOutputs, createTimeout } of ofType(local, COMMAND)) {
      expect(inputs['create'], name).toBe(`./bin/groundup phase ${name.replace('local-', '')}`);
      expect(inputs['update']).toBe(inputs['create']);
      expect(isSecret(inputs['stdin'])).toBe(true);
      expect(JSON.parse(String(reveal(inputs['stdin'])))).toMatchObject({ stack: 'local', cluster: 'local' });
      expect(Object.keys(reveal(inputs['environment']) as object)).toEqual(['GROUNDUP_PHASE_CONTENT']);
      expect(inputs['addPreviousOutputInEnv']).toBe(false);
      expect(inputs['logging']).toBe('none');
      expect(secretOutputs).toEqual(expect.arrayContaining(['stdout', 'stderr']));
      expect(createTimeout).not.toBe('');
    }
  });

  it('sends a phase no key that it has no use for', () => {
    const input = (phase: string) => String(reveal(one(local, COMMAND, `local-${phase}`).inputs['stdin']));
    const authority = /"kubernetes_ca":\{"cert":"[^"]+","key":/;
    expect(input('cluster')).toMatch(authority);
    for (const phase of ['gateway', 'machines']) {
      expect(input(phase)).not.toMatch(authority);
      expect(input(phase)).not.toContain('encryption_key');
    }
  });

  it('keeps every secret encrypted in the state', () => {
    for (const { name, inputs } of ofType(local, SERVER))
      expect(isSecret(inputs['userData']), name).toBe(true);
    expect(isSecret(local.outputs['kubeconfig'])).toBe(true);
    expect(isSecret(local.outputs['access'])).toBe(true);
    const open =
      JSON.stringify(local.registrations.map(({ inputs }) => withoutSecrets(inputs))) +
      JSON.stringify(withoutSecrets(local.outputs));
    expect(open).not.toMatch(/PRIVATE KEY|client-key-data/);
    const { tunnel } = reveal(local.outputs['access']) as { tunnel: { privateKey: string } };
    expect(tunnel.privateKey.length).toBeGreaterThan(40);
    expect(open).not.toContain(tunnel.privateKey);
  });

  it('gives people their files for WireGuard, and first boots nothing of people', async () => {
    const sshKey = SSH_KEY;
    const wireguardKey = Buffer.alloc(32, 9).toString('base64');
    const shared = await record('local', {
      edit: (config) => {
        const access = config['access'] as Record<string, unknown>;
        access['people'] = [{ name: 'ada', number: 1, sshKey, wireguardKey }];
      },
    });
    expect(reveal(shared.outputs['wgQuick'])).toEqual({
      ada: expect.stringContaining('Address = 10.99.0.11/32'),
    });
    for (const { name, inputs } of ofType(shared, SERVER)) {
      expect(String(reveal(inputs['userData'])), name).not.toContain(wireguardKey);
      expect(String(reveal(inputs['userData'])), name).not.toContain(sshKey);
    }
    for (const [phase, key] of [
      ['gateway', wireguardKey],
      ['machines', sshKey],
    ] as const)
      expect(String(reveal(one(shared, COMMAND, `local-${phase}`).inputs['stdin'])), phase).toContain(key);
  });

  it('lets a changed key, image or line of user data replace no machine', () => {
    for (const { name, ignoreChanges, deleteBeforeReplace } of ofType(local, SERVER)) {
      expect([...ignoreChanges].sort(), name).toEqual(['image', 'sshKeys', 'userData']);
      expect(deleteBeforeReplace).toBe(true);
    }
  });

  it('removes before it makes anew whatever has a unique name or address', () => {
    for (const { type, name, deleteBeforeReplace } of local.registrations)
      if (type.startsWith('hcloud:')) expect(deleteBeforeReplace, `${type} ${name}`).toBe(true);
  });

  it('protects what cannot be made again in production, and nothing in a sandbox', () => {
    const kept = [
      SERVER,
      'hcloud:index/volume:Volume',
      'hcloud:index/network:Network',
      'hcloud:index/primaryIp:PrimaryIp',
    ];
    for (const type of kept) {
      expect(ofType(prod, type).length).toBeGreaterThan(0);
      for (const { name, protect, inputs } of ofType(prod, type)) {
        expect(protect, `${type} ${name}`).toBe(true);
        expect(inputs['deleteProtection'], `${type} ${name}`).toBe(true);
      }
    }
    expect(local.registrations.filter(({ protect }) => protect)).toEqual([]);
  });

  it('gives the Internet one open port, and machines of the cluster no public address', () => {
    const [firewall, ...others] = ofType(local, 'hcloud:index/firewall:Firewall');
    expect(others).toEqual([]);
    expect(firewall?.inputs['rules']).toEqual([
      expect.objectContaining({ direction: 'in', protocol: 'udp', port: '51820' }),
    ]);
    for (const { name, inputs } of ofType(local, SERVER)) {
      const [net] = inputs['publicNets'] as unknown as { ipv4Enabled: boolean; ipv6Enabled: boolean }[];
      expect(net?.ipv4Enabled, name).toBe(name === 'local-gateway');
      expect(net?.ipv6Enabled, name).toBe(false);
    }
  });

  it('shows a preview of a new environment without knowing anything yet', async () => {
    const preview = await record('local', { preview: true });
    expect(preview.printed).toBe('');
    expect(preview.code).toBe(0);
    expect(names(preview.registrations)).toEqual(names(local.registrations));
  });

  it('leaves only the phases out where there are no machines', async () => {
    const bare = await record('local', { environment: { GROUNDUP_WITHOUT_MACHINES: '1' } });
    expect(bare.code).toBe(0);
    expect(names(bare.registrations)).toEqual(
      names(local.registrations.filter(({ type }) => type !== COMMAND)),
    );
  });

  it('adds a machine without touching any input of the others', async () => {
    const larger = await record('local', {
      edit: (config) => {
        const [, worker] = config['pools'] as { count: number }[];
        if (worker) worker.count = 2;
      },
    });
    const fixed = (registration: Registration) => ({ ...registration, inputs: shape(registration.inputs) });
    for (const registration of local.registrations.filter(({ type }) => type !== COMMAND)) {
      const again = larger.registrations.find(({ urn }) => urn === registration.urn);
      expect(again && fixed(again), registration.urn).toEqual(fixed(registration));
    }
    expect(names(ofType(larger, SERVER))).toEqual([...names(ofType(local, SERVER)), 'local-worker-2'].sort());
  });

  it('registers nothing at all when the configuration has mistakes, and says them', async () => {
    const wrong = await record('local', {
      edit: (config) => {
        config['network'] = { cidr: '8.8.0.0/16' };
        config['unknown'] = true;
      },
    });
    expect(wrong.code).not.toBe(0);
    expect(wrong.printed).toMatch(/groundup:network\.cidr/);
    expect(wrong.registrations.filter(({ type }) => type !== 'pulumi:pulumi:Stack')).toEqual([]);
  });
});

/** What would lie in the state as it is. */
function withoutSecrets(value: unknown): unknown {
  if (isSecret(value)) return '[secret]';
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutSecrets(inner)]));
}

/** Inputs without keys and numbers, which are other ones in every recording. */
function shape(value: unknown): unknown {
  if (isSecret(value)) return '[secret]';
  if (typeof value === 'string' && /BEGIN|^ssh-|^\d+$/.test(value)) return '[made]';
  if (typeof value === 'number' && value >= 1000) return '[made]';
  if (Array.isArray(value)) return value.map(shape);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shape(inner)]));
}
