import { createPrivateKey, createPublicKey, type KeyObject, randomBytes, webcrypto } from 'node:crypto';
import type * as X509 from '@peculiar/x509';
import { isValues, list, optionalText, type ResourceType, text, type Values } from '../protocol/index.ts';

const HOUR_MS = 3_600_000;

/** Bits of `keyUsage`, and object identifiers of `extendedKeyUsage`, by the provider's names. */
const KEY_USAGES: Readonly<Record<string, keyof typeof X509.KeyUsageFlags>> = {
  digital_signature: 'digitalSignature',
  content_commitment: 'nonRepudiation',
  key_encipherment: 'keyEncipherment',
  data_encipherment: 'dataEncipherment',
  key_agreement: 'keyAgreement',
  cert_signing: 'keyCertSign',
  crl_signing: 'cRLSign',
};
const EXTENDED_USAGES: Readonly<Record<string, string>> = {
  server_auth: '1.3.6.1.5.5.7.3.1',
  client_auth: '1.3.6.1.5.5.7.3.2',
  code_signing: '1.3.6.1.5.5.7.3.3',
};
const SUBJECT: readonly (readonly [string, string])[] = [
  ['commonName', 'CN'],
  ['organization', 'O'],
  ['organizationalUnit', 'OU'],
  ['country', 'C'],
  ['locality', 'L'],
  ['province', 'ST'],
];

/** Loading it takes a quarter of a second, which a run without certificates need not pay. */
async function loadX509(): Promise<typeof X509> {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(webcrypto as never);
  return x509;
}

function algorithmOf(key: KeyObject): { name: string; namedCurve?: string; hash?: string } {
  if (key.asymmetricKeyType === 'ed25519') return { name: 'Ed25519' };
  if (key.asymmetricKeyType === 'rsa') return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const curves: Readonly<Record<string, string>> = {
    prime256v1: 'P-256',
    secp384r1: 'P-384',
    secp521r1: 'P-521',
  };
  return {
    name: 'ECDSA',
    namedCurve: curves[key.asymmetricKeyDetails?.namedCurve ?? ''] ?? 'P-256',
    hash: 'SHA-256',
  };
}

async function keyPair(pem: string) {
  const key = createPrivateKey(pem);
  const algorithm = algorithmOf(key);
  const { subtle } = webcrypto;
  return {
    algorithm,
    privateKey: await subtle.importKey(
      'pkcs8',
      key.export({ type: 'pkcs8', format: 'der' }),
      algorithm,
      true,
      ['sign'],
    ),
    publicKey: await subtle.importKey(
      'spki',
      createPublicKey(key).export({ type: 'spki', format: 'der' }),
      algorithm,
      true,
      ['verify'],
    ),
  };
}

function subjectName(inputs: Values): { readonly [key: string]: string[] }[] {
  const { subject } = inputs;
  if (!isValues(subject)) return [];
  return SUBJECT.flatMap(([key, short]) => {
    const value = optionalText(subject, key);
    return value === undefined ? [] : [{ [short]: [value] }];
  });
}

function alternativeNames(inputs: Values): { type: 'dns' | 'ip' | 'url'; value: string }[] {
  return [
    ...list(inputs, 'dnsNames').map((value) => ({ type: 'dns' as const, value: String(value) })),
    ...list(inputs, 'ipAddresses').map((value) => ({ type: 'ip' as const, value: String(value) })),
    ...list(inputs, 'uris').map((value) => ({ type: 'url' as const, value: String(value) })),
  ];
}

function usageExtensions(x509: typeof X509, inputs: Values): X509.Extension[] {
  const uses = list(inputs, 'allowedUses').map(String);
  const bits = uses.reduce(
    (sum, use) => sum | (KEY_USAGES[use] ? x509.KeyUsageFlags[KEY_USAGES[use]] : 0),
    0,
  );
  const extended = uses.flatMap((use) => EXTENDED_USAGES[use] ?? []);
  return [
    new x509.BasicConstraintsExtension(inputs['isCaCertificate'] === true, undefined, true),
    ...(bits ? [new x509.KeyUsagesExtension(bits, true)] : []),
    ...(extended.length > 0 ? [new x509.ExtendedKeyUsageExtension(extended)] : []),
  ];
}

