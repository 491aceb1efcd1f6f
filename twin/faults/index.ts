import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import * as z from 'zod';
import { LOCATIONS } from '../catalogue/locations.ts';
import { TwinError } from '../errors.ts';
import type { Store } from '../store.ts';
import { FAULTS, type FaultKind, type FaultName, isFaultName, type Stage } from './catalogue.ts';

export { FAULTS, type FaultKind, type FaultName } from './catalogue.ts';

/** A fault that waits for its moment. */
export interface Armed {
  readonly id: number;
  readonly name: FaultName;
  /** How often it still strikes; `null`: always. */
  readonly left: number | null;
  readonly fired: number;
  /**
   * What it strikes, absent for anything: `POST /servers` or a path with `*` for requests and answers, a command such
   * as `attach_volume` for actions, a server's name for machines and events, a location (or `fsn1.hel1`) for places.
   */
  readonly on?: string;
}

/** Random faults that come again in the same order for the same requests. */
export interface Storm {
  readonly seed: number;
  /** Share of requests that are struck, from 0 to 1. */
  readonly share: number;
  readonly names: readonly FaultName[];
  /** How many requests it has seen. */
  readonly seen: number;
}

const state = z.object({
  lastId: z.number(),
  armed: z.array(
    z.object({
      id: z.number(),
      name: z.string().refine(isFaultName) as unknown as z.ZodType<FaultName>,
      left: z.number().nullable(),
      fired: z.number(),
      on: z.string().optional(),
    }),
  ),
  storm: z
    .object({
      seed: z.number(),
      share: z.number(),
      names: z.array(z.string() as unknown as z.ZodType<FaultName>),
      seen: z.number(),
    })
    .optional(),
});

const SETTING = 'faults';
const STUCK = 'action ';
const DRAWS = 1_000_000;
/** Stages that a storm can reach: what comes with a request. */
const STORMY: readonly Stage[] = ['request', 'answer', 'action'];

/** Which faults are armed, and which of them strikes now. Survives a restart, as everything of the twin does. */
export class Faults {
  readonly #store: Store;
  #armed: readonly Armed[] = [];
  #storm: Storm | undefined;
  #random = xoroshiro128plus(0);
  #lastId = 0;
  readonly #listeners = new Set<() => void>();

  constructor(store: Store) {
    this.#store = store;
    const saved = store.setting(SETTING);
    if (saved === undefined) return;
    const { armed, storm, lastId } = state.parse(JSON.parse(saved));
    // Actions that were stuck have ended with the process that ran them.
    this.#armed = (armed as readonly Armed[]).filter(({ on }) => !on?.startsWith(STUCK));
    this.#lastId = lastId;
    if (storm) this.#begin(storm);
  }

  get armed(): readonly Armed[] {
    return this.#armed;
  }

  get storm(): Storm | undefined {
    return this.#storm;
  }

  /** Called after each change of what is armed; for what lasts as long as it is. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /**
   * @param times how often it strikes; `null` for always
   * @throws TwinError when there is no such fault, or it cannot strike there
   */
  arm(name: string, times: number | null = 1, on?: string): Armed {
    if (!isFaultName(name)) {
      throw new TwinError(`There is no fault "${name}". There are: ${Object.keys(FAULTS).join(', ')}.`);
    }
    if (times !== null && (!Number.isInteger(times) || times < 1)) {
      throw new TwinError(`A fault strikes a whole number of times from 1 on, or always; not ${times}.`);
    }
    requirePlace(name, on);
    this.#lastId += 1;
    const armed: Armed = {
      id: this.#lastId,
      name,
      left: times,
      fired: 0,
      ...(on === undefined ? {} : { on }),
    };
    this.#become([...this.#armed, armed], this.#storm);
    return armed;
  }

  /** @param id absent: all of them, and the storm */
  disarm(id?: number): void {
    const storm = id === undefined ? undefined : this.#storm;
    this.#become(id === undefined ? [] : this.#armed.filter((fault) => fault.id !== id), storm);
  }

