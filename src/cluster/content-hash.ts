import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PhaseName } from './phase-input.ts';

const ANSIBLE = join(import.meta.dirname, '..', '..', 'ansible');

/** What a phase runs, relative to `ansible/`. */
const CONTENT: Readonly<Record<PhaseName, readonly string[]>> = {
  gateway: ['gateway.yml', 'library', 'templates', 'roles/host', 'roles/gateway'],
  machines: ['machines.yml', 'library', 'templates', 'roles/host', 'roles/node'],
  cluster: ['cluster.yml', 'library', 'roles/kubernetes'],
};

/**
 * A hash that changes when, and only when, a phase would do something else: names and contents in order, never
 * times or absolute paths, so that a laptop and a pull request agree.
 */
export function phaseContentHash(phase: PhaseName): string {
  const hash = createHash('sha256');
  for (const path of CONTENT[phase].flatMap(filesBelow)) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(ANSIBLE, path)))
      .update('\0');
  }
  return hash.digest('hex');
}

function filesBelow(path: string): string[] {
  if (/\.\w+$/.test(path)) return [path];
  return readdirSync(join(ANSIBLE, path), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.pyc'))
    .map((entry) => join(entry.parentPath, entry.name).slice(ANSIBLE.length + 1))
    .sort();
}
