import { stringify } from 'yaml';

export interface KubeconfigParts {
  readonly cluster: string;
  readonly server: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** A kubeconfig from known parts: no command's output, no file of a node. Certificates and key are PEM. */
export function renderKubeconfig({ cluster, server, ca, cert, key }: KubeconfigParts): string {
  const user = `${cluster}-automation`;
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: cluster, cluster: { server, 'certificate-authority-data': base64(ca) } }],
    users: [
      { name: user, user: { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) } },
    ],
    contexts: [{ name: cluster, context: { cluster, user } }],
    'current-context': cluster,
  });
}
