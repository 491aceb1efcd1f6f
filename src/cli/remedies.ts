/** What a remedy may speak of. */
export interface Trouble {
  /** In words of the field: `server`, `volume attachment`. */
  readonly kind: string;
  readonly name: string;
  readonly stack: string;
  /** As in `inputs` of the resource; `it` where there is none. */
  readonly serverType: string;
  readonly location: string;
}

const CONSOLE = 'https://console.hetzner.com';
const STATUS_PAGE = 'https://status.hetzner.com';

/**
 * What to do, by what Hetzner said: its error code, or one of our own words for what comes without a code.
 * Source of the codes: https://docs.hetzner.cloud/reference/cloud#errors
 */
const REMEDIES: Readonly<Record<string, (trouble: Trouble) => string>> = {
  resource_unavailable: ({ serverType, location, stack }) =>
    `${location} has no ${serverType} left: give it another location or serverType in Pulumi.${stack}.yaml, or wait and run again.`,
  no_space_left_in_location: ({ location, stack }) =>
    `${location} has no room for volumes: give its pool another location in Pulumi.${stack}.yaml, or wait and run again.`,
  placement_error: ({ stack }) =>
    `No host is free that its placement group allows: run again later, or spread the pool over more locations in Pulumi.${stack}.yaml.`,
  placement_group_member_limit_reached: () =>
    `Its placement group is full, though the plan divides a pool into groups that fit: see who else is in it at ${CONSOLE}, take that out, and run again.`,
  resource_limit_exceeded: ({ kind, stack }) =>
    `The project may have no more of its kind: ask for a higher limit of ${kind}s at ${CONSOLE} (Limits, request change), or ask for fewer in Pulumi.${stack}.yaml.`,
  uniqueness_error: ({ kind, name, stack }) =>
    `A ${kind} with the name or key of ${name} is in the project already and in no state. If it is a left-over, delete it at ${CONSOLE}; if it is to stay, adopt it: ./bin/groundup -s ${stack} pulumi import. If another state knows it, set PULUMI_BACKEND_URL to that.`,
  locked: ({ kind }) => `Another action holds the ${kind}: run again when that has ended.`,
  resource_locked: ({ kind }) =>
    `Hetzner has locked the ${kind}: only its support can tell why (${CONSOLE}).`,
  conflict: () => 'It was changed by someone else at the same moment: run again.',
  rate_limit_exceeded: () =>
    'The project has used up its requests (3600 an hour): wait some minutes, and see which other programs use the token.',
  protected: ({ kind, stack }) =>
    `The ${kind} is protected against deletion: set groundup:protect to false in Pulumi.${stack}.yaml and run twice, if it really is to go.`,
  server_error: () => `An error within Hetzner's API: run again, and if it stays see ${STATUS_PAGE}.`,
  unknown_error: () => `An error within Hetzner's API: run again, and if it stays see ${STATUS_PAGE}.`,
  service_error: () =>
    `Hetzner could not do it as things are now; what it said names the reason. Mend that, or run again later.`,
  unavailable: () => `Hetzner's API is down: see ${STATUS_PAGE} and run again later.`,
  maintenance: () => `Hetzner works on it just now: see ${STATUS_PAGE} and run again later.`,
  bad_gateway: () => `Hetzner's API did not answer in time: run again, and if it stays see ${STATUS_PAGE}.`,
  timeout: () => `Hetzner's API did not answer in time: run again, and if it stays see ${STATUS_PAGE}.`,
  action_failed: ({ kind }) =>
    `Hetzner began it and could not end it: run again, and the ${kind} is made or changed anew; if it stays, ask Hetzner's support.`,
  action_never_ended: ({ kind }) =>
    `Hetzner began it and has not ended it: see the ${kind} and its actions at ${CONSOLE}, and run again when they have ended; if they stay, ask Hetzner's support.`,
  no_answer: () =>
    `Nothing came back, so nobody knows whether it was done: check the network and ${STATUS_PAGE}, then run again; what is left is found and put in order.`,
  half_an_answer: () =>
    'Only part of the answer came, so its end is unknown: run again; what is left is found and put in order.',
  invalid_input: ({ stack }) =>
    `Hetzner does not take what Pulumi.${stack}.yaml asks for; what it said names the field. Correct it and run again.`,
  invalid_server_type: ({ serverType, stack }) =>
    `${serverType} does not fit or is no longer sold: choose another serverType in Pulumi.${stack}.yaml.`,
  ip_not_available: ({ stack }) =>
    `Its private address is taken by something else in the network: free it, or give the pool another number in Pulumi.${stack}.yaml.`,
  unauthorized: () =>
    'The token is refused: check HCLOUD_TOKEN, it belongs to one project and can be revoked.',
  token_readonly: () =>
    `The token may only read: make one that reads and writes at ${CONSOLE} and set HCLOUD_TOKEN.`,
  forbidden: () =>
    `The token may not do that: make one that reads and writes at ${CONSOLE} and set HCLOUD_TOKEN.`,
  not_found: () =>
    'Something that it needs was deleted by hand: run `./bin/groundup pulumi refresh`, then run again.',
};

/** Messages without a code of Hetzner's, by what they say. */
const WITHOUT_CODE: readonly (readonly [RegExp, keyof typeof REMEDIES])[] = [
  [/context deadline exceeded|Timeout while waiting on action/, 'action_never_ended'],
  [/unexpected EOF|terminated|aborted|Unexpected end of JSON/i, 'half_an_answer'],
  [/no answer from|connection re(set|fused)|EOF|no such host|i\/o timeout/i, 'no_answer'],
  [/status code 5\d\d/, 'unavailable'],
];

/** Hetzner's error code in what a provider said: `message (code, correlation id)`, or `Error code: code`. */
export function errorCode(reason: string): string | undefined {
  const codes = [...reason.matchAll(/\(([a-z_]{4,})(?:, [^()]*)?\)|Error code: ([a-z_]+)/g)];
  const known = codes
    .map(([, short, long]) => short ?? long ?? '')
    .find((code) => Object.hasOwn(REMEDIES, code));
  return known ?? WITHOUT_CODE.find(([pattern]) => pattern.test(reason))?.[1];
}

/** One sentence or two; absent where nothing better is known than what was said. */
export function remedy(reason: string, trouble: Trouble): string | undefined {
  const code = errorCode(reason);
  return code === undefined ? undefined : REMEDIES[code]?.(trouble);
}
