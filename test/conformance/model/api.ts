import { setTimeout as sleep } from 'node:timers/promises';

export type Json = Readonly<Record<string, unknown>>;

export interface Answer {
  readonly status: number;
  /** Of an error. */
  readonly code?: string;
  readonly body: Json;
}

interface Action {
  readonly id: number;
  readonly status: string;
}

/** One client of the API that counts its calls, and never takes an error of the server for an answer. */
export class Api {
  readonly #endpoint: string;
  readonly #token: string;
  calls = 0;

  constructor(endpoint: string, token: string) {
    this.#endpoint = endpoint;
    this.#token = token;
  }

  /** @throws Error when the server is at fault, or says something that is no JSON */
  async call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<Answer> {
    this.calls += 1;
    const answer = await fetch(`${this.#endpoint}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await answer.text();
    if (answer.status >= 500)
      throw new Error(`${method} ${path} ${JSON.stringify(body)}: ${answer.status} ${text}`);
    const json = (text === '' ? {} : JSON.parse(text)) as Json;
    const code = (json['error'] as { code: string } | undefined)?.code;
    return { status: answer.status, body: json, ...(code === undefined ? {} : { code }) };
  }

  /** A write, with all that it starts brought to its end. @throws Error when some of that fails */
  async write(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<Answer> {
    const answer = await this.call(method, path, body);
    const { action, actions, next_actions: next } = answer.body as Partial<Record<string, Action | Action[]>>;
    for (const one of [action ?? [], actions ?? [], next ?? []].flat())
      await this.#end(one, `${method} ${path}`);
    return answer;
  }

  /** Everything of a kind, page by page. */
  async all<T>(plural: string, query = ''): Promise<T[]> {
    const found: T[] = [];
    for (let page: number | null = 1; page !== null; ) {
      const { body } = await this.call('GET', `/${plural}?per_page=50&page=${page}${query}`);
      found.push(...(body[plural] as T[]));
      page = (body['meta'] as { pagination: { next_page: number | null } }).pagination.next_page;
    }
    return found;
  }

  async #end({ id, status }: Action, what: string): Promise<void> {
    for (let now = status, round = 0; now !== 'success'; round++) {
      if (now === 'error') throw new Error(`an action of ${what} failed`);
      if (round > 500) throw new Error(`an action of ${what} does not end`);
      await sleep(2);
      const { body } = await this.call('GET', `/actions/${id}`);
      now = (body['action'] as Action).status;
    }
  }
}
