import { describe, expect, it } from 'vitest';
import { parseSpec, type RawConfig, readSpec } from '../../../src/config/index.ts';
import { SSH_KEY as GOOD_KEY } from '../../ssh-key.ts';
import { stackFile } from '../../stack-file.ts';

const WIREGUARD_KEY = Buffer.alloc(32, 9).toString('base64');
const ada = { name: 'ada', number: 1, sshKey: GOOD_KEY, wireguardKey: WIREGUARD_KEY };
const control = {
  name: 'cp',
  number: 1,
  role: 'control-plane',
  count: 3,
  serverType: 'cx33',
  locations: ['fsn1', 'nbg1', 'hel1'],
};
const worker = {
  name: 'worker',
  number: 2,
  role: 'worker',
  count: 1,
  serverType: 'cx33',
  locations: ['fsn1'],
};

const withWorker = (change: object): RawConfig => ({ pools: [control, { ...worker, ...change }] });
const withControl = (change: object): RawConfig => ({ pools: [{ ...control, ...change }, worker] });
const withPerson = (change: object, rest: object = {}): RawConfig => ({
  pools: [control],
  access: { people: [{ ...ada, ...change }], ...rest },
});
const withNetwork = (network: object): RawConfig => ({ pools: [control], network });

/** What is wrong, the configuration, where the finding must point, and a word of its rule or remedy. */
const MISTAKES: readonly (readonly [string, RawConfig, string, string])[] = [
  ['unknown group', { pools: [control], netwrok: {} } as RawConfig, 'groundup:netwrok', 'network'],
  ['unknown key', withNetwork({ cdir: 'x' }), 'groundup:network.cdir', 'unknown'],
  ['datacenter', withWorker({ datacenter: 'fsn1-dc14' }), 'groundup:pools[1].datacenter', 'locations'],
  [
    'datacenter as location',
    withWorker({ locations: ['fsn1-dc14'] }),
    'groundup:pools[1].locations[0]',
    'Write fsn1',
  ],
  [
    'unknown location',
    withWorker({ locations: ['ber1'] }),
    'groundup:pools[1].locations[0]',
    'fsn1, nbg1, hel1',
  ],
  [
    'location of another zone',
    withWorker({ locations: ['ash'] }),
    'groundup:pools[1].locations[0]',
    'us-east',
  ],
  [
    'an engine that is not built',
    { pools: [control], kubernetes: { engine: 'kubespray' } },
    'groundup:kubernetes.engine',
    'not built yet',
  ],
  ['no location', withWorker({ locations: [] }), 'groundup:pools[1].locations', 'at least one'],
  ['unknown zone', withNetwork({ zone: 'eu-west' }), 'groundup:network.zone', 'eu-central'],
  ['range without prefix', withNetwork({ cidr: '10.0.0.0' }), 'groundup:network.cidr', 'IPv4 range'],
  ['octet above 255', withNetwork({ cidr: '10.0.300.0/16' }), 'groundup:network.cidr', 'IPv4 range'],
  ['host bits', withNetwork({ cidr: '10.0.1.0/16' }), 'groundup:network.cidr', 'multiple of its size'],
  ['public range', withNetwork({ cidr: '8.8.0.0/16' }), 'groundup:network.cidr', 'RFC 1918'],
  ['network too small', withNetwork({ cidr: '10.0.0.0/24' }), 'groundup:network.cidr', 'too small'],
  ['pod range too small', withNetwork({ podCidr: '10.244.0.0/24' }), 'groundup:network.podCidr', 'too small'],
  ['overlap', withNetwork({ podCidr: '10.0.0.0/16' }), 'groundup:network.podCidr', 'overlap cidr'],
  [
    'pool number beyond the network',
    { network: { cidr: '10.0.0.0/22' }, ...withWorker({ number: 9 }) },
    'groundup:pools[1].number',
    '1 to 3',
  ],
  ['unknown server type', withWorker({ serverType: 'huge' }), 'groundup:pools[1].serverType', 'cx33'],
  ['retired server type', withWorker({ serverType: 'cx22' }), 'groundup:pools[1].serverType', 'Write cx23'],
  [
    'type not sold in the zone',
    {
      network: { zone: 'us-east' },
      access: { gateway: { location: 'ash', serverType: 'cpx12' } },
      pools: [{ ...control, locations: ['ash'], serverType: 'cx33' }],
    },
    'groundup:pools[0].serverType',
    'not sold',
  ],
  ['duplicate pool number', withWorker({ number: 1 }), 'groundup:pools[1].number', 'pools[0]'],
  ['duplicate pool name', withWorker({ name: 'cp' }), 'groundup:pools[1].name', 'pools[0]'],
  ['bad pool name', withWorker({ name: 'My_Pool' }), 'groundup:pools[1].name', 'a-z'],
  ['no control plane', { pools: [worker] }, 'groundup:pools', 'role: control-plane'],
  ['no pools at all', {}, 'groundup:pools', 'role: control-plane'],
  ['pools that are no list', { pools: {} }, 'groundup:pools', 'list'],
  ['two control plane pools', withWorker({ role: 'control-plane' }), 'groundup:pools[1].role', 'one pool'],
  ['even control planes', withControl({ count: 2 }), 'groundup:pools[0].count', 'odd'],
  ['count as text', withWorker({ count: 'two' }), 'groundup:pools[1].count', 'whole number'],
  ['negative count', withWorker({ count: -1 }), 'groundup:pools[1].count', 'at least 0'],
  ['missing count', withWorker({ count: undefined }), 'groundup:pools[1].count', 'missing'],
  ['unknown role', withWorker({ role: 'master' }), 'groundup:pools[1].role', 'control-plane or worker'],
  ['too many servers', withWorker({ count: 120 }), 'groundup:pools', '3 cp + 120 worker + 1 gateway = 124'],
  [
    'label key too long',
    withWorker({ labels: { ['k'.repeat(64)]: 'x' } }),
    `groundup:pools[1].labels.${'k'.repeat(64)}`,
    '63',
  ],
  [
    'label value too long',
    withWorker({ labels: { key: 'v'.repeat(64) } }),
    'groundup:pools[1].labels.key',
    '63',
  ],
  ['label value not text', withWorker({ labels: { key: true } }), 'groundup:pools[1].labels.key', 'quotes'],
  [
    'reserved label',
    withWorker({ labels: { 'hetzner.cloud/x': 'y' } }),
    'groundup:pools[1].labels.hetzner.cloud/x',
    'reserved',
  ],
  ['taint', withWorker({ taints: ['gpu'] }), 'groundup:pools[1].taints[0]', 'NoSchedule'],
  ['public as text', withWorker({ public: 'yes' }), 'groundup:pools[1].public', 'true or false'],
  [
    'etcd volume on a worker',
    withWorker({ etcdVolumeGB: 10 }),
    'groundup:pools[1].etcdVolumeGB',
    'control planes only',
  ],
  ['volume too small', withControl({ etcdVolumeGB: 5 }), 'groundup:pools[0].etcdVolumeGB', 'at least 10'],
  [
    'RSA key',
    withPerson({ sshKey: 'ssh-rsa AAAAB3NzaC1yc2E' }),
    'groundup:access.people[0].sshKey',
    'ssh-keygen -t ed25519',
  ],
  [
    'private key',
    withPerson({ sshKey: '-----BEGIN OPENSSH PRIVATE KEY----- hunter2' }),
    'groundup:access.people[0].sshKey',
    'private key',
  ],
  ['damaged key', withPerson({ sshKey: 'ssh-ed25519 AAAA' }), 'groundup:access.people[0].sshKey', 'cut off'],
  [
    'hardware key asked for',
    withPerson({}, { requireHardwareKeys: true }),
    'groundup:access.people[0].sshKey',
    'ed25519-sk',
  ],
  [
    'WireGuard key of wrong length',
    withPerson({ wireguardKey: 'aGVsbG8=' }),
    'groundup:access.people[0].wireguardKey',
    'wg pubkey',
  ],
  ['person number too large', withPerson({ number: 201 }), 'groundup:access.people[0].number', 'at most 200'],
  [
    'the same person twice',
    { pools: [control], access: { people: [ada, { ...ada, number: 2 }] } },
    'groundup:access.people[1].name',
    'people[0]',
  ],
  [
    'VPN port out of range',
    { pools: [control], access: { vpnPort: 70_000 } },
    'groundup:access.vpnPort',
    '65535',
  ],
  [
    'VPN port of another service',
    { pools: [control], access: { vpnPort: 443 } },
    'groundup:access.vpnPort',
    '51820',
  ],
  [
    'gateway in an unknown place',
    { pools: [control], access: { gateway: { location: 'xyz' } } },
    'groundup:access.gateway.location',
    'fsn1',
  ],
  [
    'unknown version',
    { pools: [control], kubernetes: { version: '1.20.0' } },
    'groundup:kubernetes.version',
    '1.35.4',
  ],
  [
    'version with v',
    { pools: [control], kubernetes: { version: 'v1.35.4' } },
    'groundup:kubernetes.version',
    'leading v',
  ],
  [
    'version as a number',
    { pools: [control], kubernetes: { version: 1.35 } },
    'groundup:kubernetes.version',
    'quotes',
  ],
  [
    'unknown engine',
    { pools: [control], kubernetes: { engine: 'k3s' } },
    'groundup:kubernetes.engine',
    'minimal',
  ],
  [
    'image with name and selector',
    { pools: [control], kubernetes: { image: { name: 'a', selector: 'b' } } },
    'groundup:kubernetes.image',
    'either',
  ],
  [
    'budget exceeded',
    { pools: [control], budget: { monthlyEur: 1 } },
    'groundup:budget.monthlyEur',
    'Raise the budget',
  ],
  [
    'budget as text',
    { pools: [control], budget: { monthlyEur: 'low' } },
    'groundup:budget.monthlyEur',
    'number',
  ],
  ['cluster name too long', { pools: [control], cluster: 'a'.repeat(21) }, 'groundup:cluster', '20'],
];

