import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TwinError } from '../errors.ts';
import type { Settings } from '../settings.ts';
import type { MachineEngine } from './engine.ts';
import { createNoneEngine } from './none.ts';

export type EngineName = 'none' | 'nspawn';

export async function createEngine(name: EngineName, settings: Settings): Promise<MachineEngine> {
  if (name === 'none') return createNoneEngine();
  const { createNspawnEngine } = await import('./nspawn/index.ts');
  return createNspawnEngine(settings);
}

/** Why real machines cannot run here; absent when they can. */
export function whyNoMachines({ imageDirectory }: Settings): string | undefined {
  if (process.platform !== 'linux') return `machines run on Linux only, and this is ${process.platform}`;
  if (process.getuid?.() !== 0) return 'machines need root';
  if (!existsSync('/usr/bin/systemd-nspawn'))
    return 'machines need systemd-nspawn (apt-get install systemd-container)';
  if (!existsSync(join(imageDirectory, 'debian-12', 'complete'))) {
    return `there is no machine image in ${imageDirectory} (make tools builds it)`;
  }
  return undefined;
}

/**
 * @param wanted `auto` takes machines where they can run
 * @throws TwinError when machines were asked for and cannot run
 */
export function chooseEngine(
  wanted: string,
  settings: Settings,
): { readonly engine: EngineName; readonly reason?: string } {
  if (!['auto', 'none', 'nspawn'].includes(wanted))
    throw new TwinError(`There is no engine "${wanted}": write none, nspawn or auto.`);
  if (wanted === 'none') return { engine: 'none' };
  const reason = whyNoMachines(settings);
  if (reason === undefined) return { engine: 'nspawn' };
  if (wanted === 'nspawn') throw new TwinError(`The engine nspawn cannot run here: ${reason}.`);
  return { engine: 'none', reason };
}