function checkUses(inputs: Values) {
  const unknown = list(inputs, 'allowedUses').filter(
    (use) => !KEY_USAGES[String(use)] && !EXTENDED_USAGES[String(use)],
  );
  return unknown.map((use) => ({
    property: 'allowedUses',
    reason: `${String(use)} is not offered by this stand-in`,
  }));
}

function validity(inputs: Values): { readonly notBefore: Date; readonly notAfter: Date } {
  const now = Math.floor(Date.now() / 1000) * 1000;
  return {
    notBefore: new Date(now),
    notAfter: new Date(now + Number(inputs['validityPeriodHours']) * HOUR_MS),
  };
}

/** Where a certificate is within its last `earlyRenewalHours`, the provider replaces it. */
function expired(olds: Values): boolean {
  const early = Number(olds['earlyRenewalHours'] ?? 0) * HOUR_MS;
  const end = Date.parse(text(olds, 'validityEndTime'));
  return Number.isFinite(end) && Date.now() >= end - early;
}

function described(inputs: Values, certificate: X509.X509Certificate): Values {
  return {
    ...inputs,
    certPem: `${certificate.toString('pem')}\n`,
    readyForRenewal: false,
    validityStartTime: certificate.notBefore.toISOString(),
    validityEndTime: certificate.notAfter.toISOString(),
  };
}

const CERTIFICATE_OUTPUTS = ['certPem', 'readyForRenewal', 'validityStartTime', 'validityEndTime'];

/** A positive serial number of 16 bytes. */
function serialNumber(): string {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  return serial.toString('hex');
}

export const selfSignedCert: ResourceType = {
  replaceOn: 'all',
  computed: [...CERTIFICATE_OUTPUTS, 'keyAlgorithm'],
  expired,
  check: checkUses,
  create: async (inputs) => {
    const x509 = await loadX509();
    const keys = await keyPair(text(inputs, 'privateKeyPem'));
    const serial = serialNumber();
    const names = alternativeNames(inputs);
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: serial,
      name: new x509.Name(subjectName(inputs)),
      keys: keys as never,
      signingAlgorithm: keys.algorithm as never,
      ...validity(inputs),
      extensions: [
        ...usageExtensions(x509, inputs),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey as never),
        ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
      ],
    });
    return {
      id: serial,
      outputs: { ...described(inputs, certificate), keyAlgorithm: keys.algorithm.name.toUpperCase() },
    };
  },
};

export const certRequest: ResourceType = {
  replaceOn: 'all',
  computed: ['certRequestPem', 'keyAlgorithm'],
  create: async (inputs) => {
    const x509 = await loadX509();
    const keys = await keyPair(text(inputs, 'privateKeyPem'));
    const names = alternativeNames(inputs);
    const request = await x509.Pkcs10CertificateRequestGenerator.create({
      name: new x509.Name(subjectName(inputs)),
      keys: keys as never,
      signingAlgorithm: keys.algorithm as never,
      extensions: names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : [],
    });
    const pem = `${request.toString('pem')}\n`;
    return {
      id: serialNumber(),
      outputs: { ...inputs, certRequestPem: pem, keyAlgorithm: keys.algorithm.name.toUpperCase() },
    };
  },
};

export const locallySignedCert: ResourceType = {
  replaceOn: 'all',
  computed: [...CERTIFICATE_OUTPUTS, 'caKeyAlgorithm'],
  expired,
  check: checkUses,
  create: async (inputs) => {
    const x509 = await loadX509();
    const keys = await keyPair(text(inputs, 'caPrivateKeyPem'));
    const authority = new x509.X509Certificate(text(inputs, 'caCertPem'));
    const request = new x509.Pkcs10CertificateRequest(text(inputs, 'certRequestPem'));
    if (!(await request.verify())) throw new Error('certRequestPem is not signed by the key that it holds');
    const names = request.getExtension('2.5.29.17');
    const serial = serialNumber();
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serial,
      subject: request.subject,
      issuer: authority.subject,
      publicKey: request.publicKey,
      signingKey: keys.privateKey as never,
      signingAlgorithm: keys.algorithm as never,
      ...validity(inputs),
      extensions: [
        ...usageExtensions(x509, inputs),
        await x509.SubjectKeyIdentifierExtension.create(request.publicKey),
        await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey as never),
        ...(names ? [names] : []),
      ],
    });
    return {
      id: serial,
      outputs: { ...described(inputs, certificate), caKeyAlgorithm: keys.algorithm.name.toUpperCase() },
    };
  },
};
