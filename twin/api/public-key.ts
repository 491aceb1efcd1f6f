import { createHash } from 'node:crypto';
import { fault } from '../errors.ts';

/** In Hetzner's order. Source: https://github.com/mysticaltech/terraform-hcloud-kube-hetzner/issues/310 */
const TYPES = [
  'ssh-ed25519',
  'ssh-rsa',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-dss',
  'sk-ssh-ed25519',
  'sk-ecdsa-sha2-nistp256',
  'sk-ecdsa-sha2-nistp384',
  'sk-ecdsa-sha2-nistp521',
];
/** OpenSSH writes it behind the types of its own. */
const VENDOR = '@openssh.com';
/** The shortest key, of type ssh-ed25519, has 51. */
const LEAST_BYTES = 32;

/**
 * The MD5 fingerprint of a public key as OpenSSH writes it, in pairs of hexadecimal digits with colons.
 * @throws ApiFault unless it is one, and of the type that it says
 */
export function fingerprintOf(publicKey: string): string {
  const [type = '', text = ''] = publicKey.trim().split(/\s+/);
  if (!TYPES.includes(type.replace(VENDOR, '')))
    throw fault.invalid('public_key', `SSH key type is invalid (supported types: ${TYPES.join(', ')})`);
  const data = Buffer.from(text, 'base64');
  if (data.length < LEAST_BYTES || typeWithin(data) !== type)
    throw fault.invalid('public_key', 'is not a valid public key');
  return createHash('md5').update(data).digest('hex').match(/../g)?.join(':') ?? '';
}

/** Source: https://www.rfc-editor.org/rfc/rfc4253#section-6.6 */
function typeWithin(data: Buffer): string {
  return data.subarray(4, 4 + data.readUInt32BE(0)).toString('latin1');
}