  /** @throws TwinError when the share or a name cannot be used */
  startStorm(seed: number, share: number, names: readonly string[]): void {
    const unfit = names.filter((name) => !isFaultName(name) || !STORMY.includes(FAULTS[name].stage));
    const possible = Object.entries(FAULTS).filter(([, { stage }]) => STORMY.includes(stage));
    if (unfit.length > 0) {
      throw new TwinError(
        `A storm cannot have ${unfit.join(', ')}; it can have ${possible.map(([name]) => name).join(', ')}.`,
      );
    }
    if (!(share > 0 && share <= 1))
      throw new TwinError(`A storm's share is above 0 and at most 1; not ${share}.`);
    const chosen = names.length > 0 ? names : possible.map(([name]) => name);
    this.#begin({ seed, share, names: chosen as FaultName[], seen: 0 });
    this.#become(this.#armed, this.#storm);
  }

  /**
   * The fault that strikes now, with what it has left counted down.
   * @param subject what is about to happen, in the words of `Armed.on`
   */
  take(stage: Stage, subject: string): FaultName | undefined {
    const hit = this.#armed.find((fault) => fits(fault, stage, subject));
    if (!hit) return undefined;
    this.spend(hit.id);
    return hit.name;
  }

  /** A fault that struck by itself, counted down. */
  spend(id: number): void {
    const hit = this.#armed.find((fault) => fault.id === id);
    if (!hit) return;
    const after = { ...hit, fired: hit.fired + 1, left: hit.left === null ? null : hit.left - 1 };
    this.#become(
      this.#armed.flatMap((fault) => (fault === hit ? (after.left === 0 ? [] : [after]) : [fault])),
      this.#storm,
    );
  }

  /** The storm's word on one request: drawn once per request, and only taken when it fits. */
  draw(subject: string): FaultName | undefined {
    const storm = this.#storm;
    if (!storm) return undefined;
    this.#storm = { ...storm, seen: storm.seen + 1 };
    const { struck, name } = this.#throwDice(storm);
    if (!struck || name === undefined) return undefined;
    const { only }: FaultKind = FAULTS[name];
    return only === undefined || only.test(subject) ? name : undefined;
  }

  #begin(storm: Storm): void {
    this.#storm = storm;
    this.#random = xoroshiro128plus(storm.seed);
    for (let request = 0; request < storm.seen; request++) this.#throwDice(storm);
  }

  #throwDice({ share, names }: Storm) {
    const struck = uniformInt(this.#random, 0, DRAWS - 1) < share * DRAWS;
    return { struck, name: names[uniformInt(this.#random, 0, names.length - 1)] };
  }

  #become(armed: readonly Armed[], storm: Storm | undefined): void {
    this.#armed = armed;
    this.#storm = storm;
    const saved = JSON.stringify({ lastId: this.#lastId, armed, storm });
    this.#store.change(() => this.#store.setSetting(SETTING, saved));
    for (const listener of this.#listeners) listener();
  }
}

/** @throws TwinError when a fault of places is armed for something that is none */
function requirePlace(name: FaultName, on: string | undefined): void {
  const names = LOCATIONS.map((location) => String(location.name));
  if (on === undefined || FAULTS[name].stage !== 'place') return;
  const [one = '', other = ''] = on.split('.');
  const fits =
    name === 'partition'
      ? on.split('.').length === 2 && one !== other && names.includes(one) && names.includes(other)
      : names.includes(on);
  if (fits) return;
  const wanted = name === 'partition' ? 'two locations such as fsn1.hel1' : 'a location such as fsn1';
  throw new TwinError(`${name} cannot strike "${on}": write ${wanted}. There are: ${names.join(', ')}.`);
}

/** What `Armed.on` says of an action that does not end. */
export function stuckAction(id: number): string {
  return `${STUCK}${id}`;
}

function fits({ name, on }: Armed, stage: Stage, subject: string): boolean {
  const kind: FaultKind = FAULTS[name];
  if (kind.stage !== stage) return false;
  if (stage !== 'request' && stage !== 'answer') return on === undefined || on === subject;
  if (kind.only !== undefined && !kind.only.test(subject)) return false;
  return on === undefined || pattern(on).test(subject);
}

/** `POST /servers/*` as an expression; `*` stands for one part of a path, and a method may be left out. */
function pattern(on: string): RegExp {
  const escaped = on.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]+');
  return new RegExp(`^${on.startsWith('/') ? '\\w+ ' : ''}${escaped}$`);
}
