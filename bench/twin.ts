import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import autocannon, { type Request } from 'autocannon';
import { Checkout } from '../test/engine/checkout.ts';
import { type Figure, median, seconds, succeed } from './figures.ts';

const LOAD_SECONDS = 5;
const CONNECTIONS = 8;
const AT_ONCE = 50;
const ROUNDS = 40;
/** Reads for each write of the mixed load. */
const READS = 9;
const ENGINE = ['--engine', 'none'];
/** Room for more servers than a twin has public addresses for by itself. */
const MANY = { TWIN_RANGES: '100.64.0.0/16,100.65.0.0/16' };

/** The twin's API alone: what it serves, what it weighs, and what an environment asks of it. */
export async function twinFigures(): Promise<Figure[]> {
  const checkout = new Checkout('bapi', 8522);
  try {
    const many = await manyServers(checkout);
    return [
      ...many,
      { name: 'api_calls_per_server', value: await callsPerServer(checkout), unit: 'calls', bound: '<= 12' },
    ];
  } finally {
    checkout.remove();
  }
}

/** 100 servers, 1,000 and 10,000, one after the other in one daemon on one core. */
async function manyServers(checkout: Checkout): Promise<Figure[]> {
  succeed(checkout.run('twin', ['up', ...ENGINE], MANY));
  // The load comes from the other core, where there is one.
  execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', '0', String(checkout.twinProcess())]);
  for (const limit of ['servers', 'primary_ips']) succeed(checkout.twin('set', `limits.${limit}`, '100000'));
  await createServers(checkout, 0, 100);
  const rps = await load(checkout, [{ path: '/v1/servers?per_page=50' }]);
  const pageAt100 = await pageSeconds(checkout);
  const creationAt100 = await creationSeconds(checkout, 100);
  await createServers(checkout, 100 + ROUNDS, 1000);
  const rss = residentMegabytes(checkout);
  const mixed = await load(checkout, await mixedRequests(checkout));
  await createServers(checkout, 1000, 10_000);
  const pageAt10k = await pageSeconds(checkout);
  const creationAt10k = await creationSeconds(checkout, 10_000);
  const rssOf10k = residentMegabytes(checkout);
  succeed(checkout.twin('down'));
  return [
    { name: 'twin_rps', value: rps.perSecond, unit: 'requests/s', bound: '>= 1000' },
    { name: 'twin_rss_mb', value: rss, unit: 'MB', bound: '<= 200' },
    { name: 'twin_rps_mixed', value: mixed.perSecond, unit: 'requests/s', bound: '>= 800' },
    { name: 'twin_p99_ms', value: mixed.p99, unit: 'ms', bound: '<= 50' },
    { name: 'twin_list_growth', value: pageAt10k / pageAt100, unit: 'ratio', bound: '<= 2' },
    { name: 'twin_creation_growth', value: creationAt10k / creationAt100, unit: 'ratio', bound: '<= 3' },
    { name: 'twin_rss_10k_mb', value: rssOf10k, unit: 'MB', bound: '<= 350' },
  ];
}

async function createServers(checkout: Checkout, from: number, to: number): Promise<void> {
  for (let start = from; start < to; start += AT_ONCE) {
    const count = Math.min(AT_ONCE, to - start);
    await Promise.all(Array.from({ length: count }, (_, index) => createServer(checkout, start + index)));
  }
  await settled(checkout);
}

async function createServer(checkout: Checkout, number: number): Promise<void> {
  const answer = await checkout.api<{ error?: { message: string } }>('/v1/servers', {
    method: 'POST',
    body: JSON.stringify({
      name: `server-${number}`,
      server_type: 'cpx22',
      image: 'debian-12',
      location: 'fsn1',
      labels: { group: String(number % 10) },
    }),
  });
  if (answer.error) throw new Error(answer.error.message);
}

/** Every server is what it should be. */
async function settled(checkout: Checkout): Promise<void> {
  for (;;) {
    const path = '/v1/servers?per_page=1&status=initializing&status=starting&status=off';
    const { meta } = await checkout.api<{ meta: { pagination: { total_entries: number } } }>(path);
    if (meta.pagination.total_entries === 0) return;
    await sleep(50);
  }
}

/** Nine reads of what clients read most for each write: labels of a server, one of a thousand. */
async function mixedRequests(checkout: Checkout): Promise<Request[]> {
  const ids: number[] = [];
  for (let page = 1; page <= 20; page++) {
    const { servers } = await checkout.api<{ servers: { id: number }[] }>(
      `/v1/servers?per_page=50&page=${page}`,
    );
    ids.push(...servers.map(({ id }) => id));
  }
  const reads = (index: number): Request[] => {
    const id = ids[(index * 7) % ids.length];
    return [
      `/v1/servers/${id}`,
      `/v1/servers?page=${1 + (index % 20)}&per_page=50`,
      `/v1/servers?name=server-${index}`,
      `/v1/servers/${id}`,
      `/v1/servers?label_selector=group%3D${index % 10}&per_page=25`,
      `/v1/servers/${id}/actions`,
      '/v1/locations',
      `/v1/servers/${id}`,
      `/v1/primary_ips?per_page=25&page=${1 + (index % 10)}`,
    ].map((path) => ({ path }));
  };
  return ids.flatMap((id, index) => [
    ...reads(index).slice(0, READS),
    {
      path: `/v1/servers/${id}`,
      method: 'PUT' as const,
      body: JSON.stringify({ labels: { group: String(index % 10), turn: String(index) } }),
    },
  ]);
}

/** @throws Error when a request is not answered well */
async function load(checkout: Checkout, requests: Request[]): Promise<{ perSecond: number; p99: number }> {
  const result = await autocannon({
    url: checkout.endpoint,
    headers: { authorization: `Bearer ${checkout.token}`, 'content-type': 'application/json' },
    connections: CONNECTIONS,
    duration: LOAD_SECONDS,
    requests,
  });
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${result.non2xx + result.errors} requests failed`);
  return { perSecond: result.requests.average, p99: result.latency.p99 };
}

/** A page of fifty, one after the other; the median, for whatever else this computer does. */
async function pageSeconds(checkout: Checkout): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++)
    times.push(await seconds(() => checkout.api('/v1/servers?per_page=50')));
  return median(times);
}

async function creationSeconds(checkout: Checkout, from: number): Promise<number> {
  const times: number[] = [];
  for (let number = from; number < from + ROUNDS; number++)
    times.push(await seconds(() => createServer(checkout, number)));
  await settled(checkout);
  return median(times);
}

function residentMegabytes(checkout: Checkout): number {
  const status = readFileSync(`/proc/${checkout.twinProcess()}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

/** `up` of 50 servers, every request counted: creation, waiting for actions, and what the command itself asks. */
async function callsPerServer(checkout: Checkout): Promise<number> {
  const servers = 50;
  checkout.editStackFile('local', (text) => text.replace('count: 1', `count: ${servers - 3}`));
  succeed(checkout.groundup('up'));
  const { reads, writes } = await checkout.api<{ reads: number; writes: number }>('/twin/requests');
  return (reads + writes) / servers;
}
