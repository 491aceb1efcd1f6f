import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { ApiFault, fault } from '../errors.ts';

const LARGEST_PAGE = 50;
const DEFAULT_PAGE = 25;

type Query = Readonly<Record<string, string | string[] | undefined>>;

/** One kind of resource as it is listed and shown. */
export interface Listing<T extends { readonly id: number }> {
  /** Path and key of the list: `servers`. */
  readonly plural: string;
  readonly singular: string;
  /** What an error calls it. */
  readonly noun: string;
  all(): readonly T[];
  /** The object's JSON text; computed once for as long as the object stays the same. */
  render(object: T): unknown;
  /** Another object whose change changes the text too. */
  dependsOn?(object: T): object | undefined;
  /** Query parameters that select by an equal property. */
  readonly filters?: readonly (keyof T & string)[];
}

const rendered = new WeakMap<object, { readonly text: string; readonly other: object | undefined }>();

function renderText<T extends { readonly id: number }>(listing: Listing<T>, object: T): string {
  const known = rendered.get(object);
  const other = listing.dependsOn?.(object);
  if (known !== undefined && known.other === other) return known.text;
  const text = JSON.stringify(listing.render(object));
  rendered.set(object, { text, other });
  return text;
}

/** `GET /things` with filters, label selector, sorting and pages, and `GET /things/{id}`. */
export function listRoutes<T extends { readonly id: number }>(
  app: FastifyInstance,
  listing: Listing<T>,
): void {
  app.get(`/${listing.plural}`, (request, reply) => {
    const query = request.query as Query;
    const found = sorted(selected(listing, query), query);
    const { page, perPage } = paging(query);
    const last = Math.max(1, Math.ceil(found.length / perPage));
    const shown = found.slice((page - 1) * perPage, page * perPage);
    const pagination = {
      page,
      per_page: perPage,
      previous_page: page > 1 ? page - 1 : null,
      next_page: page < last ? page + 1 : null,
      last_page: last,
      total_entries: found.length,
    };
    linkHeader(request, reply, pagination);
    const body = shown.map((object) => renderText(listing, object)).join(',');
    return reply
      .header('content-type', 'application/json')
      .send(`{"${listing.plural}":[${body}],"meta":${JSON.stringify({ pagination })}}`);
  });
  app.get(`/${listing.plural}/:id`, (request, reply) => {
    const object = requireOne(listing, request);
    return reply
      .header('content-type', 'application/json')
      .send(`{"${listing.singular}":${renderText(listing, object)}}`);
  });
}

export function requireOne<T extends { readonly id: number }>(
  listing: Listing<T>,
  request: FastifyRequest,
): T {
  const { id } = request.params as { id: string };
  const object = listing.all().find((candidate) => String(candidate.id) === id);
  if (!object) throw fault.notFound(listing.noun, id);
  return object;
}

function values(query: Query, key: string): string[] {
  const value = query[key];
  return value === undefined ? [] : [value].flat();
}

function selected<T extends { readonly id: number }>(listing: Listing<T>, query: Query): T[] {
  const tests: ((object: T) => boolean)[] = [];
  for (const key of ['name', 'id', ...(listing.filters ?? [])]) {
    const wanted = values(query, key);
    if (wanted.length > 0)
      tests.push((object) => wanted.includes(String((object as Record<string, unknown>)[key])));
  }
  for (const selector of values(query, 'label_selector')) {
    const matches = labelSelector(selector);
    tests.push((object) => matches((object as { labels?: Record<string, string> }).labels ?? {}));
  }
  return listing.all().filter((object) => tests.every((test) => test(object)));
}

