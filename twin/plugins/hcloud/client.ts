import { setTimeout as sleep } from 'node:timers/promises';
import { ActionError, ApiError, ConnectionError, isPassing } from './errors.ts';
import { type Patience, persistently, requestBackoffMs } from './patience.ts';

/** An object of Hetzner's API. */
export type Json = Readonly<Record<string, unknown>>;

export interface Action {
  readonly id: number;
  readonly status: 'running' | 'success' | 'error';
  readonly command: string;
  readonly progress: number;
  readonly resources: readonly { readonly type: string; readonly id: number }[];
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** Source of both: hcloud-go, hcloud/client.go and hcloud/action_waiter.go */
const MOST_RETRIES = 5;
const ACTIONS_PER_CALL = 25;
const LONGEST_POLL_MS = 60_000;

export interface ClientOptions {
  readonly endpoint: string;
  readonly token: string;
  readonly pollMs: number;
  /** Whether the time between two looks at an action doubles; else it stays. */
  readonly pollDoubles: boolean;
  readonly patience: Patience;
}

/** Talks to one endpoint of Hetzner Cloud's API, with the retries and waits of hcloud-go. */
export class HcloudClient {
  readonly options: ClientOptions;
  readonly #signal: AbortSignal | undefined;

  /** @param signal ends requests and waits */
  constructor(options: ClientOptions, signal?: AbortSignal) {
    this.options = options;
    this.#signal = signal;
  }

  /** The same client for one operation that ends with the signal. */
  until(signal: AbortSignal): HcloudClient {
    return new HcloudClient(this.options, signal);
  }

  get = (path: string): Promise<Json> => this.#call('GET', path);
  post = (path: string, body: Json = {}): Promise<Json> => this.#call('POST', path, body);
  put = (path: string, body: Json): Promise<Json> => this.#call('PUT', path, body);
  delete = (path: string): Promise<Json> => this.#call('DELETE', path);

  /** The object, or `undefined` when the API answers 404. */
  async find(path: string): Promise<Json | undefined> {
    return this.get(path).catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    });
  }

  /** Deletes and waits; what is gone already is as good as deleted. */
  async remove(path: string): Promise<void> {
    const answer = await this.delete(path).catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 404) return {};
      throw error;
    });
    await this.settle(answer);
  }

  /** Posts an action and waits for its end. */
  async act(path: string, body: Json = {}): Promise<void> {
    await this.settle(await this.post(path, body));
  }

  /** Tries something again as `persistently` says, with this client's patience. */
  persist<T>(tries: number, again: (error: unknown) => boolean, attempt: () => Promise<T>): Promise<T> {
    return persistently(this.options.patience, tries, again, attempt, this.#signal);
  }

  /**
   * Waits for every action that an answer names.
   * @throws ActionError when one fails
   * @throws Error when one has not ended when the client's signal says so
   */
  async settle(answer: Json): Promise<void> {
    let running = ([answer['action'], answer['actions'], answer['next_actions']].flat() as (Action | null)[])
      .filter((action) => action !== undefined && action !== null)
      .filter(unfinished);
    for (let looks = 0; running.length > 0; looks++) {
      const overdue = this.#overdue(running);
      await this.#sleep(this.#pollMs(looks)).catch(overdue);
      const updates: Action[] = [];
      for (let start = 0; start < running.length; start += ACTIONS_PER_CALL) {
        const ids = running.slice(start, start + ACTIONS_PER_CALL).map(({ id }) => `id=${id}`);
        const page = await this.get(`/actions?${ids.join('&')}&page=1&sort=status&sort=id`).catch(overdue);
        updates.push(...(page['actions'] as Action[]));
      }
      const lost = running.filter(({ id }) => !updates.some((update) => update.id === id));
      if (lost.length > 0) throw new Error(`actions not found: ${lost.map(({ id }) => id).join(', ')}`);
      running = updates.filter(unfinished);
    }
  }

  #pollMs(looks: number): number {
    const { pollMs, pollDoubles } = this.options;
    return pollDoubles ? Math.min(LONGEST_POLL_MS, pollMs * 2 ** looks) : pollMs;
  }

  /** What ends a wait for actions: it names them when the time is over, whatever was being done just then. */
  #overdue(running: readonly Action[]): (error: unknown) => never {
    return (error) => {
      if (!this.#signal?.aborted) throw error;
      const names = running.map(
        ({ id, command, progress, resources }) =>
          `${command} (action ${id}, ${progress} %) of ${resources.map((on) => `${on.type} ${on.id}`).join(', ')}`,
      );
      throw new Error(`${ended(this.#signal)}, and still running: ${names.join('; ')}`);
    };
  }

  #sleep(ms: number): Promise<void> {
    return sleep(ms, undefined, { ...(this.#signal ? { signal: this.#signal } : {}) });
  }

  async #call(method: string, path: string, body?: Json): Promise<Json> {
    for (let retries = 0; ; retries++) {
      try {
        return await this.#replayed(method, path, body);
      } catch (error) {
        if (retries === MOST_RETRIES || !isPassing(error)) throw error;
        await this.#sleep(requestBackoffMs(this.options.patience, retries)).catch(() => {
          throw error;
        });
      }
    }
  }

  /** Go's HTTP transport sends a GET again, once, when a kept connection ends before the answer begins. */
  async #replayed(method: string, path: string, body?: Json): Promise<Json> {
    try {
      return await this.#once(method, path, body);
    } catch (error) {
      if (method !== 'GET' || !(error instanceof ConnectionError && error.unanswered)) throw error;
      return this.#once(method, path, body);
    }
  }

  async #once(method: string, path: string, body?: Json): Promise<Json> {
    const { endpoint, token } = this.options;
    const request = `${method} ${path.split('?')[0]}`;
    const lost = (begun: boolean) => (error: unknown) => {
      throw this.#signal?.aborted
        ? new Error(`${request}: ${ended(this.#signal)}`)
        : new ConnectionError(request, endpoint, error, begun);
    };
    const answer = await fetch(`${endpoint}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
      ...(this.#signal ? { signal: this.#signal } : {}),
    }).catch(lost(false));
    const text = await answer.text().catch(lost(true));
    const json = parsed(text);
    if (answer.ok && json) return json;
    const { code = '', message = '' } = (json?.['error'] ?? {}) as { code?: string; message?: string };
    const correlation = answer.headers.get('x-correlation-id') ?? '';
    throw new ApiError(answer.status, code, `${request}: ${message}`, correlation);
  }
}

/** @throws ActionError for one that failed */
function unfinished({ id, command, status, error }: Action): boolean {
  if (status === 'error')
    throw new ActionError(command, id, error?.code ?? 'action_failed', error?.message ?? '');
  return status === 'running';
}

function ended(signal: AbortSignal | undefined): string {
  const reason = signal?.reason as unknown;
  return reason instanceof Error && reason.name === 'TimeoutError'
    ? 'context deadline exceeded'
    : 'context canceled';
}

function parsed(text: string): Json | undefined {
  try {
    return text === '' ? {} : (JSON.parse(text) as Json);
  } catch {
    return undefined;
  }
}
