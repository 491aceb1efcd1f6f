import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { Api } from './api.ts';
import { requireAgreement } from './invariants.ts';
import { type Draw, STEPS } from './steps.ts';
import { World } from './world.ts';

/** Calls that a run makes at least. */
const CALLS = 30_000;
const STEPS_AT_ONCE = 60;
/** Reading everything is what a sequence costs most, so it is done at its end and a few times within. */
const STEPS_BETWEEN_LOOKS = 20;
const KINDS = ['servers', 'volumes', 'floating_ips', 'firewalls', 'placement_groups', 'networks'] as const;

/** One random step, as fast-check runs, shrinks and prints it. */
class Step implements fc.AsyncCommand<World, Api> {
  readonly #name: string;
  readonly #draw: Draw;

  constructor(name: string, draw: Draw) {
    this.#name = name;
    this.#draw = draw;
  }

  check(): boolean {
    return true;
  }

  async run(world: World, api: Api): Promise<void> {
    await STEPS[this.#name]?.(api, world, this.#draw);
    used.set(this.#name, (used.get(this.#name) ?? 0) + 1);
    steps += 1;
    if (steps % STEPS_BETWEEN_LOOKS === 0) await requireAgreement(api, world);
  }

  toString(): string {
    return `${this.#name} ${JSON.stringify(this.#draw)}`;
  }
}

const used = new Map<string, number>();
let steps = 0;

async function main(): Promise<void> {
  const { HCLOUD_ENDPOINT: endpoint = '', HCLOUD_TOKEN: token = '', CONFORMANCE_SEED: wanted } = process.env;
  const api = new Api(endpoint, token);
  const seed = wanted === undefined ? randomInt(2 ** 31) : Number(wanted);
  // Every sequence goes on with the same twin, emptied: numbers that were given stay given.
  const given = new World();
  const number = fc.nat({ max: 1000 });
  const draw = fc.record({ one: number, other: number, value: number });
  const step = (name: string) => draw.map((drawn) => new Step(name, drawn));
  const commands = fc.commands(Object.keys(STEPS).map(step), { maxCommands: STEPS_AT_ONCE, size: 'max' });
  const property = fc.asyncProperty(commands, async (sequence) => {
    await clear(api);
    const world = given.emptied();
    await fc.asyncModelRun(() => ({ model: world, real: api }), sequence);
    await requireAgreement(api, world);
  });
  let failure: string | undefined;
  for (let round = 0; api.calls < CALLS && failure === undefined; round++) {
    const result = await fc.check(property, { seed: seed + round, numRuns: 20, endOnFailure: false });
    if (result.failed) failure = `${String(result.errorInstance)}\n${fc.defaultReportMessage(result)}`;
  }
  report(`${CALLS} calls and more agree with the model`, failure && `seed ${seed}: ${failure}`);
  for (const name of Object.keys(STEPS)) {
    const times = failure === undefined ? (used.get(name) ?? 0) : 1;
    report(`random calls: ${name}`, times > 0 ? undefined : 'was never drawn');
  }
  await clear(api);
  console.error(`seed ${seed}, ${steps} steps, ${api.calls} calls`);
}

/** Deletes everything, which is a check as well: nothing is left that cannot be deleted. */
async function clear(api: Api): Promise<void> {
  for (const kind of KINDS) {
    for (const { id, protection, server, applied_to: applied } of await api.all<{
      id: number;
      protection?: { delete: boolean };
      server?: number | null;
      applied_to?: readonly object[];
    }>(kind)) {
      const action = (verb: string, body: object = {}) =>
        api.write('POST', `/${kind}/${id}/actions/${verb}`, body);
      if (protection?.delete)
        await action('change_protection', {
          delete: false,
          ...(kind === 'servers' ? { rebuild: false } : {}),
        });
      if (server) await action(kind === 'volumes' ? 'detach' : 'unassign');
      if (applied && applied.length > 0)
        throw new Error(`firewall ${id} is applied though no server is left`);
      const { status, body } = await api.write('DELETE', `/${kind}/${id}`);
      if (status >= 300) throw new Error(`${kind} ${id} cannot be deleted: ${JSON.stringify(body)}`);
    }
  }
}

function report(check: string, error: string | undefined): void {
  console.log(JSON.stringify({ check, ok: error === undefined, ...(error === undefined ? {} : { error }) }));
}

await main();
