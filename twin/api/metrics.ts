import type { FastifyInstance } from 'fastify';
import { fault } from '../errors.ts';
import { type Listing, requireOne } from './http.ts';
import { type Query, values } from './paging.ts';

/** Source: https://docs.hetzner.cloud/reference/cloud#load-balancers-get-metrics-for-a-loadbalancer */
const STANDARD_SAMPLES = 200;
const MOST_SAMPLES = 500;

/** Samples by the name of their series: seconds since 1970, and the value as a decimal. */
export type Series = Readonly<
  Record<string, { readonly values: readonly (readonly [seconds: number, value: string])[] }>
>;

/**
 * `GET /things/{id}/metrics`.
 * @param types what can be asked for
 * @param series of one type, at the given times in milliseconds since 1970
 */
export function metricsRoute<T extends { readonly id: number }>(
  app: FastifyInstance,
  listing: Listing<T>,
  types: readonly string[],
  series: (object: T, type: string, times: readonly number[]) => Series,
): void {
  app.get(`/${listing.plural}/:id/metrics`, (request) => {
    const object = requireOne(listing, request);
    const query = request.query as Query;
    const wanted = values(query, 'type').flatMap((text) => text.split(','));
    const unknown = wanted.find((type) => !types.includes(type));
    if (wanted.length === 0 || unknown !== undefined)
      throw fault.invalid('type', `${unknown ?? 'nothing'} is no metric; there are ${types.join(', ')}`);
    const [start, end] = [time(query, 'start'), time(query, 'end')];
    if (end <= start) throw fault.invalid('end', 'must be after start');
    const step = stepSeconds(query, (end - start) / 1000);
    const times = Array.from(
      { length: Math.floor((end - start) / 1000 / step) + 1 },
      (_, index) => start + index * step * 1000,
    );
    return {
      metrics: {
        start: new Date(start).toISOString(),
        end: new Date(end).toISOString(),
        step,
        time_series: Object.assign({}, ...wanted.map((type) => series(object, type, times))) as Series,
      },
    };
  });
}

function time(query: Query, key: string): number {
  const [text = ''] = values(query, key);
  const parsed = Date.parse(text);
  if (Number.isNaN(parsed)) throw fault.invalid(key, 'must be a time such as 2026-11-25T08:00:00Z');
  return parsed;
}

function stepSeconds(query: Query, seconds: number): number {
  const [text] = values(query, 'step');
  const wanted = text === undefined ? Math.ceil(seconds / STANDARD_SAMPLES) : Number(text);
  if (!(wanted > 0)) throw fault.invalid('step', 'must be a number of seconds');
  return Math.max(wanted, Math.ceil(seconds / (MOST_SAMPLES - 1)));
}
