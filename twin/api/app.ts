import { randomBytes, timingSafeEqual } from 'node:crypto';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { ApiFault, fault } from '../errors.ts';
import { FAULTS, type FaultKind, type FaultName } from '../faults/index.ts';
import { type PageOptions, pageRoutes } from '../page/index.ts';
import type { Project } from '../project.ts';
import { catalogueRoutes } from './catalogue.ts';
import { certificateRoutes } from './certificates.ts';
import { controlRoutes } from './control.ts';
import { datacenterRoutes } from './datacenters.ts';
import { firewallRoutes } from './firewalls.ts';
import { floatingIpRoutes } from './floating-ips.ts';
import { imageRoutes } from './images.ts';
import { placementGroupRoutes, sshKeyRoutes } from './keys-and-groups.ts';
import { knownPaths } from './known-paths.ts';
import { loadBalancerRoutes } from './load-balancers.ts';
import { networkRoutes } from './networks.ts';
import { primaryIpRoutes } from './primary-ips.ts';
import { RateLimit } from './rate-limit.ts';
import { RequestLog } from './request-log.ts';
import { serverRoutes } from './servers.ts';
import { spoil } from './spoiled-answers.ts';
import { storageBoxRoutes } from './storage-boxes.ts';
import { volumeRoutes } from './volumes.ts';
import { zoneRoutes } from './zones.ts';

const LARGEST_BODY = 1024 * 1024;
const SLOWEST_REQUEST_MS = 10_000;
const PREFIX = '/v1';

export interface AppOptions {
  readonly project: Project;
  readonly token: string;
  readonly page: PageOptions;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The armed fault that struck this request. */
    struck?: FaultName;
  }
  interface FastifyContextConfig {
    /** Answers without the project's token. */
    open?: boolean;
  }
}

/** The HTTP API of one project under `/v1`, the twin's own paths under `/twin`, and its page at `/`. */
export function createApp({ project, token, page }: AppOptions): FastifyInstance {
  const app = Fastify({
    bodyLimit: LARGEST_BODY,
    requestTimeout: SLOWEST_REQUEST_MS,
    // Node looks for requests that are too slow twice a minute otherwise.
    http: { headersTimeout: SLOWEST_REQUEST_MS, connectionsCheckingInterval: 1000 },
    routerOptions: { maxParamLength: 256 },
  });
  const isKnown = knownPaths(app);
  const log = new RequestLog();
  const bucket = new RateLimit(project.rules);
  const expected = Buffer.from(`Bearer ${token}`);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-correlation-id', randomBytes(16).toString('hex'));
    if (request.routeOptions.config?.open) return;
    const given = Buffer.from(request.headers.authorization ?? '');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw new ApiFault(401, 'unauthorized', 'unable to authenticate');
    }
    if (!request.url.startsWith(PREFIX)) return;
    const { headers, exceeded } = bucket.count();
    reply.headers(headers);
    if (exceeded) throw refusal('rate_limit_exceeded');
    strike(project, request);
  });
  app.addHook('onSend', async (request, reply, body) => {
    const { struck } = request;
    const spoils = struck !== undefined && FAULTS[struck].stage === 'answer' && typeof body === 'string';
    return spoils ? spoil(struck, reply, body) : body;
  });
  app.addHook('onResponse', async (request, reply) => {
    if (request.url.startsWith(PREFIX)) log.add(answered(request, reply));
  });
  app.setNotFoundHandler((request) => {
    const wanted = `${request.method} ${pathOf(request)}`;
    throw isKnown(pathOf(request))
      ? fault.other(405, 'method_not_allowed', `${wanted}: the path takes other methods`)
      : fault.other(404, 'not_found', `${wanted} is not an endpoint of this local Hetzner`);
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
  controlRoutes(app, project, log);
  app.register(async (pages) => pageRoutes(pages, project, log, page));
  app.register(
    async (v1) => {
      catalogueRoutes(v1, project);
      datacenterRoutes(v1, project);
      imageRoutes(v1, project);
      sshKeyRoutes(v1, project);
      placementGroupRoutes(v1, project);
      networkRoutes(v1, project);
      firewallRoutes(v1, project);
      primaryIpRoutes(v1, project);
      floatingIpRoutes(v1, project);
      volumeRoutes(v1, project);
      serverRoutes(v1, project);
      loadBalancerRoutes(v1, project);
      certificateRoutes(v1, project);
      zoneRoutes(v1, project);
      storageBoxRoutes(v1);
    },
    { prefix: PREFIX },
  );
  return app;
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?')[0] ?? '';
}

/** Lets an armed fault or the storm strike. @throws ApiFault when it refuses the request */
function strike({ faults }: Project, request: FastifyRequest): void {
  const subject = `${request.method} ${pathOf(request).slice(PREFIX.length)}`;
  const struck = faults.take('request', subject) ?? faults.take('answer', subject) ?? faults.draw(subject);
  if (struck === undefined) return;
  request.struck = struck;
  const { stage } = FAULTS[struck];
  if (stage === 'request') throw refusal(struck);
  if (stage === 'action' && request.method !== 'GET') faults.arm(struck);
}

function refusal(name: FaultName): ApiFault {
  const { status = 500, code = name, what }: FaultKind = FAULTS[name];
  return new ApiFault(status, code, what);
}

function answered(request: FastifyRequest, reply: FastifyReply) {
  return {
    at: new Date().toISOString(),
    method: request.method,
    path: request.url.slice(PREFIX.length),
    status: reply.statusCode,
    ms: Math.round(reply.elapsedTime * 10) / 10,
    ...(request.struck === undefined ? {} : { fault: request.struck }),
  };
}

function asFault(error: unknown): ApiFault {
  if (error instanceof ApiFault) return error;
  const status = (error as { statusCode?: number }).statusCode;
  const message = error instanceof Error ? error.message : String(error);
  if (status === 413) return new ApiFault(413, 'invalid_input', 'the body is larger than 1 MiB');
  if (status !== undefined && status < 500) return new ApiFault(status, 'invalid_input', message);
  return new ApiFault(500, 'server_error', message);
}
