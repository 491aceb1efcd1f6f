/** One request that was answered. */
export interface Answered {
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly ms: number;
  /** The armed fault that struck it. */
  readonly fault?: string;
}

const KEPT = 200;

/** The last requests, and how many there were; what is asked of the twin's own paths does not count. */
export class RequestLog {
  readonly #last: Answered[] = [];
  #reads = 0;
  #writes = 0;
  readonly #listeners: (() => void)[] = [];

  add(answered: Answered): void {
    if (answered.method === 'GET') this.#reads += 1;
    else this.#writes += 1;
    this.#last.push(answered);
    if (this.#last.length > KEPT) this.#last.shift();
    for (const listener of this.#listeners) listener();
  }

  onAdd(listener: () => void): void {
    this.#listeners.push(listener);
  }

  get counts(): { readonly reads: number; readonly writes: number } {
    return { reads: this.#reads, writes: this.#writes };
  }

  /** The newest last. */
  get last(): readonly Answered[] {
    return this.#last;
  }
}
