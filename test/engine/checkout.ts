import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface Outcome {
  readonly code: number;
  readonly output: string;
}

/** A second checkout with a local Hetzner of its own, so that a test disturbs nobody's sandbox. */
export class Checkout {
  readonly directory: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #port: number;

  constructor(name: string, port: number) {
    this.directory = mkdtempSync(join(tmpdir(), `groundup-${name}-`));
    this.#port = port;
    const { HCLOUD_TOKEN: _, ...environment } = process.env;
    this.#env = {
      ...environment,
      TWIN_NAME: name,
      TWIN_PORT: String(port),
      TWIN_STATE: join(this.directory, 'twin-state'),
      // Without machine images the twin offers its API alone.
      TWIN_IMAGES: join(this.directory, 'no-images'),
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

  /** Started in a process group of its own, to be killed as a whole. */
  start(...args: string[]): ChildProcess {
    return spawn(join(this.directory, 'bin', 'groundup'), args, {
      cwd: this.directory,
      env: this.#env,
      detached: true,
      stdio: 'ignore',
    });
  }

  async api<T>(path: string, init: RequestInit = {}): Promise<T> {
    const token = readFileSync(join(this.directory, 'twin-state', 'token'), 'utf8').trim();
    const answer = await fetch(`http://127.0.0.1:${this.#port}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', connection: 'close' },
    });
    return (await answer.json()) as T;
  }

  remove(): void {
    this.run('twin', ['down']);
    rmSync(this.directory, { recursive: true, force: true });
  }
}
