import type { Rules } from '../rules/index.ts';

const HOUR_MS = 3_600_000;

/** Hetzner's bucket of requests: so many per hour, refilled evenly. Source: https://docs.hetzner.cloud/reference/cloud#rate-limiting */
export class RateLimit {
  readonly #rules: Rules;
  #used = 0;
  #since = Date.now();

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  /** Counts a request. Returns the three headers, and whether it is one too many. */
  count(): { readonly headers: Record<string, number>; readonly exceeded: boolean } {
    const limit = this.#rules.limit('requests_per_hour');
    const now = Date.now();
    this.#used = Math.max(0, this.#used - ((now - this.#since) / HOUR_MS) * limit);
    this.#since = now;
    const exceeded = this.#used + 1 > limit;
    if (!exceeded) this.#used += 1;
    const fullInMs = (this.#used / limit) * HOUR_MS;
    return {
      exceeded: exceeded && this.#rules.rateLimitEnforced,
      headers: {
        'ratelimit-limit': limit,
        'ratelimit-remaining': Math.floor(limit - this.#used),
        'ratelimit-reset': Math.ceil((now + fullInMs) / 1000),
      },
    };
  }
}
