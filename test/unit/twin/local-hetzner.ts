import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { createApp } from '../../../twin/api/app.ts';
import { findImages } from '../../../twin/catalogue/images.ts';
import type { MachineEngine } from '../../../twin/engines/engine.ts';
import { createNoneEngine } from '../../../twin/engines/none.ts';
import { Project } from '../../../twin/project.ts';
import { readSettings } from '../../../twin/settings.ts';
import { Store } from '../../../twin/store.ts';

export const TOKEN = 'T'.repeat(64);

export interface Refusal {
  readonly error: { readonly code: string; readonly message: string; readonly details: unknown };
}

/** A project without machines within the test's own process. */
export class LocalHetzner {
  readonly folder = mkdtempSync(join(tmpdir(), 'groundup-api-'));
  readonly #engine: Partial<MachineEngine>;
  store!: Store;
  project!: Project;
  app!: FastifyInstance;

  /** @param engine what the engine does otherwise than nothing */
  constructor(engine: Partial<MachineEngine> = {}) {
    this.#engine = engine;
    this.open();
  }

  open(): void {
    this.store = new Store(join(this.folder, 'twin.db'));
    this.project = new Project({
      store: this.store,
      engine: { ...createNoneEngine(), ...this.#engine },
      images: findImages('', false),
      ranges: readSettings({}).ranges,
      log: () => {},
    });
    this.app = createApp({
      project: this.project,
      token: TOKEN,
      page: { name: 'test', neighbours: () => [] },
    });
  }

  /** As after `kill -9`: nothing is waited for, and a new process reads what was written. */
  async restart(): Promise<void> {
    await this.app.close();
    this.store.close();
    this.open();
    await this.project.restore();
  }

  async remove(): Promise<void> {
    await this.project.actions.close();
    await this.app.close();
    this.store.close();
    rmSync(this.folder, { recursive: true });
  }

  async call<T = Refusal>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, payload?: object) {
    const answer = await this.app.inject({
      method,
      url: path.startsWith('/twin') ? path : `/v1${path}`,
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      ...(payload ? { payload } : {}),
    });
    const body = (answer.body ? answer.json() : {}) as T;
    return { status: answer.statusCode, headers: answer.headers, body };
  }

  /** A write whose actions have ended. @throws Error with the answer when it is refused */
  async done<T>(method: 'POST' | 'PUT' | 'DELETE', path: string, payload?: object): Promise<T> {
    const { status, body } = await this.call<T>(method, path, payload);
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(body)}`);
    await this.project.actions.idle();
    return body;
  }

  async server(name: string, more: object = {}): Promise<{ readonly id: number; readonly name: string }> {
    const wanted = { name, server_type: 'cpx22', image: 'debian-12', location: 'fsn1', ...more };
    return (await this.done<{ server: { id: number; name: string } }>('POST', '/servers', wanted)).server;
  }

  /** What a refused request says: status, code, and the fields or limits that are to blame. */
  async refused(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, payload?: object): Promise<string> {
    const { status, body } = await this.call(method, path, payload);
    if (status < 400) throw new Error(`${method} ${path} is not refused: ${status}`);
    const { code, details } = body.error;
    const { fields = [], limits = [] } = (details ?? {}) as {
      readonly fields?: readonly { readonly name: string }[];
      readonly limits?: readonly { readonly name: string }[];
    };
    return [status, code, ...[...fields, ...limits].map(({ name }) => name)].join(' ');
  }
}
