import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { change } from './change.ts';
import { lockStack } from './lock.ts';
import { CHECKOUT, PRIVATE, stackDirectory, twinState } from './paths.ts';
import { pulumi } from './pulumi.ts';
import { removeAbandonedSshFiles } from './ssh-files.ts';
import { readStackFile } from './stack-file.ts';
import { closeTunnel } from './tunnel.ts';
import { afterCrash } from './up.ts';

/**
 * Takes a stack down. A sandbox is gone afterwards whatever state it was in; a real environment is destroyed by
 * Pulumi alone, and what is protected stays.
 */
export async function down(name: string): Promise<void> {
  const stack = readStackFile(name);
  const free = lockStack(name);
  try {
    if (!stack.local) {
      await afterCrash(stack);
      const { code, message } = await change(stack, ['destroy', '--yes'], {});
      if (code !== 0) throw new UserError(message);
      return;
    }
    const alive = existsSync(join(twinState(), 'daemon.json'));
    if (alive) {
      await afterCrash(stack);
      const { code } = await pulumi(stack, ['destroy', '--yes', '--skip-preview'], {
        env: { GROUNDUP_WITHOUT_MACHINES: '1' },
      });
      if (code !== 0) console.error('groundup: destroying failed; the local Hetzner is removed as a whole');
    }
    closeTunnel(name);
    removeAbandonedSshFiles(name);
    const { status } = spawnSync(join(CHECKOUT, 'bin', 'twin'), ['down'], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    if (status !== 0) throw new UserError('The local Hetzner could not be removed; why is above.');
    const store = join(PRIVATE, 'pulumi', '.pulumi');
    const state = [`stacks/groundup/${name}.json`, `stacks/groundup/${name}.json.bak`];
    const folders = ['history/groundup', 'backups/groundup', 'locks/organization/groundup'];
    for (const path of [...state, ...folders.map((folder) => `${folder}/${name}`)])
      await rm(join(store, path), { recursive: true, force: true });
    await rm(stackDirectory(name), { recursive: true, force: true });
  } finally {
    free();
  }
}
