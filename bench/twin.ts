import { readFileSync } from 'node:fs';
import autocannon from 'autocannon';
import { Checkout } from '../test/engine/checkout.ts';
import { type Figure, succeed } from './figures.ts';

const LOAD_SECONDS = 5;
const CONNECTIONS = 8;
const AT_ONCE = 25;

/** The twin's API alone: what it serves, what it weighs, and what an environment asks of it. */
export async function twinFigures(): Promise<Figure[]> {
  const checkout = new Checkout('bapi', 8522);
  try {
    succeed(checkout.twin('up', '--engine', 'none'));
    await createServers(checkout, 0, 100);
    const rps = await requestsPerSecond(checkout);
    await createServers(checkout, 100, 1000);
    const rss = residentMegabytes(checkout);
    succeed(checkout.twin('down'));
    return [
      { name: 'twin_rps', value: rps, unit: 'requests/s', bound: '>= 1000' },
      { name: 'twin_rss_mb', value: rss, unit: 'MB', bound: '<= 200' },
      { name: 'api_calls_per_server', value: await callsPerServer(checkout), unit: 'calls', bound: '<= 12' },
    ];
  } finally {
    checkout.remove();
  }
}

async function createServers(checkout: Checkout, from: number, to: number): Promise<void> {
  for (let start = from; start < to; start += AT_ONCE) {
    await Promise.all(
      Array.from({ length: Math.min(AT_ONCE, to - start) }, (_, index) =>
        checkout.act('/v1/servers', {
          name: `server-${start + index}`,
          server_type: 'cx23',
          image: 'debian-12',
          location: 'fsn1',
        }),
      ),
    );
  }
}

/** GET /servers, a page of 50 of 100 servers, from one daemon process. */
async function requestsPerSecond(checkout: Checkout): Promise<number> {
  const result = await autocannon({
    url: `${checkout.endpoint}/v1/servers?per_page=50`,
    headers: { authorization: `Bearer ${checkout.token}` },
    connections: CONNECTIONS,
    duration: LOAD_SECONDS,
  });
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${result.non2xx + result.errors} requests failed`);
  return result.requests.average;
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
