import { join } from 'node:path';
import { UserError } from '../../src/errors.ts';
import { ensurePython } from '../../tools/python.ts';
import { run } from '../../tools/run.ts';
import { debianPackage } from './debian.ts';

/** A program that speaks to the API in `HCLOUD_ENDPOINT` and prints a line of JSON for each of its checks. */
export interface Suite {
  readonly name: string;
  /** `none` unless told: the API alone. */
  readonly engine?: 'none' | 'nspawn';
  /** What is set on the twin before, as for `twin set`. */
  readonly rules?: Readonly<Record<string, string>>;
  /** Gets whatever it needs. `work` is an empty folder of its own. */
  prepare(work: string): Promise<Program>;
}

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const HERE = import.meta.dirname;
const PYTHON_SUITE = join(HERE, 'python', 'suite.py');

/** In the order in which they run: what is over first comes first. */
export const SUITES: readonly Suite[] = [
  {
    name: 'hcloud-go',
    prepare: async (work) => {
      const program = join(work, 'suite');
      const { code, stderr } = await run('go', ['build', '-mod=readonly', '-o', program, '.'], {
        cwd: join(HERE, 'go'),
      });
      if (code !== 0) throw new UserError(`The suite of hcloud-go does not build:\n${stderr.trim()}`);
      return { command: program, args: [] };
    },
  },
  {
    name: 'hcloud-python',
    prepare: async () => ({
      command: join(await ensurePython('conformance'), 'python'),
      args: [PYTHON_SUITE],
    }),
  },
  {
    name: 'hcloud-python of Debian',
    rules: { 'legacy.datacenters': 'on' },
    // Of the environment it only takes what the package itself needs: the package comes before it.
    prepare: async () => ({
      command: join(await ensurePython('conformance'), 'python'),
      args: [PYTHON_SUITE],
      env: {
        PYTHONPATH: join(await debianPackage('python3-hcloud'), 'usr', 'lib', 'python3', 'dist-packages'),
      },
    }),
  },
  {
    name: 'random calls',
    prepare: async () => ({ command: process.execPath, args: [join(HERE, 'model', 'suite.ts')] }),
  },
  {
    name: "cloud-init's data source",
    engine: 'nspawn',
    prepare: async () => ({ command: process.execPath, args: [join(HERE, 'cloud-init', 'suite.ts')] }),
  },
  {
    name: 'hcloud-cli of Debian',
    rules: { 'legacy.datacenters': 'on' },
    prepare: async () => ({
      command: process.execPath,
      args: [join(HERE, 'cli', 'suite.ts'), join(await debianPackage('hcloud-cli'), 'usr', 'bin', 'hcloud')],
    }),
  },
  {
    name: 'hetzner.hcloud',
    // The collection still asks every server and primary IP for its data centre.
    rules: { 'legacy.datacenters': 'on' },
    prepare: async () => ({
      command: process.execPath,
      args: [join(HERE, 'ansible', 'suite.ts'), await ensurePython('ansible-modules')],
    }),
  },
];
