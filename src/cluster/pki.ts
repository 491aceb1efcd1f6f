import * as pulumi from '@pulumi/pulumi';
import * as tls from '@pulumi/tls';
import type { Plan } from '../plan/index.ts';
import { ed25519Seed } from '../resources/index.ts';

const YEAR_HOURS = 8760;
const CA_HOURS = 10 * YEAR_HOURS;
const ADMIN_HOURS = YEAR_HOURS;
/** The admin certificate is renewed by any `up` in its last month. */
const ADMIN_RENEWAL_HOURS = 720;

/** Bound to cluster-admin by the cluster phase; unlike system:masters it can be taken away again. */
export const ADMIN_GROUP = 'groundup:admins';

interface Authority {
  readonly cert: pulumi.Output<string>;
  readonly key: pulumi.Output<string>;
}

/**
 * Every key that the cluster's trust rests on, made before the cluster. So the kubeconfig follows from known parts,
 * control planes join without fetching secrets from each other, and a rebuilt cluster keeps its identity.
 */
export class Pki extends pulumi.ComponentResource {
  readonly kubernetes: Authority;
  readonly etcd: Authority;
  readonly frontProxy: Authority;
  readonly serviceAccount: {
    readonly public: pulumi.Output<string>;
    readonly private: pulumi.Output<string>;
  };
  /** 32 bytes in base64 for secretbox. */
  readonly encryptionKey: pulumi.Output<string>;
  readonly admin: { readonly cert: pulumi.Output<string>; readonly key: pulumi.Output<string> };

  constructor(name: string, { cluster }: Plan, opts?: pulumi.ComponentResourceOptions) {
    super('groundup:cluster:Pki', name, {}, opts);
    const key = (of: string) =>
      new tls.PrivateKey(`${cluster}-${of}`, { algorithm: 'ECDSA', ecdsaCurve: 'P256' }, { parent: this });

    const authority = (of: string, commonName: string): Authority => {
      const own = key(of);
      const certificate = new tls.SelfSignedCert(
        `${cluster}-${of}`,
        {
          privateKeyPem: own.privateKeyPem,
          isCaCertificate: true,
          subject: { commonName },
          validityPeriodHours: CA_HOURS,
          allowedUses: ['digital_signature', 'key_encipherment', 'cert_signing'],
        },
        { parent: this },
      );
      return { cert: certificate.certPem, key: own.privateKeyPem };
    };
    this.kubernetes = authority('kubernetes-ca', 'kubernetes-ca');
    this.etcd = authority('etcd-ca', 'etcd-ca');
    this.frontProxy = authority('front-proxy-ca', 'front-proxy-ca');

    const serviceAccount = key('service-account');
    this.serviceAccount = { public: serviceAccount.publicKeyPem, private: serviceAccount.privateKeyPem };

    const seed = new tls.PrivateKey(`${cluster}-encryption`, { algorithm: 'ED25519' }, { parent: this });
    this.encryptionKey = pulumi.secret(
      seed.privateKeyPemPkcs8.apply((pem) => ed25519Seed(pem).toString('base64')),
    );

    this.admin = this.#admin(cluster);
    this.registerOutputs({});
  }

  #admin(cluster: string) {
    const key = new tls.PrivateKey(
      `${cluster}-admin`,
      { algorithm: 'ECDSA', ecdsaCurve: 'P256' },
      { parent: this },
    );
    const request = new tls.CertRequest(
      `${cluster}-admin`,
      { privateKeyPem: key.privateKeyPem, subject: { commonName: 'automation', organization: ADMIN_GROUP } },
      { parent: this },
    );
    const certificate = new tls.LocallySignedCert(
      `${cluster}-admin`,
      {
        caCertPem: this.kubernetes.cert,
        caPrivateKeyPem: this.kubernetes.key,
        certRequestPem: request.certRequestPem,
        validityPeriodHours: ADMIN_HOURS,
        earlyRenewalHours: ADMIN_RENEWAL_HOURS,
        allowedUses: ['digital_signature', 'client_auth'],
      },
      { parent: this },
    );
    return { cert: certificate.certPem, key: key.privateKeyPem };
  }
}
