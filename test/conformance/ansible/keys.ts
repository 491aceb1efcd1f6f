import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../../tools/run.ts';
import type { Scenario } from './scenario.ts';

export const LABELS = { 'made-by': 'conformance' };
const OTHER_LABELS = { 'made-by': 'conformance', changed: 'yes' };
export const SELECTOR = 'made-by=conformance';

/** Resources that stand alone, and what is the same of nearly all. */
export async function keys(of: Scenario, work: string): Promise<void> {
  const [key, other] = [await sshKey(work, 'first'), await sshKey(work, 'second')];
  of.makes('created', 'ssh_key', { name: 'key', public_key: key, labels: LABELS }, 'key');
  const keyId = '{{ key.hcloud_ssh_key.id }}';
  relabelled(of, 'ssh_key', 'key');
  of.makes('renamed', 'ssh_key', { id: keyId, name: 'renamed-key' });
  of.makes('of another name', 'ssh_key', { name: 'taken', public_key: other });
  of.refused('renamed to what another has', 'ssh_key', { id: keyId, name: 'taken' }, 'uniqueness_error');
  of.makes('deleted', 'ssh_key', { name: 'taken', state: 'absent' });
  of.refused(
    'the same key twice',
    'ssh_key',
    { name: 'copy', public_key: '{{ key.hcloud_ssh_key.public_key }}' },
    'uniqueness_error',
  );
  of.refused('that is none', 'ssh_key', { name: 'none', public_key: 'ssh-rsa nonsense' }, 'invalid_input');
  told(of, 'ssh_key_info', 'renamed-key', keyId);
  of.tells('by fingerprint', 'ssh_key_info', { fingerprint: '{{ key.hcloud_ssh_key.fingerprint }}' }, [
    'renamed-key',
  ]);
  of.keeps('of another public key, which is not forced', 'ssh_key', {
    name: 'renamed-key',
    public_key: other,
  });
  of.makes('replaced by force', 'ssh_key', { name: 'renamed-key', public_key: other, force: true }, 'forced');
  of.makes('deleted by fingerprint', 'ssh_key', {
    fingerprint: '{{ forced.hcloud_ssh_key.fingerprint }}',
    state: 'absent',
  });
  of.refused('of an id that is none', 'ssh_key', { id: keyId, name: 'renamed-key' }, 'not_found');

  of.makes('created', 'placement_group', { name: 'group', type: 'spread', labels: LABELS }, 'group');
  relabelled(of, 'placement_group', 'group');
  of.makes('renamed', 'placement_group', { id: '{{ group.hcloud_placement_group.id }}', name: 'apart' });
  of.refused('of another type', 'placement_group', { name: 'x', type: 'cluster' }, 'invalid_input');
  of.makes('deleted', 'placement_group', { name: 'apart', state: 'absent' });
}

export async function certificates(of: Scenario, work: string): Promise<void> {
  const { certificate, private_key } = await tls(work);
  const uploaded = { name: 'certificate', type: 'uploaded', certificate, private_key };
  of.makes('created', 'certificate', { ...uploaded, labels: LABELS }, 'uploaded');
  relabelled(of, 'certificate', 'certificate');
  const id = '{{ uploaded.hcloud_certificate.id }}';
  told(of, 'certificate_info', 'certificate', id);
  of.refused(
    'without its key',
    'certificate',
    { ...uploaded, name: 'x', private_key: 'none' },
    'invalid_input',
  );
  const managed = { name: 'managed', type: 'managed', domain_names: ['example.com'] };
  of.refused('managed, which a local Hetzner has none of', 'certificate', managed, 'unsupported_error');
  of.makes('renamed', 'certificate', { id, name: 'tls' });
}

export function relabelled(of: Scenario, module: string, name: string): void {
  of.makes('relabelled', module, { name, labels: OTHER_LABELS });
  of.refused('with labels that are none', module, { name, labels: { 'a b': 'c' } }, 'invalid_input');
}

/** By every way that the modules know a resource. It is labelled. */
export function told(
  of: Scenario,
  module: string,
  name: string,
  id: string,
  elsewhere: Readonly<Record<string, string>> = {},
): void {
  of.tells('all', module, {}, undefined, elsewhere);
  of.tells('by name', module, { name }, [name], elsewhere);
  of.tells('by id', module, { id }, [name], elsewhere);
  of.tells('by label', module, { label_selector: SELECTOR }, undefined, elsewhere);
  of.tells('by the name of none', module, { name: 'nothing' }, []);
  of.refused('by the id of none', module, { id: 999_999_999 }, 'not_found');
}

/** @returns the text of a public key that is made for it */
export async function sshKey(work: string, name: string): Promise<string> {
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', name], { cwd: work });
  return readFileSync(join(work, `${name}.pub`), 'utf8').trim();
}

async function tls(work: string): Promise<{ certificate: string; private_key: string }> {
  const name = ['-subj', '/CN=example.com', '-addext', 'subjectAltName=DNS:example.com'];
  const files = ['-keyout', 'tls.key', '-out', 'tls.crt'];
  const kind = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30'];
  await run('openssl', ['req', ...kind, ...name, ...files], { cwd: work });
  const [certificate, private_key] = ['tls.crt', 'tls.key'].map((file) =>
    readFileSync(join(work, file), 'utf8'),
  );
  return { certificate: certificate ?? '', private_key: private_key ?? '' };
}
