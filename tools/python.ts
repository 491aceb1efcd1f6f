import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../src/errors.ts';
import { cacheRoot, makeOnce } from './cache.ts';
import { withProgress } from './progress.ts';
import { run } from './run.ts';

const OLDEST_PYTHON = [3, 11] as const;
const LOCKS = join(import.meta.dirname, 'python');

/** @returns the version of python3 on PATH; absent when there is none */
export async function pythonVersion(): Promise<string | undefined> {
  const { code, stdout } = await run('python3', ['-c', 'import platform; print(platform.python_version())']);
  return code === 0 ? stdout.trim() : undefined;
}

/** Lock files in `tools/python`, and what they are for. */
const LOCKED = {
  requirements: 'Ansible',
  lint: 'ansible-lint',
  conformance: 'hcloud for Python',
  'ansible-modules': 'the Ansible modules of Hetzner',
} as const;

export type Lock = keyof typeof LOCKED;

/** Where the environment of a lock file lies. */
export function pythonEnvironment(lock: Lock): string {
  const text = readFileSync(join(LOCKS, `${lock}.txt`));
  return join(
    cacheRoot(),
    'python',
    `${lock}-${createHash('sha256').update(text).digest('hex').slice(0, 12)}`,
  );
}

/**
 * A Python environment of its own whose every file has a checksum in the lock file.
 * @throws UserError when Python is missing or too old, or a package cannot be had
 */
export async function ensurePython(lock: Lock): Promise<string> {
  const environment = pythonEnvironment(lock);
  await makeOnce(join(environment, 'complete'), async (marker) => {
    const version = await pythonVersion();
    const [major = 0, minor = 0] = (version ?? '0.0').split('.').map(Number);
    if (major < OLDEST_PYTHON[0] || (major === OLDEST_PYTHON[0] && minor < OLDEST_PYTHON[1])) {
      throw new UserError(
        `${LOCKED[lock]} needs Python ${OLDEST_PYTHON.join('.')} or newer with venv: ${version === undefined ? 'there is no python3 on PATH' : `this one is ${version}`}.`,
      );
    }
    await withProgress(`installing ${LOCKED[lock]}`, async () => {
      await must('python3', ['-m', 'venv', '--clear', join(environment, 'venv')]);
      const pip = join(environment, 'venv', 'bin', 'pip');
      await must(pip, [
        'install',
        '--quiet',
        '--disable-pip-version-check',
        '--require-hashes',
        '-r',
        join(LOCKS, `${lock}.txt`),
      ]);
    });
    await must('touch', [marker]);
  });
  return join(environment, 'venv', 'bin');
}

async function must(program: string, args: readonly string[]): Promise<void> {
  const { code, stderr } = await run(program, args);
  if (code !== 0)
    throw new UserError(
      `${program} ${args.slice(0, 2).join(' ')} failed:\n${stderr.trim().split('\n').slice(-10).join('\n')}`,
    );
}
