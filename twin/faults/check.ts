import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { down } from '../down.ts';
import { createEngine, type EngineName } from '../engines/index.ts';
import { TwinError } from '../errors.ts';
import { readSettings, type Settings } from '../settings.ts';
import { up } from '../up.ts';
import { Bench } from './bench.ts';
import { FAULTS, type FaultName } from './catalogue.ts';
import { NEEDS_MACHINES, PROBES } from './probes.ts';

export interface Finding {
  readonly fault: FaultName;
  /** Absent: it fired. */
  readonly problem?: string;
  /** Why it cannot fire here, which is no problem. */
  readonly excuse?: string;
}

/**
 * Lets every fault of the catalogue strike in a twin of its own, beside the one that runs, and looks whether it did.
 * @param engine as for `twin up`
 * @param told hears of each fault as soon as it is known
 */
export async function checkFaults(
  settings: Settings,
  engine: string,
  told: (finding: Finding) => void,
): Promise<readonly Finding[]> {
  const own = await ownSettings(settings);
  try {
    const { daemon } = await up(own, engine, undefined);
    const bench = new Bench(own, await createEngine(daemon.engine, own));
    await bench.prepare();
    const findings: Finding[] = [];
    for (const fault of Object.keys(FAULTS) as FaultName[]) {
      const finding = await look(bench, fault, daemon.engine);
      findings.push(finding);
      told(finding);
    }
    return findings;
  } finally {
    await down(own);
    rmSync(own.stateDirectory, { recursive: true, force: true });
  }
}

async function look(bench: Bench, fault: FaultName, engine: EngineName): Promise<Finding> {
  if (engine === 'none' && NEEDS_MACHINES.has(fault))
    return { fault, excuse: 'the engine none has no machines' };
  try {
    await PROBES[fault](bench, fault);
    return { fault };
  } catch (error) {
    return { fault, problem: error instanceof Error ? error.message : String(error) };
  } finally {
    await bench.recover();
  }
}

/** A name, a port and a place that nobody uses; the daemon finds them in the environment as well. */
async function ownSettings(settings: Settings): Promise<Settings> {
  const environment = {
    TWIN_NAME: `chk${settings.port % 64}`,
    TWIN_PORT: String(await freePort(settings.port)),
    TWIN_STATE: mkdtempSync(join(tmpdir(), 'twin-check-')),
  };
  Object.assign(process.env, environment);
  return readSettings(process.env);
}

/** Public addresses follow from the port, so it is one of those with other addresses than the twin that asks. */
async function freePort(taken: number): Promise<number> {
  for (let port = taken + 24; port < taken + 40; port++) {
    const free = await new Promise<boolean>((resolve) => {
      const server = createServer().once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
  throw new TwinError(`No port from ${taken + 24} to ${taken + 39} is free for the check.`);
}
