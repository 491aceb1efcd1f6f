import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UserError } from '../src/errors.ts';
import { goFolder } from './cache.ts';
import type { Tool } from './manifest.ts';
import { run } from './run.ts';

const OLDEST_GO = [1, 26] as const;

/** @returns the version of Go on PATH; absent when there is none */
export async function goVersion(): Promise<string | undefined> {
  const { code, stdout } = await run('go', ['env', 'GOVERSION']);
  return code === 0 ? stdout.trim().replace(/^go/, '') : undefined;
}

export function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > OLDEST_GO[0] || (major === OLDEST_GO[0] && minor >= OLDEST_GO[1]);
}

/** @throws UserError when Go is missing or too old, or the build fails */
export async function goBuild(tool: Tool, target: string): Promise<void> {
  const version = await goVersion();
  if (version === undefined || !isNewEnough(version)) {
    throw new UserError(
      `${tool.name} ${tool.version} cannot be downloaded here, and building it needs Go ${OLDEST_GO.join('.')} or newer: ` +
        `${version === undefined ? 'there is no go on PATH' : `this one is ${version}`}. Install Go from your distribution or from its vendor.`,
    );
  }
  const { go } = tool;
  const variables = Object.entries(go.variables ?? {}).map(([name, value]) => `-X ${name}=${value}`);
  const linking = go.cgo ? ['-linkmode external', '-extldflags -static'] : [];
  const flags = ['-s', '-w', ...variables, ...linking].join(' ');
  await mkdir(dirname(target), { recursive: true });
  const { code, stderr } = await run(
    'go',
    [
      'build',
      '-trimpath',
      '-mod=readonly',
      '-buildvcs=false',
      '-ldflags',
      flags,
      ...(go.cgo ? ['-tags', 'netgo osusergo'] : []),
      '-o',
      target,
      go.package,
    ],
    {
      cwd: goFolder(tool),
      env: { ...process.env, CGO_ENABLED: go.cgo ? '1' : '0', GOFLAGS: '', GOWORK: 'off' },
    },
  );
  if (code !== 0)
    throw new UserError(
      `${tool.name} ${tool.version} could not be built:\n${stderr.trim().split('\n').slice(-15).join('\n')}`,
    );
}
