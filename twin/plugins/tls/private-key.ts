import { createHash, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { optionalText, type ResourceType, text, type Values } from '../protocol/index.ts';
import { fingerprints, privateKeyFile, publicKeyLine } from './openssh.ts';

const CURVES: Readonly<Record<string, string>> = { P256: 'P-256', P384: 'P-384', P521: 'P-521' };

/** `tls:index/privateKey:PrivateKey`. P224, the real provider's default curve, is refused: nothing here accepts it. */
export const privateKey: ResourceType = {
  replaceOn: 'all',
  computed: [
    'privateKeyOpenssh',
    'privateKeyPem',
    'privateKeyPemPkcs8',
    'publicKeyFingerprintMd5',
    'publicKeyFingerprintSha256',
    'publicKeyOpenssh',
    'publicKeyPem',
  ],
  check: (inputs) => {
    const algorithm = text(inputs, 'algorithm');
    if (!['ED25519', 'ECDSA', 'RSA'].includes(algorithm)) {
      return [{ property: 'algorithm', reason: `is ${algorithm}; ED25519, ECDSA and RSA are known` }];
    }
    if (algorithm === 'ECDSA' && !CURVES[text(inputs, 'ecdsaCurve')]) {
      return [{ property: 'ecdsaCurve', reason: `must be one of ${Object.keys(CURVES).join(', ')}` }];
    }
    return [];
  },
  create: async (inputs) => {
    const key = generate(inputs);
    const outputs = describe(key, inputs);
    return { id: createHash('sha1').update(text(outputs, 'publicKeyPem')).digest('hex'), outputs };
  },
};

function generate(inputs: Values): KeyObject {
  switch (text(inputs, 'algorithm')) {
    case 'ED25519':
      return generateKeyPairSync('ed25519').privateKey;
    case 'ECDSA':
      return generateKeyPairSync('ec', { namedCurve: CURVES[text(inputs, 'ecdsaCurve')] ?? 'P-256' })
        .privateKey;
    default:
      return generateKeyPairSync('rsa', { modulusLength: Number(optionalText(inputs, 'rsaBits') ?? 2048) })
        .privateKey;
  }
}

function describe(key: KeyObject, inputs: Values): Values {
  const pkcs8 = key.export({ type: 'pkcs8', format: 'pem' }).toString();
  const traditional = { ED25519: pkcs8, ECDSA: '', RSA: '' }[text(inputs, 'algorithm')];
  const pem =
    traditional ||
    key.export({ type: text(inputs, 'algorithm') === 'RSA' ? 'pkcs1' : 'sec1', format: 'pem' }).toString();
  const { md5, sha256 } = fingerprints(key);
  return {
    ...inputs,
    privateKeyPem: pem,
    privateKeyPemPkcs8: pkcs8,
    privateKeyOpenssh: privateKeyFile(key),
    publicKeyPem: createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString(),
    publicKeyOpenssh: publicKeyLine(key),
    publicKeyFingerprintMd5: md5,
    publicKeyFingerprintSha256: sha256,
  };
}
