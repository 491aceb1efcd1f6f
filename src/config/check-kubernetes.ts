import { KUBERNETES_VERSIONS } from '../plan/index.ts';
import type { Finding } from './findings.ts';
import type { KubernetesSpec } from './schema.ts';

export function checkKubernetes(kubernetes: KubernetesSpec): Finding[] {
  const known = KUBERNETES_VERSIONS[kubernetes.engine];
  if (known.length === 0) {
    return [
      {
        path: 'groundup:kubernetes.engine',
        value: kubernetes.engine,
        rule: 'is not built yet and would install nothing',
        remedy: 'Write `engine: minimal`.',
      },
    ];
  }
  const path = 'groundup:kubernetes.version';
  if (known.includes(kubernetes.version)) return [];
  const bare = kubernetes.version.replace(/^v/, '');
  return [
    {
      path,
      value: kubernetes.version,
      rule: known.includes(bare)
        ? 'is written without the leading v'
        : `is not a version that the engine ${kubernetes.engine} installs`,
      remedy: `Write one of ${known.map((version) => `"${version}"`).join(', ')}.`,
    },
  ];
}
