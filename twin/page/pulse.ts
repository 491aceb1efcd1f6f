import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { RequestLog } from '../api/request-log.ts';
import { fault } from '../errors.ts';
import type { Project } from '../project.ts';

/** Changes within this time are one; more than four pictures a second help nobody. */
const PAUSE_MS = 250;
/** Keeps a connection from being taken for dead. */
const SIGN_OF_LIFE_MS = 15_000;
/** Open pages at once. */
const MOST_STREAMS = 32;

/** Tells open pages that something changed, by server-sent events; what it is they ask for themselves. */
export class Pulse {
  readonly #streams = new Set<ServerResponse>();
  #awaited: NodeJS.Timeout | undefined;
  #signs: NodeJS.Timeout | undefined;

  constructor({ store, faults, rules }: Project, log: RequestLog) {
    const beat = (): void => this.#beat();
    store.watch(beat);
    faults.onChange(beat);
    rules.onChange(beat);
    log.onAdd(beat);
  }

  /** @throws ApiFault when too many are open */
  open(reply: FastifyReply): FastifyReply {
    if (this.#streams.size >= MOST_STREAMS)
      throw fault.other(503, 'unavailable', `${MOST_STREAMS} pages are open: close one and load this again`);
    const stream = reply.hijack().raw;
    stream.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream',
    });
    stream.write('retry: 1000\n\n');
    this.#streams.add(stream);
    this.#signs ??= setInterval(() => this.#write(': \n\n'), SIGN_OF_LIFE_MS).unref();
    stream.on('close', () => this.#streams.delete(stream));
    return reply;
  }

  async end(): Promise<void> {
    clearTimeout(this.#awaited);
    clearInterval(this.#signs);
    for (const stream of this.#streams) stream.end();
  }

  #beat(): void {
    if (this.#streams.size === 0 || this.#awaited !== undefined) return;
    this.#awaited = setTimeout(() => {
      this.#awaited = undefined;
      this.#write('event: changed\ndata: \n\n');
    }, PAUSE_MS).unref();
  }

  /** Whoever does not read is let go: nothing is kept for them. */
  #write(text: string): void {
    for (const stream of this.#streams) {
      if (stream.writableNeedDrain) stream.destroy();
      else stream.write(text);
    }
  }
}
