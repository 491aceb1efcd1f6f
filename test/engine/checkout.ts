import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Outcome {
  readonly code: number;
  readonly output: string;
}

export interface Running {
  /** What it printed so far. */
  readonly output: string;
  /** Resolves to its exit code. */
  readonly ended: Promise<number>;
  kill(signal: NodeJS.Signals): void;
}

interface Action {
  readonly id: number;
  readonly command: string;
  readonly status: 'running' | 'success' | 'error';
  readonly error: { readonly message: string } | null;
}

interface Answer {
  readonly action?: Action | null;
  readonly actions?: readonly Action[];
  readonly next_actions?: readonly Action[];
  readonly error?: { readonly message: string };
}

export interface CheckoutOptions {
  /** Real machines instead of the API alone. */
  readonly machines?: boolean;
}

/** A second checkout with a local Hetzner of its own, so that a test disturbs nobody's sandbox. */
export class Checkout {
  readonly directory: string;
  readonly name: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #port: number;

  constructor(name: string, port: number, { machines = false }: CheckoutOptions = {}) {
    this.directory = mkdtempSync(join(tmpdir(), `groundup-${name}-`));
    this.name = name;
    this.#port = port;
    const { HCLOUD_TOKEN: _, ...environment } = process.env;
    this.#env = {
      ...environment,
      TWIN_NAME: name,
      TWIN_PORT: String(port),
      TWIN_STATE: join(this.directory, 'twin-state'),
      // Without machine images the twin offers its API alone.
      ...(machines ? {} : { TWIN_IMAGES: join(this.directory, 'no-images') }),
      PULUMI_HOME: join(this.directory, 'pulumi-home'),
    };
    const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { encoding: 'utf8' })
      .split('\0')
      .filter(Boolean);
    for (const file of files) {
      mkdirSync(join(this.directory, dirname(file)), { recursive: true });
      cpSync(file, join(this.directory, file));
    }
    symlinkSync(join(process.cwd(), 'node_modules'), join(this.directory, 'node_modules'));
    this.editStackFile('local', (text) => text.replaceAll('127.0.0.1:8480', `127.0.0.1:${port}`));
  }

  editStackFile(stack: string, edit: (text: string) => string): void {
    const file = join(this.directory, `Pulumi.${stack}.yaml`);
    writeFileSync(file, edit(readFileSync(file, 'utf8')));
  }

  run(program: 'groundup' | 'twin', args: readonly string[], env: NodeJS.ProcessEnv = {}): Outcome {
    const done = spawnSync(join(this.directory, 'bin', program), args, {
      cwd: this.directory,
      env: { ...this.#env, ...env },
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    return { code: done.status ?? 1, output: `${done.stdout}${done.stderr}` };
  }

  groundup(...args: string[]): Outcome {
    return this.run('groundup', args);
  }

  /** Started in a process group of its own, to be ended as a whole. */
  spawn(program: 'groundup' | 'twin', ...args: string[]): Running {
    const child = spawn(join(this.directory, 'bin', program), args, {
      cwd: this.directory,
      env: this.#env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const running = { output: '', kill: (signal: NodeJS.Signals) => process.kill(-(child.pid ?? 0), signal) };
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        running.output += text;
      });
    }
    const ended = new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? 1)));
    return Object.assign(running, { ended });
  }

  twin(...args: string[]): Outcome {
    return this.run('twin', args);
  }

  twinProcess(): number {
    const file = join(this.directory, 'twin-state', 'daemon.json');
    return (JSON.parse(readFileSync(file, 'utf8')) as { pid: number }).pid;
  }

  /** The power cord of the twin's daemon. */
  killTwin(): void {
    process.kill(this.twinProcess(), 'SIGKILL');
  }

  /** What programs of this checkout run with. */
  get environment(): NodeJS.ProcessEnv {
    return this.#env;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get token(): string {
    return readFileSync(join(this.directory, 'twin-state', 'token'), 'utf8').trim();
  }

  async api<T>(path: string, init: RequestInit = {}): Promise<T> {
    const answer = await fetch(`${this.endpoint}${path}`, {
      ...init,
      headers: {
        authorization: `Bearer ${this.token}`,
        'content-type': 'application/json',
        connection: 'close',
      },
    });
    const text = await answer.text();
    return JSON.parse(text === '' ? '{}' : text) as T;
  }

  /** A write of the API, with the action that it starts awaited. @throws Error when either is refused or fails */
  async act<T extends object>(path: string, body: object = {}): Promise<T> {
    const answer = await this.api<T & Answer>(path, { method: 'POST', body: JSON.stringify(body) });
    if (answer.error) throw new Error(`${path}: ${answer.error.message}`);
    const started = [answer.action ?? [], answer.actions ?? [], answer.next_actions ?? []].flat();
    for (const { id } of started) await this.#finished(id);
    return answer;
  }

  async #finished(id: number): Promise<void> {
    for (;;) {
      const { action } = await this.api<{ action: Action }>(`/v1/actions/${id}`);
      if (action.status === 'success') return;
      if (action.error) throw new Error(`${action.command}: ${action.error.message}`);
      await sleep(100);
    }
  }

  remove(): void {
    this.run('twin', ['down']);
    rmSync(this.directory, { recursive: true, force: true });
  }
}
