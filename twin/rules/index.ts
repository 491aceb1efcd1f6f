import { LOCATIONS } from '../catalogue/locations.ts';
import { SERVER_TYPES } from '../catalogue/server-types.ts';
import { TwinError } from '../errors.ts';
import { inside } from '../ranges.ts';
import type { Store } from '../store.ts';
import { DELAYS_MS, LATENCIES_MS, OTHER_LATENCY_MS } from './latencies.ts';
import { LIMITS, type LimitName } from './limits.ts';

export { DELAYS_MS, LATENCIES_MS, OTHER_LATENCY_MS } from './latencies.ts';
export { type Certainty, LIMITS, type LimitName } from './limits.ts';

/** One rule as `twin set` lists it. */
export interface Rule {
  readonly key: string;
  readonly value: string;
  readonly standard: string;
  readonly what: string;
  /** How a value is read; the pattern is told when it does not fit. */
  readonly form: RuleForm;
}

interface RuleForm {
  readonly pattern: RegExp;
  readonly words: string;
}

const NUMBER: RuleForm = { pattern: /^\d+(\.\d+)?$/, words: 'a number from 0 on' };
const SWITCH: RuleForm = { pattern: /^(on|off)$/, words: 'on or off' };
const STOCK: RuleForm = { pattern: /^(available|out)$/, words: 'available or out' };
const OCTET = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const RANGE = `${OCTET}(\\.${OCTET}){3}(/(3[0-2]|[12]?\\d))?`;
const ADDRESSES: RuleForm = {
  pattern: new RegExp(`^(none|${RANGE}(,${RANGE})*)$`),
  words: 'none, or addresses and ranges such as 203.0.113.7,203.0.113.64/26',
};
const VSWITCHES: RuleForm = {
  pattern: /^(any|none|[1-9]\d*(,[1-9]\d*)*)$/,
  words: 'any, none, or numbers such as 4321,4322',
};
const DATE: RuleForm = {
  pattern: /^(never|\d{4}-\d{2}-\d{2})$/,
  words: 'never, or the day after which it cannot be ordered, such as 2026-12-31',
};

/**
 * What Hetzner allows, has in stock, asks for and takes time for. Standards are tables in this folder and in
 * `catalogue/`; `twin set` overrides single ones at run time, and the store keeps the overrides.
 */
export class Rules {
  readonly #store: Store;
  /** Another object after every change: whoever rendered something with it knows that it is stale. */
  #epoch: object = {};
  readonly #listeners: (() => void)[] = [];

  constructor(store: Store) {
    this.#store = store;
  }

  get epoch(): object {
    return this.#epoch;
  }

