import { isDeepStrictEqual } from 'node:util';
import { type Finished, run } from '../../../tools/run.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** hcloud as it is installed, the API that it speaks to, and what is found out about both. */
export class Cli {
  readonly #program: string;
  readonly #endpoint: string;
  readonly #token: string;
  /** Commands that were run, without their arguments. */
  readonly #used = new Set<string>();
  #commands: readonly string[] = [];

  constructor(program: string, endpoint: string, token: string) {
    this.#program = program;
    this.#endpoint = endpoint;
    this.#token = token;
  }

  /** Learns all commands from the program itself. */
  async learn(): Promise<void> {
    this.#commands = await this.#leaves([]);
  }

  /** Runs a command, whatever comes of it. */
  async run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Finished> {
    const words = args.join(' ');
    const known = this.#commands.filter((command) => words === command || words.startsWith(`${command} `));
    // An unknown command prints help and ends with 0, which would pass for anything.
    if (known.length === 0) throw new Error(`hcloud has no command ${words}`);
    for (const command of known) this.#used.add(command);
    return await run(this.#program, ['--poll-interval', '20ms', ...args], {
      env: { ...process.env, ...env },
    });
  }

  /** A command that asks, run on a terminal of its own, with what a person answers. */
  async typed(answer: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Finished> {
    for (const command of this.#commands) if (args.join(' ').startsWith(command)) this.#used.add(command);
    // Only what is typed after the question is read.
    const typing = '(sleep 1; printf "%s\\n" "$1"; sleep 1) | timeout 20 script -qec "$2" /dev/null';
    const command = [this.#program, ...args].join(' ');
    return await run('sh', ['-c', typing, 'sh', answer, command], { env: { ...process.env, ...env } });
  }

  /** @throws Error with what was said when it ends otherwise than with 0 */
  async ok(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(args);
    if (code !== 0)
      throw new Error(`hcloud ${args.join(' ')} ended with ${code}: ${stderr.trim().slice(0, 500)}`);
    return stdout;
  }

  async json<T extends Json = JsonObject>(...args: readonly string[]): Promise<T> {
    return JSON.parse(await this.ok(...args, '-o', 'json')) as T;
  }

  /** The API's own word. */
  async api<T extends Json = JsonObject>(path: string): Promise<T> {
    const answer = await fetch(`${this.#endpoint}${path}`, {
      headers: { authorization: `Bearer ${this.#token}` },
    });
    if (!answer.ok) throw new Error(`GET ${path} was answered with ${answer.status}`);
    return (await answer.json()) as T;
  }

  /** A step that must end without an error. Returns what it found, if it did. */
  async check<T>(name: string, step: () => Promise<T>): Promise<T | undefined> {
    try {
      const found = await step();
      report(name);
      return found;
    } catch (error) {
      report(name, error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  /** A command that must be refused, with these words for the person who typed it. */
  async refused(name: string, words: RegExp, ...args: readonly string[]): Promise<void> {
    await this.check(name, async () => {
      const { code, stderr } = await this.run(args);
      if (code === 0) throw new Error(`hcloud ${args.join(' ')} was not refused`);
      if (!words.test(stderr)) throw new Error(`was refused with: ${stderr.trim()}`);
    });
  }

  unused(): string[] {
    return this.#commands.filter((command) => !this.#used.has(command));
  }

  async #leaves(path: readonly string[]): Promise<string[]> {
    const { stdout } = await run(this.#program, [...path, '--help']);
    const listed = /^Available Commands:\n((?: {2}\S.*\n)+)/m.exec(stdout)?.[1];
    if (listed === undefined) return [path.join(' ')];
    const names = listed
      .trimEnd()
      .split('\n')
      .map((line) => line.trim().split(' ')[0] ?? '')
      // What the shell completes, and help itself, has nothing to do with the API.
      .filter((name) => name !== 'completion' && name !== 'help');
    return (await Promise.all(names.map((name) => this.#leaves([...path, name])))).flat();
  }
}

function report(check: string, error?: string): void {
  console.log(JSON.stringify({ check, ok: error === undefined, ...(error === undefined ? {} : { error }) }));
}

export function expect(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}

/**
 * @param sparse whether hcloud may leave parts of it empty, as its lists do
 * @throws Error naming the first part that the two say differently
 */
export function requireSame(
  cli: Json | undefined,
  api: Json | undefined,
  where: string,
  sparse = false,
): void {
  if (isDeepStrictEqual(cli, api) || sameMoment(cli, api) || (sparse && isLeftOut(cli, api))) return;
  if (isObject(cli) && isObject(api)) {
    for (const key of Object.keys(cli)) requireSame(cli[key], api[key], `${where}.${key}`, sparse);
    return;
  }
  if (Array.isArray(cli) && Array.isArray(api) && cli.length === api.length) {
    for (const [index, one] of cli.entries())
      requireSame(one as Json, api[index] as Json, `${where}[${index}]`, sparse);
    return;
  }
  // What the API has as null or nothing, Go has as its zero.
  if (isNothing(cli) && isNothing(api)) return;
  throw new Error(`${where} is ${JSON.stringify(cli)} by hcloud and ${JSON.stringify(api)} by the API`);
}

/** Lists of hcloud have no part of some things, and networks without their prefix. */
function isLeftOut(cli: Json | undefined, api: Json | undefined): boolean {
  return isNothing(cli) || (typeof cli === 'string' && api === `${cli}/64`);
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNothing(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === '' || value === 0 || value === false) return true;
  if (value === '0001-01-01T00:00:00Z') return true;
  return typeof value === 'object' && Object.values(value).every((part) => isNothing(part as Json));
}

function sameMoment(one: Json | undefined, other: Json | undefined): boolean {
  if (typeof one !== 'string' || typeof other !== 'string' || !/^\d{4}-\d\d-\d\dT/.test(one)) return false;
  return Date.parse(one) === Date.parse(other);
}
