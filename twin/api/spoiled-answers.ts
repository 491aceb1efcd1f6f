import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import type { FaultName } from '../faults/index.ts';

const SLOW_MS = 5000;
const SLOW_PIECES = 20;

/**
 * Spoils an answer whose request has been done already.
 * @returns what is sent instead of `body`
 */
export function spoil(fault: FaultName, reply: FastifyReply, body: string): string | Readable {
  if (fault === 'dropped_reply') {
    reply.raw.socket?.destroy();
    return body;
  }
  const length = Buffer.byteLength(body);
  if (fault === 'slow_body') {
    reply.header('content-length', length);
    return Readable.from(slowly(Buffer.from(body)));
  }
  // The length promises everything, and the connection ends in the middle.
  reply.header('content-length', length);
  return Readable.from(half(reply, Buffer.from(body)));
}

async function* slowly(body: Buffer): AsyncGenerator<Buffer> {
  const size = Math.max(1, Math.ceil(body.length / SLOW_PIECES));
  for (let start = 0; start < body.length; start += size) {
    await sleep(SLOW_MS / SLOW_PIECES);
    yield body.subarray(start, start + size);
  }
}

async function* half(reply: FastifyReply, body: Buffer): AsyncGenerator<Buffer> {
  yield body.subarray(0, Math.floor(body.length / 2));
  await sleep(20);
  reply.raw.socket?.destroy();
}