  limit(name: LimitName): number {
    return Number(this.#value(`limits.${name}`, String(LIMITS[name].value)));
  }

  inStock(type: string, location: string): boolean {
    return this.#value(`stock.${type}.${location}`, 'available') === 'available';
  }

  hasVolumeSpace(location: string): boolean {
    return this.inStock('volumes', location);
  }

  /** The last day on which a server type can be ordered; absent while nobody said so. */
  unavailableAfter(type: string): string | undefined {
    const day = this.#value(`deprecation.${type}`, 'never');
    return day === 'never' ? undefined : `${day}T00:00:00Z`;
  }

  /** Net euros per month of a server type, where another price than the snapshot's was set. */
  price(type: string): number | undefined {
    const price = this.#store.setting(`price.${type}`);
    return price === undefined ? undefined : Number(price);
  }

  /** Servers and primary IPs carry the `datacenter` that Hetzner removed on 2026-07-01. */
  get legacyDatacenters(): boolean {
    return this.#value('legacy.datacenters', 'off') === 'on';
  }

  get rateLimitEnforced(): boolean {
    return this.#value('rate_limit', 'off') === 'on';
  }

  /** Whether an IPv4 address belongs to a dedicated server of the project's owner. */
  ownsRobotAddress(address: string): boolean {
    const owned = this.#value('robot.addresses', 'none').split(',');
    return owned.some((range) => inside(address, range.includes('/') ? range : `${range}/32`));
  }

  /** Whether a vSwitch of that number is the project owner's. Numbers are Robot's. */
  knowsVswitch(id: number): boolean {
    const known = this.#value('robot.vswitches', 'any');
    return known === 'any' || known.split(',').includes(String(id));
  }

  /** How long an action takes at least. Speed 0 waits for nothing, 1 as long as Hetzner, 10 a tenth of that. */
  latencyMs(command: string): number {
    return this.#scaled(LATENCIES_MS[command] ?? OTHER_LATENCY_MS);
  }

  /** One way between two locations; 0 within one. */
  delayMs(one: string, other: string): number {
    if (one === other) return 0;
    const key = pair(one, other);
    const set = this.#store.setting(`delay.${key}`);
    return set === undefined ? this.#scaled(DELAYS_MS[key] ?? 0) : Number(set);
  }

  /** Every rule with its value, standards included. */
  list(): Rule[] {
    return rules().map((rule) => ({ ...rule, value: this.#value(rule.key, rule.standard) }));
  }

  /**
   * Changes some rules, or none.
   * @param wanted values by rule; `null` is back to the standard
   * @throws TwinError with every rule that does not exist and every value that does not fit
   */
  set(wanted: Readonly<Record<string, string | null>>): void {
    const mistakes = Object.entries(wanted).flatMap(([key, value]) => mistake(key, value));
    if (mistakes.length > 0) throw new TwinError(mistakes.join('\n'));
    this.#store.change(() => {
      for (const [key, value] of Object.entries(wanted)) this.#store.setSetting(key, value ?? undefined);
    });
    this.#epoch = {};
    for (const listener of this.#listeners) listener();
  }

  /** Called after each change of a rule; for what the engine has to be told. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  #value(key: string, standard: string): string {
    return this.#store.setting(key) ?? standard;
  }

  #scaled(ms: number): number {
    const speed = Number(this.#value('speed', '0'));
    return speed === 0 ? 0 : ms / speed;
  }
}

function mistake(key: string, value: string | null): string[] {
  const rule = rules().find((known) => known.key === key);
  if (!rule) {
    const [group = ''] = key.split('.');
    const near = rules().filter((known) => known.key.startsWith(`${group}.`));
    const hint =
      near.length > 0
        ? `Those of ${group}: ${near.map((known) => known.key).join(', ')}.`
        : '`twin set` lists all.';
    return [`There is no rule "${key}". ${hint}`];
  }
  const fits = value === null || rule.form.pattern.test(value);
  return fits ? [] : [`"${value}" is no value of ${key}: write ${rule.form.words}.`];
}

function pair(one: string, other: string): string {
  const order = LOCATIONS.map(({ name }) => String(name));
  return order.indexOf(one) < order.indexOf(other) ? `${one}.${other}` : `${other}.${one}`;
}

type Standard = Omit<Rule, 'value'>;

let standards: readonly Standard[] | undefined;

function rules(): readonly Standard[] {
  standards ??= [
    {
      key: 'speed',
      standard: '0',
      what: 'how fast time runs for actions and delays: 0 is none at all, 1 as at Hetzner, 10 ten times as fast',
      form: NUMBER,
    },
    {
      key: 'rate_limit',
      standard: 'off',
      what: 'whether too many requests are refused; they are counted and told in any case',
      form: SWITCH,
    },
    {
      key: 'legacy.datacenters',
      standard: 'off',
      what: 'whether the data centres that Hetzner removed are still told and taken',
      form: SWITCH,
    },
    {
      key: 'robot.addresses',
      standard: 'none',
      what: 'public addresses and ranges of dedicated servers, which load balancers may send to',
      form: ADDRESSES,
    },
    {
      key: 'robot.vswitches',
      standard: 'any',
      what: 'vSwitches that networks can be coupled with',
      form: VSWITCHES,
    },
    ...LOCATIONS.map(({ name, city }) => ({
      key: `stock.volumes.${name}`,
      standard: 'available',
      what: `whether ${city} has space for volumes`,
      form: STOCK,
    })),
    ...Object.entries(LIMITS).map(([name, { value, what }]) => ({
      key: `limits.${name}`,
      standard: String(value),
      what: `most ${what}`,
      form: NUMBER,
    })),
    ...LOCATIONS.flatMap((one, index) =>
      LOCATIONS.slice(index + 1).map((other) => ({
        key: `delay.${one.name}.${other.name}`,
        standard: 'by speed',
        what: `milliseconds one way between ${one.city} and ${other.city}`,
        form: NUMBER,
      })),
    ),
    ...SERVER_TYPES.flatMap(({ name, locations }) => [
      {
        key: `deprecation.${name}`,
        standard: 'never',
        what: `last day on which ${name} can be ordered`,
        form: DATE,
      },
      {
        key: `price.${name}`,
        standard: 'of the snapshot',
        what: `net euros per month of ${name}`,
        form: NUMBER,
      },
      ...locations.map((location) => ({
        key: `stock.${name}.${location.name}`,
        standard: 'available',
        what: `whether ${location.name} has ${name}`,
        form: STOCK,
      })),
    ]),
  ];
  return standards;
}
