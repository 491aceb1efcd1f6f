import { setTimeout as sleep } from 'node:timers/promises';
import { fault } from './errors.ts';
import type { Action } from './model.ts';
import type { Store } from './store.ts';

type Resource = Action['resources'][number];

/**
 * Asynchronous work: the wanted state is committed first, then an engine makes it real, then the action ends. A
 * resource with a running action is locked for others.
 */
export class Actions {
  readonly #store: Store;
  readonly #latencyMs: number;
  readonly #log: (line: string) => void;
  /** Work on one resource happens one after the other, whatever the API's locks allow. */
  readonly #queues = new Map<string, Promise<void>>();

  constructor(store: Store, latencyMs: number, log: (line: string) => void) {
    this.#store = store;
    this.#latencyMs = latencyMs;
    this.#log = log;
  }

  /** @throws ApiFault `locked` while another action holds one of the resources */
  requireUnlocked(type: string, id: number): void {
    if (this.#queues.has(`${type}/${id}`)) throw fault.locked(`${type} ${id}`);
  }

  /**
   * Begins an action within a change of the store.
   * @param work makes real what was committed
   * @param finish changes the store when that has succeeded, for example to say `running`
   * @param locks which resource the action holds; the first one when left out
   */
  begin(
    command: string,
    resources: readonly Resource[],
    work: () => Promise<void>,
    finish: () => void = () => {},
  ): Action {
    const action = this.#store.put('actions', {
      id: this.#store.nextId(),
      command,
      status: 'running',
      progress: 0,
      started: new Date().toISOString(),
      finished: null,
      resources,
      error: null,
    });
    const [holder] = resources;
    const key = holder ? `${holder.type}/${holder.id}` : String(action.id);
    const before = this.#queues.get(key) ?? Promise.resolve();
    const done = before.then(() => this.#run(action, work, finish));
    this.#queues.set(key, done);
    void done.finally(() => {
      if (this.#queues.get(key) === done) this.#queues.delete(key);
    });
    return action;
  }

  /** Something that is done at once, yet answered as an action. */
  done(command: string, resources: readonly Resource[]): Action {
    const now = new Date().toISOString();
    const action: Action = {
      id: this.#store.nextId(),
      command,
      status: 'success',
      progress: 100,
      started: now,
      finished: now,
      resources,
      error: null,
    };
    return this.#store.put('actions', action);
  }

  /** Actions that a crash left running: their wanted state is committed, and the engine has been given it again. */
  finishInterrupted(): number {
    const running = this.#store.all('actions').filter(({ status }) => status === 'running');
    this.#store.change(() => {
      for (const action of running) this.#end(action, 'success', null);
    });
    return running.length;
  }

  async idle(): Promise<void> {
    while (this.#queues.size > 0) await Promise.allSettled(this.#queues.values());
  }

  async #run(action: Action, work: () => Promise<void>, finish: () => void): Promise<void> {
    // Even without latency an action ends after its answer, never within it.
    await sleep(this.#latencyMs);
    try {
      await work();
      this.#store.change(() => {
        finish();
        this.#end(action, 'success', null);
      });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#log(`action ${action.id} ${action.command} failed: ${message}`);
      this.#store.change(() => this.#end(action, 'error', { code: 'action_failed', message }));
    }
  }

  #end(action: Action, status: 'success' | 'error', error: Action['error']): void {
    this.#store.put('actions', {
      ...action,
      status,
      error,
      progress: 100,
      finished: new Date().toISOString(),
    });
  }
}
