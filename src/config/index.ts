export type { Finding } from './findings.ts';
export { loadSpec } from './load.ts';
export { parseSpec, type RawConfig, readSpec } from './parse.ts';
export type { AccessSpec, BudgetSpec, ClusterSpec, KubernetesSpec, NetworkSpec, PoolSpec } from './schema.ts';
