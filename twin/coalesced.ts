/**
 * Work that makes real whatever is wanted at its beginning: once at a time, in order, and only once for all who ask
 * before it begins. So nobody's wish is overtaken by an older one, and a hundred wishes at once cost one.
 */
export class Coalesced {
  readonly #work: () => Promise<void>;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  /** Resolves when work that began after this call has ended. @throws whatever the work throws */
  request(): Promise<void> {
    this.#next ??= this.#begin();
    return this.#next;
  }

  async #begin(): Promise<void> {
    // Whoever waited for the run before has heard how it ended; this one begins either way.
    await Promise.allSettled([this.#running]);
    this.#next = undefined;
    this.#running = this.#work();
    await this.#running;
  }
}