describe('mistakes in a stack file', () => {
  it.each(MISTAKES)('%s', (_, raw, path, word) => {
    const { findings } = readSpec(raw, 'test');
    const found = findings.find(
      (finding) => finding.path === path && `${finding.rule} ${finding.remedy}`.includes(word),
    );
    expect(found, JSON.stringify(findings)).toBeDefined();
    expect(found?.remedy).toMatch(/\w/);
    expect(() => parseSpec(raw, 'test')).toThrow(path);
  });

  it('are all reported at once', () => {
    const raw: RawConfig = {
      network: { cidr: '8.8.0.0/16', zone: 'eu-west' },
      access: { vpnPort: 0, people: [{ ...ada, sshKey: 'ssh-rsa AAAA' }] },
      pools: [
        { ...control, count: 2 },
        { ...worker, number: 1, serverType: 'huge' },
      ],
      kubernetes: { engine: 'k3s' },
    };
    const paths = readSpec(raw, 'test').findings.map((finding) => finding.path);
    expect(paths).toEqual(
      expect.arrayContaining([
        'groundup:network.cidr',
        'groundup:network.zone',
        'groundup:access.vpnPort',
        'groundup:kubernetes.engine',
        'groundup:pools[0].count',
        'groundup:pools[1].number',
        'groundup:pools[1].serverType',
      ]),
    );
  });

  it('never repeat what may be a private key', () => {
    const { findings } = readSpec(
      withPerson({ sshKey: '-----BEGIN OPENSSH PRIVATE KEY----- hunter2' }),
      'test',
    );
    expect(JSON.stringify(findings)).not.toContain('hunter2');
  });

  it.each(['local', 'dev', 'prod'])('are not in Pulumi.%s.yaml', (stack) => {
    expect(readSpec(stackFile(stack), stack).findings).toEqual([]);
  });

  it('are not in a good file with people', () => {
    expect(readSpec(withPerson({}), 'test').findings).toEqual([]);
  });
});
