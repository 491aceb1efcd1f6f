import * as z from 'zod';

/**
 * The shape of every `groundup:` key of a stack file, with its defaults. Each message is `rule | remedy`.
 * What concerns several fields together is in `check-*.ts`.
 */
const label = (message: string) => z.string().regex(/^[a-z]([a-z0-9-]*[a-z0-9])?$/, message);
const whole = (least: number, most: number, remedy: string) =>
  z
    .int(`must be a whole number | ${remedy}`)
    .min(least, `must be at least ${least} | ${remedy}`)
    .max(most, `must be at most ${most} | ${remedy}`);
const text = (remedy: string) => z.string(`must be text | ${remedy}`);
const flag = (name: string) => z.boolean(`must be true or false | Write \`${name}: true\` or leave it out.`);

export const clusterSchema = label(
  'must begin with a letter and hold only a-z, 0-9 and - | Write a short name such as `dev`.',
).max(20, 'must be at most 20 characters long, so that host names stay valid | Choose a shorter name.');

export const networkSchema = z.strictObject({
  zone: text('Write a network zone such as `eu-central`.').default('eu-central'),
  cidr: text('Write a range such as `10.0.0.0/16`.').default('10.0.0.0/16'),
  vpnCidr: text('Write a range such as `10.99.0.0/24`.').default('10.99.0.0/24'),
  podCidr: text('Write a range such as `10.244.0.0/16`.').default('10.244.0.0/16'),
  serviceCidr: text('Write a range such as `10.96.0.0/16`.').default('10.96.0.0/16'),
});

const imageSchema = z
  .strictObject({
    name: text('Write an image such as `debian-12`.').optional(),
    selector: text('Write a label selector such as `kubernetes=1.35.4`.').optional(),
  })
  .refine(
    ({ name, selector }) => (name === undefined) !== (selector === undefined),
    'must have either `name` or `selector` | Write `name: debian-12`, or `selector:` for a snapshot of yours.',
  );

const personSchema = z.strictObject({
  name: label('must begin with a letter and hold only a-z, 0-9 and - | Write a name such as `ada`.').max(
    32,
    'must be at most 32 characters long | Shorten it.',
  ),
  number: whole(1, 200, 'Give each person a number of their own, for life; it is their VPN address.'),
  sshKey: text('Write the line of ~/.ssh/id_ed25519.pub.'),
  wireguardKey: text('Write what `wg pubkey` prints.'),
});

export const accessSchema = z.strictObject({
  gateway: z
    .strictObject({
      serverType: text('Write a server type such as `cx23`.').default('cx23'),
      location: text('Write a location such as `fsn1`.').default('fsn1'),
      image: imageSchema.default({ name: 'debian-12' }),
    })
    .prefault({}),
  vpnPort: whole(1, 65_535, 'Write a UDP port such as 51820.').default(51_820),
  requireHardwareKeys: flag('requireHardwareKeys').default(false),
  people: z.array(personSchema, 'must be a list of people | Begin each with `- name:`.').default([]),
});

export const poolSchema = z.strictObject({
  name: label('must begin with a letter and hold only a-z, 0-9 and - | Write a name such as `worker`.').max(
    30,
    'must be at most 30 characters long | Shorten it.',
  ),
  number: whole(1, 254, 'Give each pool a number of its own, for life; its addresses follow from it.'),
  role: z.enum(
    ['control-plane', 'worker'],
    'must be control-plane or worker | Write `role: worker` for machines that run your services.',
  ),
  count: whole(0, 254, 'Write how many machines the pool has.'),
  serverType: text('Write a server type such as `cpx22`.'),
  locations: z
    .array(
      text('Write a location such as `fsn1`.'),
      'must be a list of locations | Write `[fsn1, nbg1, hel1]`.',
    )
    .min(1, 'must name at least one location | Write `[fsn1]`.'),
  public: flag('public').default(false),
  labels: z
    .record(
      z.string(),
      text('Put numbers and true/false in quotes.'),
      'must be a map | Write `labels: {key: value}`.',
    )
    .default({}),
  taints: z
    .array(text('Write `key=value:NoSchedule`.'), 'must be a list | Write `[key=value:NoSchedule]`.')
    .default([]),
  etcdVolumeGB: whole(10, 10_240, 'A volume has 10 to 10240 GB; 10 is plenty for etcd.').optional(),
});

export const poolsSchema = z.array(z.unknown(), 'must be a list of pools | Begin each with `- name:`.');

export const kubernetesSchema = z.strictObject({
  engine: z
    .enum(
      ['minimal', 'kubespray'],
      'must be minimal or kubespray | Write `engine: minimal` or `engine: kubespray`.',
    )
    .default('minimal'),
  version: text('Put the version in quotes, such as "1.35.4".').default('1.35.4'),
  image: imageSchema.default({ name: 'debian-12' }),
  artefacts: z
    .enum(
      ['image', 'download'],
      'must be image or download | Write `download` unless the image holds everything.',
    )
    .default('download'),
  auditLog: flag('auditLog').default(true),
  encryptSecrets: flag('encryptSecrets').default(true),
});

export const budgetSchema = z.strictObject({
  monthlyEur: z
    .number('must be a number | Write the highest cost per month in euros.')
    .positive('must be above 0 | Write the highest cost per month in euros.'),
});

export const protectSchema = flag('protect');

export type NetworkSpec = z.infer<typeof networkSchema>;
export type AccessSpec = z.infer<typeof accessSchema>;
export type PoolSpec = z.infer<typeof poolSchema>;
export type KubernetesSpec = z.infer<typeof kubernetesSchema>;
export type BudgetSpec = z.infer<typeof budgetSchema>;

/** One environment, complete and checked. */
export interface ClusterSpec {
  readonly cluster: string;
  readonly network: NetworkSpec;
  readonly access: AccessSpec;
  readonly pools: readonly PoolSpec[];
  readonly kubernetes: KubernetesSpec;
  readonly budget?: BudgetSpec;
  readonly protect: boolean;
}
