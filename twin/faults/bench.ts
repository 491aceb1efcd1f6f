import { setTimeout as sleep } from 'node:timers/promises';
import { type Finished, run } from '../../tools/run.ts';
import { ask, required } from '../client.ts';
import type { MachineEngine } from '../engines/engine.ts';
import { projectToken, type Settings } from '../settings.ts';

export interface BenchServer {
  readonly id: number;
  readonly name: string;
  readonly status: string;
  readonly public_net: { readonly ipv4: { readonly ip: string } };
  readonly private_net: readonly { readonly ip: string }[];
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

const PATIENCE_MS = 30_000;
const POLL_MS = 100;

/** Two servers of two locations in a network whose default route leads to the first: what faults are tried on. */
export class Bench {
  readonly #settings: Settings;
  readonly #engine: MachineEngine;

  constructor(settings: Settings, engine: MachineEngine) {
    this.#settings = settings;
    this.#engine = engine;
  }

  async prepare(): Promise<void> {
    const { network } = await this.api<{ network: { id: number } }>('POST', '/v1/networks', {
      name: 'network',
      ip_range: '10.0.0.0/16',
      subnets: [{ type: 'cloud', ip_range: '10.0.0.0/24', network_zone: 'eu-central' }],
      routes: [{ destination: '0.0.0.0/0', gateway: '10.0.0.2' }],
    });
    for (const [name, location] of [
      ['one', 'fsn1'],
      ['two', 'hel1'],
    ]) {
      const made = await this.api<{ server: { id: number } }>('POST', '/v1/servers', {
        name,
        location,
        server_type: 'cpx22',
        image: 'debian-12',
        networks: [network.id],
      });
      await this.settled(made.server.id);
    }
    await this.recover();
  }

  /** Nothing is armed, and both servers run and answer as far as the engine lets them. */
  async recover(): Promise<void> {
    await this.api('DELETE', '/twin/faults');
    for (const name of ['one', 'two']) {
      await this.eventually(async () => (await this.server(name)).status !== 'unknown');
      const { id, status } = await this.server(name);
      await this.settled(id);
      if (status === 'off') await this.act(name, 'poweron');
    }
  }

  /** @throws TwinError when it is refused */
  async api<T = unknown>(method: Method, path: string, body?: object): Promise<T> {
    return (await ask(this.#settings, method, path, body)) as T;
  }

  /** A request whatever comes back. @throws TypeError when nothing comes back */
  async send(
    method: Method,
    path: string,
    body?: object,
  ): Promise<{ status: number; code: string; text: string }> {
    const answer = await fetch(`http://127.0.0.1:${required(this.#settings).port}/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${projectToken(this.#settings)}`,
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await answer.text();
    return { status: answer.status, code: /"code":\s*"(\w+)"/.exec(text)?.[1] ?? '', text };
  }

  async arm(name: string, on?: string, times: number | null = 1): Promise<void> {
    await this.api('POST', '/twin/faults', { name, times, ...(on === undefined ? {} : { on }) });
  }

  async server(name: string): Promise<BenchServer> {
    const { servers } = await this.api<{ servers: BenchServer[] }>('GET', `/v1/servers?name=${name}`);
    const [found] = servers;
    if (!found) throw new Error(`there is no server ${name}`);
    return found;
  }

  /** An action of a server, to its end. Returns how it ended. */
  async act(name: string, action: string, body: object = {}): Promise<string> {
    const { id } = await this.begin(name, action, body);
    let status = 'running';
    await this.eventually(async () => {
      status = await this.actionStatus(id);
      return status !== 'running';
    });
    return status;
  }

  async begin(name: string, action: string, body: object = {}): Promise<{ id: number }> {
    const { id } = await this.server(name);
    const path = `/v1/servers/${id}/actions/${action}`;
    return (await this.api<{ action: { id: number } }>('POST', path, body)).action;
  }

  async actionStatus(id: number): Promise<string> {
    return (await this.api<{ action: { status: string } }>('GET', `/v1/actions/${id}`)).action.status;
  }

  async settled(server: number): Promise<void> {
    await this.eventually(async () => {
      const path = `/v1/servers/${server}/actions?status=running`;
      return (await this.api<{ actions: unknown[] }>('GET', path)).actions.length === 0;
    });
  }

  /** On a machine's console, or as someone on the Internet. */
  async run(where: string, script: string): Promise<Finished> {
    const target = where === 'internet' ? where : { server: (await this.server(where)).id };
    const [program = '', ...rest] = await this.#engine.execCommand(target, ['sh', '-c', script]);
    return run(program, rest);
  }

  /** @throws Error when it does not hold within half a minute */
  async eventually(holds: () => Promise<boolean>): Promise<void> {
    for (const deadline = Date.now() + PATIENCE_MS; !(await holds()); await sleep(POLL_MS)) {
      if (Date.now() > deadline) throw new Error('nothing happened within half a minute');
    }
  }
}
