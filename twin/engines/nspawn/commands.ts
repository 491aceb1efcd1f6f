import { run } from '../../../tools/run.ts';

/** @throws Error with what the program printed, unless it ends with 0. Returns its standard output. */
export async function must(program: string, args: readonly string[], stdin = ''): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, { stdin });
  if (code !== 0) {
    const said = (stderr.trim() || stdout.trim()).split('\n').slice(-5).join('\n');
    throw new Error(`${program} ${args.join(' ')} failed (${code}): ${said}`);
  }
  return stdout;
}

/** For things that may be gone already. Returns whether the program ended with 0. */
export async function attempt(program: string, args: readonly string[]): Promise<boolean> {
  return (await run(program, args)).code === 0;
}

/** Work under one key happens one after the other. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  async take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    const settled = mine.catch(() => {});
    this.#last.set(key, settled);
    try {
      return await mine;
    } finally {
      if (this.#last.get(key) === settled) this.#last.delete(key);
    }
  }
}
