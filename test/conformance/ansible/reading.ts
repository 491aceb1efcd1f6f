import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Json } from './same.ts';

/**
 * The API for those who only read it, at an endpoint of its own for each task. A task in check mode gets nothing past
 * it that would change anything, and what a module tells can be held against the answers that it was given.
 */
export class Reading {
  readonly #endpoint: string;
  readonly #answers = new Map<string, Json[]>();
  readonly #server: Server;

  private constructor(endpoint: string) {
    this.#endpoint = endpoint;
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        refuse(response, 502, 'unavailable', String(error));
      });
    });
  }

  /** @param endpoint of the API itself, ending with its version */
  static async listen(endpoint: string): Promise<Reading> {
    const reading = new Reading(endpoint);
    await new Promise<void>((resolve, reject) => {
      reading.#server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    return reading;
  }

  endpoint(task: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${task}`;
  }

  /** Bodies of all answers to a task, in their order. */
  answers(task: string): readonly Json[] {
    return this.#answers.get(task) ?? [];
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, task = '', path = ''] = /^\/([^/]+)(\/.*)$/.exec(request.url ?? '') ?? [];
    if (request.method !== 'GET') {
      refuse(response, 403, 'forbidden', `a task that may only read sent ${request.method} ${path}`);
      return;
    }
    const answer = await fetch(`${this.#endpoint}${path}`, {
      headers: { authorization: request.headers.authorization ?? '' },
    });
    const body = await answer.text();
    if (answer.ok) this.#answers.set(task, [...this.answers(task), JSON.parse(body) as Json]);
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    response.end(body);
  }
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error: { code, message, details: null } }));
}
