import type { FastifyInstance } from 'fastify';
import { fault } from '../errors.ts';
import { METRICS } from '../load-balancer-meter.ts';
import type { LoadBalancer } from '../model.ts';
import type { Project } from '../project.ts';
import { type Listing, requireOne } from './http.ts';
import { type Query, values } from './paging.ts';

/** Source: https://docs.hetzner.cloud/reference/cloud#load-balancers-get-metrics-for-a-loadbalancer */
const STANDARD_SAMPLES = 200;
const MOST_SAMPLES = 500;

export function metricsRoute(
  app: FastifyInstance,
  { balancing }: Project,
  listing: Listing<LoadBalancer>,
): void {
  app.get('/load_balancers/:id/metrics', (request) => {
    const balancer = requireOne(listing, request);
    const query = request.query as Query;
    const types = values(query, 'type').flatMap((text) => text.split(','));
    const unknown = types.find((type) => !METRICS.includes(type));
    if (types.length === 0 || unknown !== undefined)
      throw fault.invalid('type', `${unknown ?? 'nothing'} is no metric; there are ${METRICS.join(', ')}`);
    const [start, end] = [time(query, 'start'), time(query, 'end')];
    if (end <= start) throw fault.invalid('end', 'must be after start');
    const step = stepSeconds(query, (end - start) / 1000);
    const times = Array.from(
      { length: Math.floor((end - start) / 1000 / step) + 1 },
      (_, index) => start + index * step * 1000,
    );
    const series = types.map((type) => balancing.meter.series(balancer.id, type, times));
    return {
      metrics: {
        start: new Date(start).toISOString(),
        end: new Date(end).toISOString(),
        step,
        time_series: Object.assign({}, ...series) as object,
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
