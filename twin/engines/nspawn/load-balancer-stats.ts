import { createConnection } from 'node:net';
import type { HealthProblem, ObservedLoadBalancer } from '../engine.ts';

const ANSWER_MS = 2000;

/** What haproxy answers on its socket. Returns undefined when nobody is there. */
export function ask(socket: string, command: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const connection = createConnection(socket);
    let answer = '';
    connection.setTimeout(ANSWER_MS, () => {
      // Half an answer would be read as if it were a whole one.
      answer = '';
      connection.destroy();
    });
    connection.setEncoding('utf8').on('data', (chunk: string) => {
      answer += chunk;
    });
    connection.on('error', () => {
      // Whoever asks hears of it by the answer that is missing.
    });
    connection.on('close', () => resolve(answer === '' ? undefined : answer));
    connection.end(`${command}\n`);
  });
}

/** The process that answers on a socket of haproxy. */
export async function processOf(socket: string): Promise<number | undefined> {
  const pid = /^Pid: (\d+)$/m.exec((await ask(socket, 'show info')) ?? '')?.[1];
  return pid === undefined ? undefined : Number(pid);
}

/** Reads haproxy's `show stat`: rows of frontends `in-<port>`, and of targets in backends `to-<port>`. */
export function readStatistics(csv: string): Pick<ObservedLoadBalancer, 'health' | 'traffic'> {
  const [head = '', ...lines] = csv.replace(/^# /, '').trim().split('\n');
  const names = head.split(',');
  const rows = lines.map((line) => {
    const values = line.split(',');
    return (name: string) => values[names.indexOf(name)] ?? '';
  });
  const frontends = rows.filter((row) => row('svname') === 'FRONTEND');
  const sum = (name: string) => frontends.reduce((total, row) => total + Number(row(name)), 0);
  const health = rows.flatMap((row) => {
    const port = /^to-(\d+)$/.exec(row('pxname'))?.[1];
    const checked = !['', 'INI', 'UNK'].includes(row('check_status'));
    if (port === undefined || row('svname') === 'BACKEND' || !checked) return [];
    const target = { target: row('svname'), listenPort: Number(port) };
    if (row('status').startsWith('UP')) return [target];
    return [{ ...target, problem: problem(row('check_status'), row('check_code')) }];
  });
  return {
    health,
    traffic: {
      openConnections: sum('scur'),
      connections: sum('stot'),
      requests: sum('req_tot'),
      bytesIn: sum('bin'),
      bytesOut: sum('bout'),
    },
  };
}

/** Source: https://docs.haproxy.org/2.6/management.html#9.1 (check_status) */
const PROBLEMS: Readonly<Record<string, HealthProblem['detail']>> = {
  L4CON: 'layer4_no_connection',
  L4TOUT: 'layer4_timeout',
  L6TOUT: 'layer7_timeout',
  L7TOUT: 'layer7_timeout',
  L7STS: 'unexpected_http_status',
  L7RSP: 'unexpected_http_content',
};

function problem(status: string, code: string): HealthProblem {
  // A star says that the next check is under way.
  const detail = PROBLEMS[status.replace(/^\* /, '')] ?? 'unspecified';
  return detail === 'unexpected_http_status' && code !== ''
    ? { detail, http_status_code: Number(code) }
    : { detail };
}
