import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { fault } from '../errors.ts';
import type { Action } from '../model.ts';
import type { Project } from '../project.ts';
import { labelSelector } from './label-selector.ts';
import { paged, type Query, values } from './paging.ts';

export { labelSelector } from './label-selector.ts';

/** One kind of resource as it is listed and shown. */
export interface Listing<T extends { readonly id: number }> {
  /** Path and key of the list: `servers`. */
  readonly plural: string;
  readonly singular: string;
  /** What an error calls it. */
  readonly noun: string;
  all(): readonly T[];
  /** By the text of a path; absent: by its id among all. */
  find?(id: string): T | undefined;
  /** The object's JSON; rendered once for as long as the object and what it depends on stay the same. */
  render(object: T): unknown;
  /** Other objects whose change changes the JSON too. */
  dependsOn?(object: T): readonly unknown[];
  /** Query parameters that select by an equal property. */
  readonly filters?: readonly (keyof T & string)[];
  /** Query parameters that select by something else than a property. */
  readonly tests?: Readonly<Record<string, (object: T, value: string) => boolean>>;
  /** Properties to sort by besides `id`, `name` and `created`. */
  readonly sorts?: readonly (keyof T & string)[];
  /** The order of a list that asks for none; absent: by id. */
  readonly order?: (a: T, b: T) => number;
  /** Most entries of a page; 50 when left out. */
  readonly largestPage?: number;
  /** Type of the resource in actions; absent where there are none. */
  readonly actionsOf?: string;
}

const rendered = new WeakMap<object, { readonly text: string; readonly others: readonly unknown[] }>();

function renderText<T extends { readonly id: number }>(listing: Listing<T>, object: T): string {
  const known = rendered.get(object);
  const others = listing.dependsOn?.(object) ?? [];
  const fresh =
    known?.others.length === others.length && known.others.every((other, i) => other === others[i]);
  if (known && fresh) return known.text;
  const text = JSON.stringify(listing.render(object));
  rendered.set(object, { text, others });
  return text;
}

/**
 * `GET /things` with filters, label selector, sorting and pages, `GET /things/{id}`, and where it has actions the
 * four ways to read them.
 */
export function listRoutes<T extends { readonly id: number }>(
  app: FastifyInstance,
  project: Project,
  listing: Listing<T>,
): void {
  app.get(`/${listing.plural}`, (request, reply) => sendList(listing, request, reply));
  app.get(`/${listing.plural}/:id`, (request, reply) =>
    sendOne(listing, requireOne(listing, request), reply),
  );
  if (listing.actionsOf !== undefined) actionRoutes(app, project, listing, listing.actionsOf);
}

export function sendOne<T extends { readonly id: number }>(
  listing: Listing<T>,
  object: T,
  reply: FastifyReply,
): FastifyReply {
  return reply
    .header('content-type', 'application/json')
    .send(`{"${listing.singular}":${renderText(listing, object)}}`);
}

/** @param among what to choose from; absent: all */
export function sendList<T extends { readonly id: number }>(
  listing: Listing<T>,
  request: FastifyRequest,
  reply: FastifyReply,
  among: readonly T[] = listing.all(),
): FastifyReply {
  const query = request.query as Query;
  const { shown, pagination } = paged(
    request,
    reply,
    sorted(listing, selected(listing, query, among), query),
    listing.largestPage,
  );
  const body = shown.map((object) => renderText(listing, object)).join(',');
  return reply
    .header('content-type', 'application/json')
    .send(`{"${listing.plural}":[${body}],"meta":${JSON.stringify({ pagination })}}`);
}

/** Actions as they are listed everywhere. */
export const ACTIONS: Omit<Listing<Action>, 'all'> = {
  plural: 'actions',
  singular: 'action',
  noun: 'action',
  filters: ['status'],
  sorts: ['command', 'status', 'started', 'finished', 'progress'],
  render: (action) => action,
};

function actionRoutes<T extends { readonly id: number }>(
  app: FastifyInstance,
  { store }: Project,
  listing: Listing<T>,
  type: string,
): void {
  const of = (id?: number) =>
    store
      .all('actions')
      .filter(({ resources }) =>
        resources.some((resource) => resource.type === type && (id === undefined || resource.id === id)),
      );
  const actions = (id?: number): Listing<Action> => ({ ...ACTIONS, all: () => of(id) });
  app.get(`/${listing.plural}/actions`, (request, reply) => sendList(actions(), request, reply));
  app.get(`/${listing.plural}/actions/:id`, (request, reply) =>
    sendOne(actions(), requireOne(actions(), request), reply),
  );
  app.get(`/${listing.plural}/:id/actions`, (request, reply) =>
    sendList(actions(requireOne(listing, request).id), request, reply),
  );
  app.get(`/${listing.plural}/:id/actions/:action`, (request, reply) => {
    const own = actions(requireOne(listing, request).id);
    const { action } = request.params as { action: string };
    return sendOne(own, found(own, action), reply);
  });
}

