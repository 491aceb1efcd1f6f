import type { FastifyReply, FastifyRequest } from 'fastify';
import { fault } from '../errors.ts';

const LARGEST_PAGE = 50;
const DEFAULT_PAGE = 25;

export type Query = Readonly<Record<string, string | string[] | undefined>>;

export interface Pagination {
  readonly page: number;
  readonly per_page: number;
  readonly previous_page: number | null;
  readonly next_page: number | null;
  readonly last_page: number;
  readonly total_entries: number;
}

/** A query parameter that may be given several times. */
export function values(query: Query, key: string): string[] {
  const value = query[key];
  return value === undefined ? [] : [value].flat();
}

/** The page that a request asks for, with the `Link` header set. @throws ApiFault when page or size is no number */
export function paged<T>(
  request: FastifyRequest,
  reply: FastifyReply,
  found: readonly T[],
  largest = LARGEST_PAGE,
): { readonly shown: readonly T[]; readonly pagination: Pagination } {
  const query = request.query as Query;
  const page = positive(query, 'page', 1);
  const perPage = Math.min(largest, positive(query, 'per_page', DEFAULT_PAGE));
  const last = Math.max(1, Math.ceil(found.length / perPage));
  const pagination = {
    page,
    per_page: perPage,
    previous_page: page > 1 ? page - 1 : null,
    next_page: page < last ? page + 1 : null,
    last_page: last,
    total_entries: found.length,
  };
  linkHeader(request, reply, pagination);
  return { shown: found.slice((page - 1) * perPage, page * perPage), pagination };
}

function positive(query: Query, key: string, fallback: number): number {
  const [text] = values(query, key);
  if (text === undefined) return fallback;
  if (!/^\d+$/.test(text) || Number(text) < 1) throw fault.invalid(key, 'must be a number from 1 on');
  return Number(text);
}

function linkHeader(request: FastifyRequest, reply: FastifyReply, pages: Pagination): void {
  const link = (page: number | null, relation: string): string[] => {
    if (page === null) return [];
    const url = new URL(request.url, `http://${request.host}`);
    url.searchParams.set('page', String(page));
    return [`<${url}>; rel="${relation}"`];
  };
  const last = pages.next_page === null ? [] : link(pages.last_page, 'last');
  const links = [...link(pages.previous_page, 'prev'), ...link(pages.next_page, 'next'), ...last];
  if (links.length > 0) reply.header('link', links.join(', '));
}
