import { setTimeout as sleep } from 'node:timers/promises';

/** How long the provider waits between tries, and for how long it tries at all. */
export interface Patience {
  /** Multiplies every wait before another try; 1 is the official provider's pace. */
  readonly pace: number;
  /** Bounds every operation, in milliseconds; absent: by resource, see `boundMs`. */
  readonly boundMs?: number;
}

const MINUTE_MS = 60_000;
/** Source: https://developer.hashicorp.com/terraform/plugin/sdkv2/resources/retries-and-customizable-timeouts */
const BOUND_MS = 20 * MINUTE_MS;
/** Source: https://github.com/hetznercloud/terraform-provider-hcloud/blob/main/internal/server/resource.go */
const SERVER_CREATION_MS = 90 * MINUTE_MS;

/** How long an operation may take where the program gives it no `customTimeouts`. */
export function boundMs(patience: Patience, resource: string, operation: string): number {
  if (patience.boundMs !== undefined) return patience.boundMs;
  return resource === 'server' && operation === 'create' ? SERVER_CREATION_MS : BOUND_MS;
}

const SECOND_MS = 1000;
const LONGEST_WAIT_MS = MINUTE_MS;

/**
 * Milliseconds before a refused request is sent again: doubled each time, with full jitter above the first second.
 * Source: https://github.com/hetznercloud/hcloud-go/blob/main/hcloud/client.go (`retryBackoffFunc`)
 * @param retries how often it was sent again already
 */
export function requestBackoffMs({ pace }: Patience, retries: number): number {
  const most = Math.min(LONGEST_WAIT_MS, SECOND_MS * 2 ** retries);
  return pace * (SECOND_MS + (most - SECOND_MS) * Math.random());
}

/** The provider's own tries around some calls. Source: terraform-provider-hcloud, internal/util/control/retry.go */
export const TRIES = 5;

/**
 * Tries until it succeeds, or fails for another reason, or has been tried often enough.
 * @param again whether the error is worth another try
 * @throws the last error
 */
export async function persistently<T>(
  patience: Patience,
  tries: number,
  again: (error: unknown) => boolean,
  attempt: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await attempt();
    } catch (error) {
      if (tried === tries || !again(error)) throw error;
      const wait = Math.min(LONGEST_WAIT_MS, SECOND_MS * 2 ** (tried - 1));
      await sleep(patience.pace * wait, undefined, { ...(signal ? { signal } : {}) }).catch(() => {
        throw error;
      });
    }
  }
}