export function requireOne<T extends { readonly id: number }>(
  listing: Listing<T>,
  request: FastifyRequest,
): T {
  return found(listing, (request.params as { id: string }).id);
}

function found<T extends { readonly id: number }>(listing: Listing<T>, id: string): T {
  const object = listing.find ? listing.find(id) : listing.all().find((one) => String(one.id) === id);
  if (!object) throw fault.notFound(listing.noun, id);
  return object;
}

function selected<T extends { readonly id: number }>(
  listing: Listing<T>,
  query: Query,
  among: readonly T[],
): readonly T[] {
  const tests: ((object: T) => boolean)[] = [];
  for (const key of ['name', 'id', ...(listing.filters ?? [])]) {
    const wanted = values(query, key);
    if (wanted.length > 0)
      tests.push((object) => wanted.includes(String((object as Record<string, unknown>)[key])));
  }
  for (const [key, test] of Object.entries(listing.tests ?? {})) {
    const wanted = values(query, key);
    if (wanted.length > 0) tests.push((object) => wanted.some((value) => test(object, value)));
  }
  for (const selector of values(query, 'label_selector')) {
    const matches = labelSelector(selector);
    tests.push((object) => matches((object as { labels?: Record<string, string> }).labels ?? {}));
  }
  return tests.length === 0 ? among : among.filter((object) => tests.every((test) => test(object)));
}

function sorted<T>(
  listing: Pick<Listing<never>, never> & { sorts?: readonly string[]; order?: (a: T, b: T) => number },
  objects: readonly T[],
  query: Query,
): readonly T[] {
  const keys = values(query, 'sort').map((sort) => sort.split(':'));
  const possible = ['id', 'name', 'created', ...(listing.sorts ?? [])];
  for (const [key = '', direction] of keys) {
    if (!possible.includes(key) || !['asc', 'desc', undefined].includes(direction)) {
      throw fault.invalid(
        'sort',
        `${key}${direction ? `:${direction}` : ''} cannot be sorted by; there are ${possible.join(', ')}, each with :asc or :desc`,
      );
    }
  }
  if (keys.length === 0) return listing.order ? objects.toSorted(listing.order) : objects;
  return objects.toSorted((a, b) => {
    for (const [key = '', direction] of keys) {
      const [x, y] = [(a as Record<string, never>)[key], (b as Record<string, never>)[key]];
      if (x !== y) return ((x ?? '') < (y ?? '') ? -1 : 1) * (direction === 'desc' ? -1 : 1);
    }
    return 0;
  });
}

/** The request's body in its shape. @throws ApiFault `invalid_input` with every field that is wrong */
export function body<S extends z.ZodType>(schema: S, request: FastifyRequest): z.infer<S> {
  const result = schema.safeParse(request.body ?? {});
  if (result.success) return result.data;
  const fields = result.error.issues.map((issue) => ({
    name: issue.path.join('.') || (issue.code === 'unrecognized_keys' ? issue.keys.join(',') : 'body'),
    messages: [issue.message],
  }));
  const [first, ...others] = fields;
  if (first && others.length === 0) throw fault.invalid(first.name, first.messages.join(', '));
  throw fault.invalidFields(fields);
}

/** Only what a request really sets. */
export function defined<T extends object>(wanted: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined)) as never;
}

const LABEL_KEY = /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/;

/** Shapes that several resources share. */
export const shape = {
  name: z.string().min(1).max(128),
  labels: z.record(
    z
      .string()
      .regex(LABEL_KEY, 'is not a label key')
      .refine((key) => !key.startsWith('hetzner.cloud/'), 'has the reserved prefix hetzner.cloud/'),
    z.string().regex(LABEL_VALUE, 'is not a label value'),
  ),
  /** Old clients write ids as text here and there, and Hetzner takes that. */
  id: z.preprocess(
    (id) => (typeof id === 'string' && /^\d+$/.test(id) ? Number(id) : id),
    z.int().positive(),
  ),
};
