import * as z from 'zod';
import { findLoadBalancerType } from './catalogue/load-balancer-types.ts';
import { HOURS_OF_ADDRESSES, PRICING } from './catalogue/pricing.ts';
import { findServerType, HOURS_PER_MONTH } from './catalogue/server-types.ts';
import type { Collections, Kind } from './model.ts';
import type { Rules } from './rules/index.ts';
import type { Change, Store } from './store.ts';

/** Net euros. */
export interface Price {
  readonly hourly: number;
  /** The most that a calendar month costs. */
  readonly monthly: number;
}

const HOUR_MS = 3_600_000;
const SETTING = 'costs';
const PRICED = ['servers', 'primary_ips', 'floating_ips', 'volumes', 'images', 'load_balancers'] as const;
type PricedKind = (typeof PRICED)[number];

const state = z.object({ spent: z.number(), since: z.record(z.string(), z.string()) });

/**
 * What the project has cost so far, by Hetzner's way to count: each resource by the hours that it began, in each calendar
 * month at most its monthly price; a server that is off costs as one that runs. Source:
 * https://docs.hetzner.com/cloud/billing/faq/
 */
export class Costs {
  readonly #store: Store;
  readonly #rules: Rules;
  readonly #now: () => Date;

  constructor(store: Store, rules: Rules, now: () => Date = () => new Date()) {
    this.#store = store;
    this.#rules = rules;
    this.#now = now;
    // On disk with the change itself: no kill makes a deleted server free of charge.
    store.accompany((changes) => this.#settle(changes));
  }

  /** Net euros until now, of what there is and of what is gone. */
  soFar(): number {
    const { spent, since } = this.#state();
    return PRICED.flatMap((kind) => [...this.#store.all(kind)].map((object) => ({ kind, object }))).reduce(
      (sum, { kind, object }) =>
        sum + charge(this.priceOf(kind, object), new Date(since[object.id] ?? object.created), this.#now()),
      spent,
    );
  }

  /** Net euros of a whole month with what there is now. */
  monthly(): number {
    return PRICED.flatMap((kind) =>
      [...this.#store.all(kind)].map((object) => this.priceOf(kind, object).monthly),
    ).reduce((sum, monthly) => sum + monthly, 0);
  }

  priceOf<K extends PricedKind>(kind: K, object: Collections[K]): Price {
    return this.#price({ kind, object } as Thing);
  }

  #price({ kind, object }: Thing): Price {
    switch (kind) {
      case 'servers': {
        const { prices = [] } = findServerType(object.server_type) ?? {};
        const monthly = this.#rules.price(object.server_type) ?? netAt(prices, object.location);
        const backups = object.backup_window === null ? 0 : Number(PRICING.server_backup.percentage) / 100;
        return ofMachine(monthly * (1 + backups));
      }
      case 'load_balancers':
        return ofMachine(
          netAt(findLoadBalancerType(object.load_balancer_type)?.prices ?? [], object.location),
        );
      case 'primary_ips':
      case 'floating_ips': {
        const prices = PRICING[kind].find(({ type }) => type === object.type)?.prices ?? [];
        return ofAddress(netAt(prices, kind === 'primary_ips' ? object.location : object.home_location));
      }
      case 'volumes':
        return ofAddress(object.size * Number(PRICING.volume.price_per_gb_month.net));
      case 'images':
        return ofAddress((object.image_size ?? 0) * Number(PRICING.image.price_per_gb_month.net));
    }
  }

  /** Closes the account of what is gone or costs something else from now on. */
  #settle(changes: readonly Change[]): void {
    const settled = changes.flatMap((change) => {
      if (!('kind' in change) || !isPriced(change.kind) || change.before === undefined) return [];
      const { kind, id } = change;
      const before = { kind, object: change.before } as Thing;
      const price = this.#price(before);
      const after = change.after && this.#price({ kind, object: change.after } as Thing);
      return after?.monthly === price.monthly
        ? []
        : [{ id, price, created: before.object.created, goesOn: after !== undefined }];
    });
    if (settled.length === 0) return;
    const now = this.#now();
    let { spent, since } = this.#state();
    for (const { id, price, created, goesOn } of settled) {
      const { [String(id)]: began = created, ...others } = since;
      spent += charge(price, new Date(began), now);
      since = goesOn ? { ...others, [String(id)]: now.toISOString() } : others;
    }
    this.#store.setSetting(SETTING, JSON.stringify({ spent, since }));
  }

  #state(): z.infer<typeof state> {
    const saved = this.#store.setting(SETTING);
    return saved === undefined ? { spent: 0, since: {} } : state.parse(JSON.parse(saved));
  }
}

type Thing = { [K in PricedKind]: { readonly kind: K; readonly object: Collections[K] } }[PricedKind];

/** Net euros for a time: hours that began, in each calendar month (UTC) at most the monthly price. */
export function charge({ hourly, monthly }: Price, from: Date, to: Date): number {
  let sum = 0;
  for (let start = from.getTime(); start <= to.getTime(); ) {
    const day = new Date(start);
    const nextMonth = Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1);
    const end = Math.min(to.getTime(), nextMonth);
    const hours = Math.ceil((end - start) / HOUR_MS);
    sum += Math.min(Math.max(hours, start === from.getTime() ? 1 : 0) * hourly, monthly);
    start = nextMonth;
  }
  return sum;
}

function netAt(
  prices: readonly { readonly location: string; readonly price_monthly: { readonly net: string } }[],
  location: string,
): number {
  return Number(prices.find((price) => price.location === location)?.price_monthly.net ?? 0);
}

function ofMachine(monthly: number): Price {
  return { monthly, hourly: monthly / HOURS_PER_MONTH };
}

/** Volumes and images, too: no hourly price of theirs is told. */
function ofAddress(monthly: number): Price {
  return { monthly, hourly: monthly / HOURS_OF_ADDRESSES };
}

function isPriced(kind: Kind): kind is PricedKind {
  return (PRICED as readonly Kind[]).includes(kind);
}