/** Hetzner's label selectors, which are those of Kubernetes. @throws ApiFault when the text is none */
export function labelSelector(text: string): (labels: Readonly<Record<string, string>>) => boolean {
  // A comma between parentheses separates members of a set, any other one terms.
  const terms = text.trim() === '' ? [] : text.split(/,(?![^(]*\))/);
  const tests = terms.map((part) => {
    const term = part.trim();
    const match =
      /^(?<absent>!)?(?<key>[\w./-]+)\s*(?:(?<operator>==|=|!=)\s*(?<value>[\w.-]*)|(?<set>in|notin)\s*\((?<list>[^)]*)\))?$/.exec(
        term,
      )?.groups;
    if (!match) throw fault.invalid('label_selector', `cannot read "${term}"`);
    const { absent, key = '', operator, value, set, list = '' } = match;
    const members = list.split(',').map((member) => member.trim());
    return (labels: Readonly<Record<string, string>>): boolean => {
      if (absent) return !(key in labels);
      if (operator === '!=') return labels[key] !== value;
      if (operator) return labels[key] === value;
      if (set === 'in') return key in labels && members.includes(labels[key] ?? '');
      if (set === 'notin') return !members.includes(labels[key] ?? '');
      return key in labels;
    };
  });
  return (labels) => tests.every((test) => test(labels));
}

function sorted<T>(objects: T[], query: Query): T[] {
  const keys = values(query, 'sort').map((sort) => sort.split(':'));
  for (const [key = '', direction] of keys) {
    if (
      !/^(id|name|created|command|status|progress|started|finished)$/.test(key) ||
      !['asc', 'desc', undefined].includes(direction)
    ) {
      throw fault.invalid('sort', `${key}${direction ? `:${direction}` : ''} cannot be sorted by`);
    }
  }
  if (keys.length === 0) return objects;
  return objects.toSorted((a, b) => {
    for (const [key = '', direction] of keys) {
      const [x, y] = [(a as Record<string, never>)[key], (b as Record<string, never>)[key]];
      if (x !== y) return ((x ?? '') < (y ?? '') ? -1 : 1) * (direction === 'desc' ? -1 : 1);
    }
    return 0;
  });
}

function paging(query: Query): { readonly page: number; readonly perPage: number } {
  const number = (key: string, fallback: number) => {
    const [text] = values(query, key);
    if (text === undefined) return fallback;
    if (!/^\d+$/.test(text) || Number(text) < 1) throw fault.invalid(key, 'must be a number from 1 on');
    return Number(text);
  };
  return { page: number('page', 1), perPage: Math.min(LARGEST_PAGE, number('per_page', DEFAULT_PAGE)) };
}

function linkHeader(
  request: FastifyRequest,
  reply: FastifyReply,
  pages: {
    readonly page: number;
    readonly previous_page: number | null;
    readonly next_page: number | null;
    readonly last_page: number;
  },
): void {
  const link = (page: number | null, relation: string): string[] => {
    if (page === null) return [];
    const url = new URL(request.url, `http://${request.host}`);
    url.searchParams.set('page', String(page));
    return [`<${url}>; rel="${relation}"`];
  };
  const next = pages.next_page === null ? [] : link(pages.last_page, 'last');
  const links = [...link(pages.previous_page, 'prev'), ...link(pages.next_page, 'next'), ...next];
  if (links.length > 0) reply.header('link', links.join(', '));
}

/** The request's body in its shape. @throws ApiFault `invalid_input` with every field that is wrong */
export function body<S extends z.ZodType>(schema: S, request: FastifyRequest): z.infer<S> {
  const result = schema.safeParse(request.body ?? {});
  if (result.success) return result.data;
  const fields = result.error.issues.map((issue) => ({
    name: issue.path.join('.') || (issue.code === 'unrecognized_keys' ? issue.keys.join(',') : 'body'),
    messages: [issue.message],
  }));
  const names = fields.map(({ name }) => name).join(', ');
  throw new ApiFault(422, 'invalid_input', `invalid input in field '${names}'`, { fields });
}

const LABEL_KEY = /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/;

/** Shapes that several resources share. */
export const shape = {
  name: z.string().min(1).max(128),
  labels: z.record(
    z.string().regex(LABEL_KEY, 'is not a label key'),
    z.string().regex(LABEL_VALUE, 'is not a label value'),
  ),
  id: z.int().positive(),
};
