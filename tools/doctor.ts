import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { toolFile } from './cache.ts';
import { MACHINE_PROGRAMS, missingPackages } from './debian-packages.ts';
import { goVersion, isNewEnough } from './go-build.ts';
import { DEBIAN, type ImageRecipe, isCurrent, KUBERNETES } from './images/index.ts';
import { CORE, MACHINES, type Tool } from './manifest.ts';
import { onPath } from './obtain.ts';
import { pythonEnvironment, pythonVersion } from './python.ts';
import { run } from './run.ts';

/** One line of `groundup doctor`. */
export interface DoctorRow {
  readonly tool: string;
  readonly wanted: string;
  /** Empty when it is missing. */
  readonly found: string;
  readonly from: string;
  /** The command that mends it; empty when nothing is wrong. */
  readonly mend: string;
}

/** What the tool chain needs and has; nothing is obtained by asking. */
export async function doctor(): Promise<DoctorRow[]> {
  const [programs, ...rest] = await Promise.all([
    Promise.all([...CORE, ...MACHINES].map(toolRow)),
    nodeRow(),
    npmRow(),
    goRow(),
    pythonRow(),
    packagesRow(),
  ]);
  return [...rest, ...programs, ansibleRow(), imageRow(DEBIAN), imageRow(KUBERNETES)];
}

async function toolRow(tool: Tool): Promise<DoctorRow> {
  const row = { tool: tool.name, wanted: tool.version };
  if (existsSync(toolFile(tool))) return { ...row, found: tool.version, from: 'cache', mend: '' };
  const present = await onPath(tool);
  if (present) return { ...row, found: tool.version, from: present, mend: '' };
  return { ...row, found: '', from: '', mend: CORE.includes(tool) ? 'make tools' : 'make machines' };
}

async function nodeRow(): Promise<DoctorRow> {
  const found = process.versions.node;
  return {
    tool: 'node',
    wanted: '24',
    found,
    from: 'npm',
    mend: found.startsWith('24.') ? '' : 'npm ci --ignore-scripts',
  };
}

async function npmRow(): Promise<DoctorRow> {
  const { code, stdout } = await run('npm', ['--version']);
  return {
    tool: 'npm',
    wanted: 'any',
    found: code === 0 ? stdout.trim() : '',
    from: 'PATH',
    mend: code === 0 ? '' : 'apt-get install npm',
  };
}

async function goRow(): Promise<DoctorRow> {
  const found = (await goVersion()) ?? '';
  const mend = found !== '' && isNewEnough(found) ? '' : 'install Go 1.26, unless vendors can be reached';
  return { tool: 'go', wanted: '>= 1.26', found, from: found === '' ? '' : 'PATH', mend };
}

async function pythonRow(): Promise<DoctorRow> {
  const found = (await pythonVersion()) ?? '';
  const [major = 0, minor = 0] = found.split('.').map(Number);
  const good = major > 3 || (major === 3 && minor >= 11);
  return {
    tool: 'python3',
    wanted: '>= 3.11',
    found,
    from: found === '' ? '' : 'PATH',
    mend: good ? '' : 'apt-get install python3-venv',
  };
}

function ansibleRow(): DoctorRow {
  const there = existsSync(join(pythonEnvironment('requirements'), 'complete'));
  return {
    tool: 'ansible-core',
    wanted: '2.18',
    found: there ? '2.18' : '',
    from: there ? 'pypi' : '',
    mend: there ? '' : 'make tools',
  };
}

/** Programs of Debian that local machines and their tests need. */
function packagesRow(): DoctorRow {
  const packages = missingPackages().join(' ');
  return {
    tool: 'machines',
    wanted: Object.keys(MACHINE_PROGRAMS).join(' '),
    found: packages === '' ? 'all' : '',
    from: 'debian',
    mend: packages && `apt-get install ${packages}`,
  };
}

function imageRow(image: ImageRecipe): DoctorRow {
  const there = isCurrent(image);
  return {
    tool: `image ${image.name}`,
    wanted: image.recipe,
    found: there ? image.recipe : '',
    from: there ? 'cache' : '',
    mend: there ? '' : 'make machines',
  };
}
