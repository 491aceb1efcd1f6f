import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageVersion } from './protocol/package-version.ts';

const PLUGINS = ['hcloud', 'command', 'tls'];
const EXECUTABLES = join(import.meta.dirname, 'bin');

/** Where the stand-ins' executables are; the language host is found there. */
export function standInDirectory(): string {
  return EXECUTABLES;
}

/**
 * Puts the stand-ins where the Pulumi CLI looks for installed plugins, so that it takes them without a word.
 * @param pulumiHome a directory of its own: official plugins of the same versions would be hidden
 */
export async function installStandIns(pulumiHome: string): Promise<void> {
  await Promise.all(
    PLUGINS.map(async (name) => {
      const directory = join(pulumiHome, 'plugins', `resource-${name}-v${packageVersion(`@pulumi/${name}`)}`);
      const executable = join(directory, `pulumi-resource-${name}`);
      const text = `#!/bin/sh\nexec '${join(EXECUTABLES, `pulumi-resource-${name}`)}' "$@"\n`;
      if ((await readFile(executable, 'utf8').catch(() => '')) === text) return;
      await mkdir(directory, { recursive: true });
      await writeFile(executable, text);
      await chmod(executable, 0o755);
    }),
  );
}
