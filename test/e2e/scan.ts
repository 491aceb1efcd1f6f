import { setTimeout as sleep } from 'node:timers/promises';
import type { Checkout } from '../engine/checkout.ts';

/** Ports of an address that answer someone on the Internet, by `open` or by `closed`. */
export function openTcpPorts(checkout: Checkout, address: string, ports: string): number[] {
  const { code, output } = checkout.twin(
    ...['exec', 'internet', '--', 'nmap', '-n', '-Pn', '-p', ports, '-oG', '-'],
    ...['--min-rate', '10000', '--max-retries', '1', ...(address.includes(':') ? ['-6'] : []), address],
  );
  if (code !== 0 || !output.includes('Nmap done')) throw new Error(output);
  return [...output.matchAll(/(\d+)\/(?:open|closed)\/tcp/g)].map(([, port]) => Number(port));
}

/** Destination ports of the packets that a machine's public interface gets while `work` runs. */
export async function captureDuring(
  checkout: Checkout,
  machine: string,
  protocol: 'udp' | 'tcp',
  work: () => void,
): Promise<number[]> {
  const capture = checkout.spawn(
    ...(['twin', 'exec', machine, '--', 'tcpdump', '-n', '-l', '-Q', 'in', '-i', 'eth0', protocol] as const),
  );
  for (let waited = 0; !capture.output.includes('listening on'); waited += 100) {
    if (waited > 10_000) throw new Error(`tcpdump did not start: ${capture.output}`);
    await sleep(100);
  }
  work();
  await sleep(1000);
  capture.kill('SIGTERM');
  await capture.ended;
  const ports = [...capture.output.matchAll(/ > \S+\.(\d+): /g)].map(([, port]) => Number(port));
  return [...new Set(ports)];
}
