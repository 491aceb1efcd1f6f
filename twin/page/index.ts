import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { RequestLog } from '../api/request-log.ts';
import { fault, TwinError } from '../errors.ts';
import type { Project } from '../project.ts';
import { documentOf, type PageOptions } from './document.ts';
import { Pulse } from './pulse.ts';

export type { PageOptions } from './document.ts';

/** Nothing on the page comes from elsewhere, and nothing in a name can become a script. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
} as const;

/** This computer's names for itself. A foreign site whose name leads here does not get an answer. */
const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

const FILES = {
  '/page/style.css': ['text/css', new URL('style.css', import.meta.url)],
  '/page/live.js': ['text/javascript', new URL('live.js', import.meta.url)],
  '/page/icon.svg': ['image/svg+xml', new URL('icon.svg', import.meta.url)],
  '/page/idiomorph.js': ['text/javascript', new URL(import.meta.resolve('idiomorph'))],
} as const;

const OPEN = { config: { open: true } } as const;

const pressed = z.object({ key: z.string(), id: z.string().optional() });
const armed = z.object({
  key: z.string(),
  name: z.string(),
  times: z.string().default('always'),
  on: z.string().trim().default(''),
});
const storm = z.object({ key: z.string(), seed: z.coerce.number(), share: z.coerce.number() });

/**
 * The page at the twin's address. It shows what the API knows but no secrets, so it asks for no token; its switches work
 * only from the page itself, by a key that no other site can read.
 */
export function pageRoutes(
  app: FastifyInstance,
  project: Project,
  log: RequestLog,
  options: PageOptions,
): void {
  const key = randomBytes(24).toString('base64url');
  const pulse = new Pulse(project, log);
  const { faults } = project;
  const show = (reply: FastifyReply, mistake?: string) =>
    reply.type('text/html; charset=utf-8').send(documentOf(project, log, options, key, mistake));

  app.addHook('onRequest', async (request, reply) => {
    reply.headers(HEADERS);
    if (!LOOPBACK.test(request.headers.host ?? ''))
      throw fault.other(403, 'forbidden', 'the page answers at 127.0.0.1 and localhost only');
  });
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, text, done) => done(null, Object.fromEntries(new URLSearchParams(String(text)))),
  );
  app.addHook('preClose', () => pulse.end());

  app.get('/', OPEN, (_request, reply) => show(reply));
  app.get('/page/live', OPEN, (_request, reply) => pulse.open(reply));
  for (const [path, [type, url]] of Object.entries(FILES)) {
    const text = readFileSync(fileURLToPath(url), 'utf8');
    app.get(path, OPEN, (_request, reply) => reply.type(`${type}; charset=utf-8`).send(text));
  }

  /** What a form does, then the page again; its mistake is told on the page. */
  const form = <T extends { readonly key: string }>(
    path: string,
    shape: z.ZodType<T>,
    work: (fields: T) => void,
  ) =>
    app.post(path, OPEN, (request, reply) => {
      requireOwn(request, key);
      try {
        const { data, error } = shape.safeParse(request.body);
        if (error) throw new TwinError(z.prettifyError(error));
        work(data);
      } catch (error) {
        if (!(error instanceof TwinError)) throw error;
        return show(reply.code(422), error.message);
      }
      return reply.redirect('/#faults', 303);
    });
  form('/page/faults', armed, ({ name, times, on }) => {
    faults.arm(name, times === 'always' ? null : Number(times), on === '' ? undefined : on);
  });
  form('/page/faults/clear', pressed, ({ id }) => faults.disarm(id === undefined ? undefined : Number(id)));
  form('/page/storm', storm, ({ seed, share }) => faults.startStorm(seed, share, []));
}

/** @throws ApiFault when the form is not one that this page made */
function requireOwn(request: FastifyRequest, key: string): void {
  const { origin, host } = request.headers;
  const given = (request.body as { key?: unknown } | null)?.key;
  if (given === key && (origin === undefined || origin === `http://${host}`)) return;
  throw fault.other(403, 'forbidden', 'the form is not of this page, or of before a restart: load it again');
}
