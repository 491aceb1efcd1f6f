import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TestCertificate {
  readonly certificate: string;
  readonly private_key: string;
}

/**
 * A certificate for a day, with its key.
 * @param names its alternative names; without any it has a common name only
 * @param issuer who signs it; absent: it signs itself
 */
export function makeCertificate(
  common: string,
  names: readonly string[] = [],
  issuer?: TestCertificate,
): TestCertificate {
  const folder = mkdtempSync(join(tmpdir(), 'groundup-certificate-'));
  const file = (name: string) => join(folder, name);
  try {
    if (issuer) {
      writeFileSync(file('ca.pem'), issuer.certificate);
      writeFileSync(file('ca.key'), issuer.private_key);
    }
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
        ...['-subj', `/O=Test/CN=${common}`, '-days', '1', '-keyout', file('key'), '-out', file('pem')],
        ...(names.length > 0
          ? ['-addext', `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}`]
          : []),
        ...(issuer ? ['-CA', file('ca.pem'), '-CAkey', file('ca.key')] : []),
      ],
      { stdio: 'pipe' },
    );
    return { certificate: readFileSync(file('pem'), 'utf8'), private_key: readFileSync(file('key'), 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
