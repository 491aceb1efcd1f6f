import * as command from '@pulumi/command';
import * as pulumi from '@pulumi/pulumi';
import type { Plan } from '../plan/index.ts';
import {
  type ClusterNode,
  type Gateway,
  KEEPALIVE_SECONDS,
  type Keys,
  LOGIN_USER,
} from '../resources/index.ts';
import { phaseContentHash } from './content-hash.ts';
import { renderKubeconfig } from './kubeconfig.ts';
import type { AccessBundle, PhaseHost, PhaseInput, PhaseName } from './phase-input.ts';
import { nodeGroups, nodeVars, planVars } from './phase-vars.ts';
import { Pki } from './pki.ts';

export interface ClusterArgs {
  readonly plan: Plan;
  readonly keys: Keys;
  readonly gateway: Gateway;
  readonly nodes: readonly ClusterNode[];
  /** False where the machines are not real: then everything is declared but the phases. */
  readonly runPhases: boolean;
}

const PHASE_TIMEOUT = '60m';

/** Kubernetes on machines that exist: keys, three phases over the VPN, and the way in for everyone else. */
export class Cluster extends pulumi.ComponentResource {
  readonly kubeconfig: pulumi.Output<string>;
  readonly access: pulumi.Output<AccessBundle>;

  constructor(name: string, args: ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super('groundup:cluster:Cluster', name, {}, opts);
    const { plan } = args;
    const pki = new Pki(name, plan, { parent: this });
    this.access = accessBundle(args);
    this.kubeconfig = pulumi.secret(
      pulumi
        .all([pki.kubernetes.cert, pki.admin.cert, pki.admin.key])
        .apply(([ca, cert, key]) =>
          renderKubeconfig({ cluster: plan.cluster, server: plan.kubernetes.apiUrl, ca, cert, key }),
        ),
    );
    if (args.runPhases) this.#phases(args, pki);
    this.registerOutputs({ kubeconfig: this.kubeconfig });
  }

  /** Each phase has only the inputs that it uses, so a change reruns what it concerns and nothing else. */
  #phases({ plan, gateway, nodes }: ClusterArgs, pki: Pki): void {
    const facts = planVars(plan);
    const kubernetesCa = { cert: pki.kubernetes.cert };
    const gatewayHost = gateway.files.apply(
      (files): PhaseHost => ({
        name: plan.gateway.name,
        address: plan.gateway.privateIp,
        groups: ['gateway'],
        vars: { host_files: files },
      }),
    );
    const gatewayPhase = this.#phase('gateway', plan, {
      hosts: [gatewayHost],
      vars: {
        ...pick(facts, ['control_plane_endpoints']),
        haproxy_bind: `${plan.gateway.privateIp}:6443`,
        pki: { kubernetes_ca: kubernetesCa },
      },
      triggers: [gateway.server.id],
      dependsOn: [gateway.server],
    });
    const machinesPhase = this.#phase('machines', plan, {
      hosts: nodes.map((node) => nodeHost(node, true)),
      vars: {
        ...pick(facts, [
          'cluster_name',
          'api_name',
          'api_port',
          'artefacts',
          'control_plane_endpoints',
          'kubernetes_version',
          'private_mtu',
          'dns_ip',
        ]),
        pki: { kubernetes_ca: kubernetesCa },
      },
      triggers: nodes.map((node) => node.server.id),
      dependsOn: [gatewayPhase, ...nodes.flatMap((node) => node.ready)],
    });
    this.#phase('cluster', plan, {
      hosts: nodes.map((node) => nodeHost(node, false)),
      vars: {
        ...facts,
        pki: {
          kubernetes_ca: pki.kubernetes,
          etcd_ca: pki.etcd,
          front_proxy_ca: pki.frontProxy,
          service_account: pki.serviceAccount,
        },
        encryption_key: pki.encryptionKey,
      },
      triggers: nodes.map((node) => node.server.id),
      dependsOn: [machinesPhase],
    });
  }

  #phase(
    phase: PhaseName,
    plan: Plan,
    parts: {
      readonly hosts: readonly pulumi.Output<PhaseHost>[];
      readonly vars: pulumi.Inputs;
      readonly triggers: readonly pulumi.Output<string>[];
      readonly dependsOn: readonly pulumi.Resource[];
    },
  ): command.local.Command {
    const input = pulumi.all([parts.hosts, parts.vars, this.access]).apply(([hosts, vars, access]) => {
      const whole: PhaseInput = {
        stack: pulumi.getStack(),
        cluster: plan.cluster,
        phase,
        access,
        hosts,
        vars,
      };
      return JSON.stringify(whole);
    });
    const run = `./bin/groundup phase ${phase}`;
    return new command.local.Command(
      `${plan.cluster}-${phase}`,
      {
        create: run,
        update: run,
        stdin: pulumi.secret(input),
        environment: { GROUNDUP_PHASE_CONTENT: phaseContentHash(phase) },
        triggers: [...parts.triggers],
        logging: 'none',
        addPreviousOutputInEnv: false,
      },
      {
        parent: this,
        dependsOn: [...parts.dependsOn],
        additionalSecretOutputs: ['stdout', 'stderr'],
        customTimeouts: { create: PHASE_TIMEOUT, update: PHASE_TIMEOUT },
      },
    );
  }
}

function nodeHost(node: ClusterNode, withFiles: boolean): pulumi.Output<PhaseHost> {
  return pulumi.all([node.files, node.etcdDevice]).apply(
    ([files, device]): PhaseHost => ({
      name: node.plan.name,
      address: node.plan.privateIp,
      groups: nodeGroups(node.plan),
      vars: {
        ...nodeVars(node.plan),
        host_files: withFiles ? files : [],
        ...(device === undefined ? {} : { etcd_volume_device: device }),
      },
    }),
  );
}

function pick(facts: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, facts[name]]));
}

function accessBundle({ plan, keys, gateway, nodes }: ClusterArgs): pulumi.Output<AccessBundle> {
  const { vpn } = plan.gateway;
  const machines = [plan.gateway, ...nodes.map((node) => node.plan)];
  const hostKeys = pulumi.all(machines.map(({ name }) => keys.hostKey(name).publicKeyOpenssh));
  return pulumi.secret(
    pulumi
      .all([
        keys.automationWireguard,
        keys.gatewayWireguard,
        keys.automationSsh.privateKeyOpenssh,
        gateway.publicIp,
        hostKeys,
      ])
      .apply(([own, peer, sshKey, publicIp, lines]) => ({
        tunnel: {
          privateKey: own.privateKey,
          address: vpn.automationIp,
          mtu: vpn.mtu,
          peer: {
            publicKey: peer.publicKey,
            endpoint: `${publicIp}:${vpn.port}`,
            allowedIps: [plan.network.cidr, vpn.cidr],
            keepaliveSeconds: KEEPALIVE_SECONDS,
          },
        },
        ssh: { user: LOGIN_USER, privateKey: sshKey },
        hosts: machines.map(({ name, privateIp }, index) => ({
          name,
          address: privateIp,
          hostKey: lines[index]?.trim() ?? '',
        })),
      })),
  );
}
