import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../errors.ts';
import { remedy } from './remedies.ts';

/** Codes and statuses that pass by themselves. Source: https://docs.hetzner.cloud/reference/cloud#errors */
const PASSING = ['conflict', 'locked', 'rate_limit_exceeded', 'timeout', 'unavailable', 'server_error'];
const TRIES = 5;
const FIRST_WAIT_MS = 200;
const ACTION_POLL_MS = 500;
const ACTION_PATIENCE_MS = 60_000;

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** By Hetzner's clock. */
  readonly date: Date;
}

interface RunningAction {
  readonly id: number;
  readonly status: string;
}

/** The few calls of Hetzner's API that this program makes itself; what changes a stack is Pulumi's. */
export class HetznerApi {
  readonly #endpoint: string;
  readonly #token: string;

  constructor(endpoint: string, token: string) {
    this.#endpoint = endpoint;
    this.#token = token;
  }

  /**
   * Hetzner's clock, in full seconds: one question that tells a refused token or a silent endpoint in one line,
   * instead of a plan that fails half-way.
   * @throws UserError
   */
  async clock(): Promise<Date> {
    return (await this.call('GET', '/locations?per_page=1'))?.date ?? new Date();
  }

  /**
   * Sends a request, again where that can help, and waits for the action that it starts.
   * @returns absent for 404
   * @throws UserError that names the request and what Hetzner said
   */
  async call(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<Answer | undefined> {
    for (let tried = 1; ; tried++) {
      const answer = await this.#once(method, path, body);
      if (answer && answer.status < 400) {
        await this.#settle(answer.body['action'] as RunningAction | undefined);
        return answer;
      }
      if (answer?.status === 404) return undefined;
      const { code = '', message = '' } = (answer?.body['error'] ?? {}) as {
        code?: string;
        message?: string;
      };
      if (answer?.status === 401)
        throw new UserError(
          `${this.#endpoint} refuses the token. Check HCLOUD_TOKEN: it belongs to one project and can be revoked.`,
        );
      const passing = answer === undefined || PASSING.includes(code) || (code === '' && answer.status >= 500);
      if (!passing || tried === TRIES)
        throw new UserError(
          answer
            ? withRemedy(
                `${this.#endpoint} answered ${method} ${path} with ${answer.status}: ${message} (${code})`,
              )
            : `${this.#endpoint} does not answer. If it is the local Hetzner, start it: ./bin/twin up. Otherwise check your network and https://status.hetzner.com.`,
        );
      await sleep(FIRST_WAIT_MS * 2 ** (tried - 1));
    }
  }

  async #once(method: string, path: string, body?: object): Promise<Answer | undefined> {
    try {
      const answer = await fetch(`${this.#endpoint}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${this.#token}`,
          ...(body ? { 'content-type': 'application/json' } : {}),
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      const text = await answer.text();
      return {
        status: answer.status,
        body: text === '' ? {} : (JSON.parse(text) as Answer['body']),
        date: new Date(answer.headers.get('date') ?? Date.now()),
      };
    } catch {
      // No answer, or half of one: the caller counts how often that may be.
      return undefined;
    }
  }

  async #settle(action: RunningAction | null | undefined): Promise<void> {
    let now = action;
    for (const deadline = Date.now() + ACTION_PATIENCE_MS; now?.status === 'running'; ) {
      if (Date.now() > deadline)
        throw new UserError(`Action ${now.id} at Hetzner still runs after a minute; run this again later.`);
      await sleep(ACTION_POLL_MS);
      now = (await this.call('GET', `/actions/${now.id}`))?.body['action'] as RunningAction | undefined;
    }
    if (now?.status === 'error') throw new UserError(`Action ${now.id} at Hetzner failed.`);
  }
}

function withRemedy(said: string): string {
  const advice = remedy(said, {
    kind: 'object',
    name: 'it',
    stack: '<stack>',
    serverType: 'it',
    location: 'the location',
  });
  return advice === undefined ? said : `${said}\n${advice}`;
}
