/** Where a fault strikes; see `FAULTS`. */
export type Stage = 'request' | 'answer' | 'action' | 'machine' | 'event' | 'place';

export interface FaultKind {
  readonly stage: Stage;
  readonly what: string;
  /** HTTP status of a refused request. */
  readonly status?: number;
  /** The code of a refused request, where it is not the fault's own name. */
  readonly code?: string;
  /** Requests that Hetzner may refuse in this way; absent: all. */
  readonly only?: RegExp;
}

/**
 * Every fault that can be armed. Stages: `request` refuses a request before anything is done; `answer` spoils the
 * answer after everything was done; `action` strikes an asynchronous action; `machine` a server at its next boot;
 * `event` happens at once; `place` lasts for as long as it is armed.
 */
export const FAULTS = {
  rate_limit_exceeded: { stage: 'request', status: 429, what: 'too many requests' },
  conflict: {
    stage: 'request',
    status: 409,
    what: 'the resource was changed while the request ran',
    only: /^(POST|PUT|DELETE) /,
  },
  locked: {
    stage: 'request',
    status: 423,
    what: 'another action holds the resource',
    only: /^(POST|PUT|DELETE) \/\w+\/\d/,
  },
  server_error: { stage: 'request', status: 500, what: "an error within Hetzner's API" },
  unavailable: { stage: 'request', status: 503, what: 'the API is down' },
  timeout: { stage: 'request', status: 504, what: 'the API took too long' },
  resource_unavailable: {
    stage: 'request',
    status: 412,
    what: 'nothing of the wanted type is left in the location',
    only: /^POST \/(servers|load_balancers|volumes|primary_ips|floating_ips)$/,
  },
  placement_error: {
    stage: 'request',
    status: 422,
    what: 'no host is left that the placement group allows',
    only: /^POST \/servers$/,
  },
  dropped_reply: { stage: 'answer', what: 'the request is done, and the connection ends without an answer' },
  truncated_body: { stage: 'answer', what: 'the answer ends in the middle' },
  slow_body: { stage: 'answer', what: 'the answer comes in small pieces over five seconds' },
  action_fails: { stage: 'action', what: 'an action ends with an error, and its change is undone' },
  action_never_ends: { stage: 'action', what: 'an action stays at 0 % for as long as this is armed' },
  no_network: { stage: 'machine', what: 'a server boots and none of its interfaces comes up' },
  no_metadata: { stage: 'machine', what: 'the metadata service does not know the server' },
  disk_full: { stage: 'machine', what: "a new server's disk has no byte left" },
  clock_skew: { stage: 'machine', what: "a server's clock is a day behind" },
  machine_crash: { stage: 'event', what: 'a server loses its power' },
  gateway_down: {
    stage: 'event',
    what: 'the server that the default route of a network names loses its power',
  },
  location_down: { stage: 'place', what: 'a location is gone with all its servers' },
  partition: { stage: 'place', what: 'two locations do not reach each other' },
} as const satisfies Record<string, FaultKind>;

export type FaultName = keyof typeof FAULTS;

export function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(FAULTS, name);
}
