import { randomBytes, timingSafeEqual } from 'node:crypto';
import Fastify, { type FastifyInstance } from 'fastify';
import { ApiFault, fault } from '../errors.ts';
import type { Project } from '../project.ts';
import { catalogueRoutes } from './catalogue.ts';
import { firewallRoutes } from './firewalls.ts';
import { placementGroupRoutes, sshKeyRoutes } from './keys-and-groups.ts';
import { networkRoutes } from './networks.ts';
import { floatingIpRoutes, primaryIpRoutes } from './public-addresses.ts';
import { serverRoutes } from './servers.ts';
import { volumeRoutes } from './volumes.ts';

const LARGEST_BODY = 1024 * 1024;
const SLOWEST_REQUEST_MS = 10_000;
/** Hetzner allows so many requests per hour and project; here the number is told, not enforced. */
const RATE_LIMIT = 3600;

export interface AppOptions {
  readonly project: Project;
  readonly token: string;
  /** Every request that is not a GET, for counting. */
  readonly onRequest?: (method: string) => void;
}

/** The HTTP API of one project under `/v1`. */
export function createApp({ project, token, onRequest }: AppOptions): FastifyInstance {
  const app = Fastify({
    bodyLimit: LARGEST_BODY,
    requestTimeout: SLOWEST_REQUEST_MS,
    routerOptions: { maxParamLength: 64 },
  });
  const expected = Buffer.from(`Bearer ${token}`);
  app.addHook('onRequest', async (request, reply) => {
    onRequest?.(request.method);
    reply.header('x-correlation-id', randomBytes(8).toString('hex'));
    reply.header('ratelimit-limit', RATE_LIMIT);
    reply.header('ratelimit-remaining', RATE_LIMIT - 1);
    reply.header('ratelimit-reset', Math.floor(Date.now() / 1000) + 1);
    const given = Buffer.from(request.headers.authorization ?? '');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw new ApiFault(401, 'unauthorized', 'unable to authenticate');
    }
  });
  app.setNotFoundHandler((request) => {
    throw fault.other(
      404,
      'not_found',
      `${request.method} ${request.url.split('?')[0]} is not an endpoint of this local Hetzner`,
    );
  });
  app.setErrorHandler((error, _request, reply) => {
    const answer = asFault(error);
    return reply
      .code(answer.status)
      .send({ error: { code: answer.code, message: answer.message, details: answer.details } });
  });
  // A DELETE or an action without a body may still say that it is JSON.
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, text, done) => {
    try {
      done(null, text === '' ? {} : JSON.parse(String(text)));
    } catch {
      done(new ApiFault(400, 'json_error', 'the body is not JSON'));
    }
  });
  app.register(
    async (v1) => {
      catalogueRoutes(v1, project);
      sshKeyRoutes(v1, project);
      placementGroupRoutes(v1, project);
      networkRoutes(v1, project);
      firewallRoutes(v1, project);
      primaryIpRoutes(v1, project);
      floatingIpRoutes(v1, project);
      volumeRoutes(v1, project);
      serverRoutes(v1, project);
    },
    { prefix: '/v1' },
  );
  return app;
}

function asFault(error: unknown): ApiFault {
  if (error instanceof ApiFault) return error;
  const status = (error as { statusCode?: number }).statusCode;
  const message = error instanceof Error ? error.message : String(error);
  if (status === 413) return new ApiFault(413, 'invalid_input', 'the body is larger than 1 MiB');
  if (status !== undefined && status < 500) return new ApiFault(status, 'invalid_input', message);
  return new ApiFault(500, 'server_error', message);
}
