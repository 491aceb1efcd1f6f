import { createPrivateKey, createPublicKey } from 'node:crypto';

/** DER around the 32 bytes of an X25519 private key. Source: RFC 8410 §7 */
const X25519_PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex');
const SEED_BYTES = 32;

export interface WireguardKey {
  /** 32 bytes in base64, as `wg genkey` prints them. */
  readonly privateKey: string;
  readonly publicKey: string;
}

/** The 32 secret bytes of an ED25519 key in PKCS#8. */
export function ed25519Seed(pem: string): Buffer {
  return createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' }).subarray(-SEED_BYTES);
}

/**
 * A WireGuard key from an ED25519 key: its seed, clamped as RFC 7748 §5 asks, is a valid X25519 key. So a key that
 * `tls.PrivateKey` keeps in the state serves WireGuard, and peers are known before the machine exists.
 */
export function wireguardKey(pem: string): WireguardKey {
  const secret = Buffer.from(ed25519Seed(pem));
  secret[0] = (secret[0] ?? 0) & 0xf8;
  secret[31] = ((secret[31] ?? 0) & 0x7f) | 0x40;
  const key = createPrivateKey({ key: Buffer.concat([X25519_PKCS8, secret]), format: 'der', type: 'pkcs8' });
  const point = createPublicKey(key).export({ type: 'spki', format: 'der' }).subarray(-SEED_BYTES);
  return { privateKey: secret.toString('base64'), publicKey: point.toString('base64') };
}
