import type { NodePlan, Plan } from '../plan/index.ts';

/** Facts of the plan under the names that `ansible/` uses. No secrets. */
export function planVars(plan: Plan): Readonly<Record<string, unknown>> {
  const { kubernetes, network, gateway } = plan;
  const controlPlanes = plan.nodes.filter((node) => node.role === 'control-plane');
  return {
    cluster_name: plan.cluster,
    network_cidr: network.cidr,
    private_mtu: network.mtu,
    vpn_cidr: gateway.vpn.cidr,
    gateway_ip: gateway.privateIp,
    control_plane_endpoints: controlPlanes.map(({ name, privateIp }) => ({ name, address: privateIp })),
    api_name: kubernetes.apiName,
    api_port: kubernetes.apiPort,
    api_names: kubernetes.apiNames,
    kubernetes_version: kubernetes.version,
    artefacts: kubernetes.artefacts,
    pod_cidr: kubernetes.podCidr,
    service_cidr: kubernetes.serviceCidr,
    dns_ip: kubernetes.dnsIp,
    audit_log: kubernetes.auditLog,
    encrypt_secrets: kubernetes.encryptSecrets,
  };
}

export function nodeGroups(node: NodePlan): string[] {
  return ['nodes', node.role === 'control-plane' ? 'control_plane' : 'worker'];
}

export function nodeVars(node: NodePlan): Readonly<Record<string, unknown>> {
  return {
    node_name: node.name,
    node_ip: node.privateIp,
    node_labels: node.nodeLabels,
    node_taints: node.nodeTaints,
    location: node.location,
  };
}
