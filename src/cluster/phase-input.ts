import type { HostFile } from '../resources/index.ts';

/** Which part of the way from machines to a cluster; each is one playbook in `ansible/`. */
export type PhaseName = 'gateway' | 'machines' | 'cluster';

/** What `groundup phase` reads on standard input. All of it is secret. */
export interface PhaseInput {
  readonly stack: string;
  readonly cluster: string;
  readonly phase: PhaseName;
  readonly access: AccessBundle;
  readonly hosts: readonly PhaseHost[];
  /** Variables of every host. */
  readonly vars: Readonly<Record<string, unknown>>;
}

export interface PhaseHost {
  readonly name: string;
  readonly address: string;
  readonly groups: readonly string[];
  readonly vars: Readonly<Record<string, unknown>> & { readonly host_files: readonly HostFile[] };
}

/** Everything that the command line needs to get in: the stack's secret output `access`. */
export interface AccessBundle {
  readonly tunnel: TunnelAccess;
  readonly ssh: { readonly user: string /** OpenSSH private key. */; readonly privateKey: string };
  readonly hosts: readonly KnownHost[];
}

export interface TunnelAccess {
  /** WireGuard's keys, 32 bytes in base64. */
  readonly privateKey: string;
  readonly address: string;
  readonly mtu: number;
  readonly peer: {
    readonly publicKey: string;
    /** `ADDRESS:PORT`, UDP. */
    readonly endpoint: string;
    readonly allowedIps: readonly string[];
    readonly keepaliveSeconds: number;
  };
}

export interface KnownHost {
  readonly name: string;
  /** Inside the private network. */
  readonly address: string;
  /** OpenSSH public key, pinned before first contact. */
  readonly hostKey: string;
}
