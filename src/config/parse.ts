import type * as z from 'zod';
import { UserError } from '../errors.ts';
import { monthlyCost, plan } from '../plan/index.ts';
import { checkAccess } from './check-access.ts';
import { checkKubernetes } from './check-kubernetes.ts';
import { checkNetwork } from './check-network.ts';
import { checkPools, type PlacedPool } from './check-pools.ts';
import { type Finding, type Path, pathText, reportFindings } from './findings.ts';
import * as schema from './schema.ts';

/** The `groundup:` keys of a stack file as they were read, without the prefix. */
export type RawConfig = Readonly<Partial<Record<(typeof GROUPS)[number], unknown>>>;

const GROUPS = ['cluster', 'network', 'access', 'pools', 'kubernetes', 'budget', 'protect'] as const;

/**
 * Checks a stack's whole configuration.
 * @param stack the stack's name: the default of `groundup:cluster`
 * @throws UserError that lists every mistake, each with path, value, rule and remedy
 */
export function parseSpec(raw: RawConfig, stack: string): schema.ClusterSpec {
  const { spec, findings } = readSpec(raw, stack);
  if (spec === undefined || findings.length > 0)
    throw new UserError(reportFindings(`Pulumi.${stack}.yaml`, findings));
  return spec;
}

/** Like `parseSpec`, but returns the findings. `spec` is present when every group has its shape. */
export function readSpec(
  raw: RawConfig,
  stack: string,
): { spec?: schema.ClusterSpec; findings: readonly Finding[] } {
  const findings: Finding[] = Object.keys(raw)
    .filter((key) => !GROUPS.some((group) => group === key))
    .map((key) => ({
      path: pathText([key]),
      rule: 'is unknown',
      remedy: `The keys are ${GROUPS.join(', ')}.`,
    }));

  const cluster = read(schema.clusterSchema, raw.cluster ?? stack, ['cluster'], findings);
  const network = read(schema.networkSchema, raw.network ?? {}, ['network'], findings);
  const access = read(schema.accessSchema, raw.access ?? {}, ['access'], findings);
  const kubernetes = read(schema.kubernetesSchema, raw.kubernetes ?? {}, ['kubernetes'], findings);
  const protect = read(schema.protectSchema, raw.protect ?? false, ['protect'], findings);
  const budget =
    raw.budget === undefined ? undefined : read(schema.budgetSchema, raw.budget, ['budget'], findings);
  const listed = read(schema.poolsSchema, raw.pools ?? [], ['pools'], findings);
  const pools = (listed ?? []).flatMap((entry, index): PlacedPool[] => {
    const pool = read(schema.poolSchema, entry, ['pools', index], findings);
    return pool ? [{ index, pool }] : [];
  });

  if (network) findings.push(...checkNetwork(network));
  if (access) findings.push(...checkAccess(access, network?.zone));
  if (kubernetes) findings.push(...checkKubernetes(kubernetes));
  const allPoolsRead = listed !== undefined && pools.length === listed.length;
  if (allPoolsRead) findings.push(...checkPools(pools, network));

  const budgetRead = raw.budget === undefined || budget !== undefined;
  if (!(cluster && network && access && kubernetes && protect !== undefined && allPoolsRead && budgetRead))
    return { findings };
  const spec: schema.ClusterSpec = {
    cluster,
    network,
    access,
    kubernetes,
    protect,
    pools: pools.map(({ pool }) => pool),
    ...(budget ? { budget } : {}),
  };
  if (findings.length === 0) findings.push(...checkBudget(spec));
  return { spec, findings };
}

function checkBudget(spec: schema.ClusterSpec): Finding[] {
  if (!spec.budget) return [];
  const { lines, monthlyEur, pricesOf } = monthlyCost(plan(spec));
  if (monthlyEur <= spec.budget.monthlyEur) return [];
  const dearest = lines.toSorted((a, b) => b.monthlyEur - a.monthlyEur).slice(0, 3);
  return [
    {
      path: 'groundup:budget.monthlyEur',
      value: spec.budget.monthlyEur,
      rule: `is exceeded: ${lines.length} resources cost ${monthlyEur.toFixed(2)} EUR a month (prices of ${pricesOf}), above all ${dearest.map((line) => `${line.resource} ${line.monthlyEur.toFixed(2)}`).join(', ')}`,
      remedy: 'Raise the budget, lower a count or take smaller server types.',
    },
  ];
}

function read<S extends z.ZodType>(
  type: S,
  value: unknown,
  at: Path,
  findings: Finding[],
): z.infer<S> | undefined {
  const result = type.safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) findings.push(...issueFindings(issue, value, at));
  return undefined;
}

function issueFindings(issue: z.core.$ZodIssue, root: unknown, at: Path): Finding[] {
  const path = [...at, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: pathText([...path, key]),
      rule: key === 'datacenter' ? 'was removed from Hetzner in July 2026' : 'is unknown here',
      remedy:
        key === 'datacenter' ? 'Write `locations: [fsn1]` instead.' : 'Check the spelling, or remove it.',
    }));
  }
  const value = issue.path.reduce<unknown>(
    (inner, part) => (inner as Record<PropertyKey, unknown> | undefined)?.[part],
    root,
  );
  const [rule = issue.message, remedy] = issue.message.split(' | ');
  const secret = issue.path.some((part) => part === 'sshKey' || part === 'wireguardKey');
  return [
    {
      path: pathText(path),
      ...(secret || value === undefined ? {} : { value }),
      rule: value === undefined ? 'is missing' : rule,
      remedy: remedy ?? 'Write a map of keys and values.',
    },
  ];
}
