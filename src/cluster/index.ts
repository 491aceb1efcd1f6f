export { Cluster } from './cluster.ts';
export { renderKubeconfig } from './kubeconfig.ts';
export type {
  AccessBundle,
  KnownHost,
  PhaseHost,
  PhaseInput,
  PhaseName,
  TunnelAccess,
} from './phase-input.ts';
