import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../tools/run.ts';

const TWIN = join(import.meta.dirname, '..', '..', 'bin', 'twin');

/** A local Hetzner that nobody else uses. */
export class OwnTwin {
  readonly endpoint: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #state: string;

  private constructor(name: string, port: number) {
    this.#state = mkdtempSync(join(tmpdir(), `twin-${name}-`));
    this.endpoint = `http://127.0.0.1:${port}/v1`;
    this.#env = { ...process.env, TWIN_NAME: name, TWIN_PORT: String(port), TWIN_STATE: this.#state };
  }

  /** @param name at most 8 letters and digits, told apart from every other twin on this machine */
  static async start(name: string, engine: 'none' | 'nspawn' | undefined = 'none'): Promise<OwnTwin> {
    const twin = new OwnTwin(name, await freePort());
    await twin.run('up', '--engine', engine);
    return twin;
  }

  get token(): string {
    return readFileSync(join(this.#state, 'token'), 'utf8').trim();
  }

  /** What a client finds the twin by, and `twin` itself. */
  get client(): NodeJS.ProcessEnv {
    return { ...this.#env, HCLOUD_ENDPOINT: this.endpoint, HCLOUD_TOKEN: this.token };
  }

  async run(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await run(TWIN, args, { env: this.#env });
    if (code !== 0) throw new Error(`twin ${args.join(' ')} failed:\n${stdout}${stderr}`);
    return stdout;
  }

  async remove(): Promise<void> {
    await this.run('down');
    rmSync(this.#state, { recursive: true, force: true });
  }
}

/** Public addresses follow from the port: these have others than the sandbox of this computer and than its tests. */
const [FIRST_PORT, LAST_PORT] = [8528, 8543];

async function freePort(): Promise<number> {
  for (let port = FIRST_PORT; port <= LAST_PORT; port++) {
    const free = await new Promise<boolean>((resolve) => {
      const server = createServer().once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
  throw new Error(`no port from ${FIRST_PORT} to ${LAST_PORT} is free`);
}
