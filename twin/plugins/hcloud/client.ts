import { setTimeout as sleep } from 'node:timers/promises';

/** An object of Hetzner's API. */
export type Json = Readonly<Record<string, unknown>>;

export interface Action {
  readonly id: number;
  readonly status: 'running' | 'success' | 'error';
  readonly command: string;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** What the API refused, with its own code. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string, correlation: string) {
    super(`${message} (${code}${correlation ? `, correlation id ${correlation}` : ''})`);
    this.status = status;
    this.code = code;
  }
}

/** Codes that are worth a second try. Source: https://docs.hetzner.cloud/reference/cloud#errors */
const PASSING = ['conflict', 'rate_limit_exceeded', 'timeout', 'locked'];
const TRIES = 6;
const FIRST_WAIT_MS = 100;
const ACTIONS_PER_CALL = 50;

export interface ClientOptions {
  readonly endpoint: string;
  readonly token: string;
  readonly pollMs: number;
}

/** Talks to one endpoint of Hetzner Cloud's API; waits for actions in batches, so that many cost few calls. */
export class HcloudClient {
  readonly #options: ClientOptions;
  readonly #waiting = new Map<number, { resolve(action: Action): void; reject(error: unknown): void }>();
  #polling = false;

  constructor(options: ClientOptions) {
    this.#options = options;
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

  /** Waits for every action that an answer names. @throws ApiError when one fails */
  async settle(answer: Json): Promise<void> {
    const named = [answer['action'], answer['actions'], answer['next_actions']].flat() as (
      | Action
      | undefined
    )[];
    await Promise.all(
      named.filter((action) => action !== undefined && action !== null).map((action) => this.#wait(action)),
    );
  }

  async #wait(action: Action): Promise<void> {
    const ended = action.status === 'running' ? await this.#end(action.id) : action;
    if (ended.status === 'error') {
      throw new ApiError(
        0,
        ended.error?.code ?? 'action_failed',
        `${ended.command} failed: ${ended.error?.message ?? ''}`,
        '',
      );
    }
  }

  #end(id: number): Promise<Action> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      if (!this.#polling) void this.#poll();
    });
  }

  async #poll(): Promise<void> {
    this.#polling = true;
    try {
      while (this.#waiting.size > 0) {
        await sleep(this.#options.pollMs);
        const ids = [...this.#waiting.keys()].slice(0, ACTIONS_PER_CALL);
        const answer = await this.get(
          `/actions?per_page=${ACTIONS_PER_CALL}&${ids.map((id) => `id=${id}`).join('&')}`,
        );
        for (const action of answer['actions'] as Action[]) {
          if (action.status === 'running') continue;
          this.#waiting.get(action.id)?.resolve(action);
          this.#waiting.delete(action.id);
        }
      }
    } catch (error) {
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
    } finally {
      this.#polling = false;
    }
  }

  async #call(method: string, path: string, body?: Json): Promise<Json> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(method, path, body);
      } catch (error) {
        const passing = error instanceof ApiError ? PASSING.includes(error.code) : method === 'GET';
        if (!passing || attempt === TRIES) throw error;
        await sleep(FIRST_WAIT_MS * 2 ** (attempt - 1));
      }
    }
  }

  async #once(method: string, path: string, body?: Json): Promise<Json> {
    const answer = await fetch(`${this.#options.endpoint}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#options.token}`,
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    }).catch((error: unknown) => {
      const cause =
        error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
      throw new Error(
        `${this.#options.endpoint} does not answer: ${cause}. Is the local Hetzner running? ./bin/twin status`,
      );
    });
    const text = await answer.text();
    const json = text === '' ? {} : (JSON.parse(text) as Json);
    if (answer.ok) return json;
    const error = (json['error'] ?? {}) as { code?: string; message?: string };
    const correlation = answer.headers.get('x-correlation-id') ?? '';
    throw new ApiError(
      answer.status,
      error.code ?? String(answer.status),
      `${method} ${path.split('?')[0]}: ${error.message ?? ''}`,
      correlation,
    );
  }
}
