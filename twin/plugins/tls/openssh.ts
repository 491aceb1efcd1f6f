import { createHash, type KeyObject, randomBytes } from 'node:crypto';

/** Wire format of OpenSSH keys: RFC 4253 §6.6, RFC 5656 §3.1, RFC 8709 §4; private ones: PROTOCOL.key of OpenSSH. */
interface WireKey {
  readonly type: string;
  readonly public: readonly Buffer[];
  readonly private: readonly Buffer[];
}

const CURVES: Readonly<Record<string, string>> = {
  'P-256': 'nistp256',
  'P-384': 'nistp384',
  'P-521': 'nistp521',
};

function bytes(base64url: string | undefined): Buffer {
  return Buffer.from(base64url ?? '', 'base64url');
}

/** A big number is signed: a leading zero byte keeps it positive. */
function mpint(number: Buffer): Buffer {
  const first = number.findIndex((byte) => byte !== 0);
  const trimmed = first < 0 ? Buffer.alloc(0) : number.subarray(first);
  return (trimmed[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), trimmed]) : trimmed;
}

function wireKey(key: KeyObject): WireKey {
  const jwk = key.export({ format: 'jwk' });
  if (jwk.kty === 'OKP') {
    const point = bytes(jwk.x);
    return { type: 'ssh-ed25519', public: [point], private: [point, Buffer.concat([bytes(jwk.d), point])] };
  }
  if (jwk.kty === 'EC') {
    const curve = CURVES[jwk.crv ?? ''];
    if (!curve) throw new Error(`OpenSSH knows no keys on the curve ${jwk.crv}`);
    const shared = [Buffer.from(curve), Buffer.concat([Buffer.from([4]), bytes(jwk.x), bytes(jwk.y)])];
    return { type: `ecdsa-sha2-${curve}`, public: shared, private: [...shared, mpint(bytes(jwk.d))] };
  }
  const [n, e, d, qi, p, q] = [jwk.n, jwk.e, jwk.d, jwk.qi, jwk.p, jwk.q].map((part) => mpint(bytes(part)));
  const empty = Buffer.alloc(0);
  return {
    type: 'ssh-rsa',
    public: [e ?? empty, n ?? empty],
    private: [n ?? empty, e ?? empty, d ?? empty, qi ?? empty, p ?? empty, q ?? empty],
  };
}

function strings(parts: readonly Buffer[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(part.length);
      return [length, part];
    }),
  );
}

export function publicBlob(key: KeyObject): Buffer {
  const { type, public: parts } = wireKey(key);
  return strings([Buffer.from(type), ...parts]);
}

/** The line of a `.pub` file, with a line break and without a comment, as the tls provider writes it. */
export function publicKeyLine(key: KeyObject): string {
  return `${wireKey(key).type} ${publicBlob(key).toString('base64')}\n`;
}

export function fingerprints(key: KeyObject): { readonly md5: string; readonly sha256: string } {
  const blob = publicBlob(key);
  const md5 = createHash('md5').update(blob).digest('hex');
  return {
    md5: md5.match(/../g)?.join(':') ?? '',
    sha256: `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`,
  };
}

/** An unencrypted OpenSSH private key file. */
export function privateKeyFile(key: KeyObject): string {
  const { type, private: parts } = wireKey(key);
  const check = randomBytes(4);
  const secret = Buffer.concat([check, check, strings([Buffer.from(type), ...parts, Buffer.alloc(0)])]);
  const padding = Buffer.from(Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, index) => index + 1));
  const none = Buffer.from('none');
  const body = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    strings([none, none, Buffer.alloc(0)]),
    Buffer.from([0, 0, 0, 1]),
    strings([publicBlob(key), Buffer.concat([secret, padding])]),
  ]);
  const lines = body.toString('base64').match(/.{1,70}/g) ?? [];
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`;
}
