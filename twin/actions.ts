import { setTimeout as sleep } from 'node:timers/promises';
import { fault } from './errors.ts';
import { type Faults, stuckAction } from './faults/index.ts';
import type { Action } from './model.ts';
import type { Rules } from './rules/index.ts';
import type { Change, Store } from './store.ts';

type Resource = Action['resources'][number];

/** How often an action that must not end looks whether it may. */
const STUCK_POLL_MS = 20;
/** Servers are `locked` while an action runs; whatever else is busy answers `conflict`. */
const LOCKING = ['server', 'volume', 'image'];

/**
 * Asynchronous work: the wanted state is committed first, then an engine makes it real, then the action ends. What
 * a running action names cannot begin another one.
 */
export class Actions {
  readonly #store: Store;
  readonly #rules: Rules;
  readonly #faults: Faults;
  readonly #log: (line: string) => void;
  /** Work on one resource happens one after the other, whatever the API's locks allow. */
  readonly #queues = new Map<string, Promise<void>>();
  /** How many steps of a change earlier actions of the same change answer for. */
  readonly #claimed = new WeakMap<readonly Change[], number>();
  /** How many running actions name a resource. */
  readonly #busy = new Map<string, number>();
  #closing = false;

  constructor(store: Store, rules: Rules, faults: Faults, log: (line: string) => void) {
    this.#store = store;
    this.#rules = rules;
    this.#faults = faults;
    this.#log = log;
  }

  isBusy(type: string, id: number): boolean {
    return this.#busy.has(`${type}/${id}`);
  }

  /** @throws ApiFault `locked` or `conflict` while a running action names the resource */
  requireUnlocked(type: string, id: number): void {
    if (!this.isBusy(type, id)) return;
    const what = `${type.replaceAll('_', ' ')} ${id}`;
    throw LOCKING.includes(type)
      ? fault.locked(what)
      : fault.conflict(`${what} is changed by a running action`);
  }

  /**
   * Begins an action within a change of the store. Should it fail, then what this change did until here is taken back,
   * but for what an action that began earlier in it answers for.
   * @param work makes real what was committed; the first resource's actions wait for each other
   * @param finish changes the store when that has succeeded, for example to say `running`
   * @param locks what cannot begin another action meanwhile; the first resource when left out
   */
  begin(
    command: string,
    resources: readonly Resource[],
    work: () => Promise<void>,
    finish: () => void = () => {},
    locks: readonly Resource[] = resources.slice(0, 1),
  ): Action {
    const whole = this.#store.changes();
    const changes = whole.slice(this.#claimed.get(whole) ?? 0);
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
    this.#claimed.set(whole, whole.length);
    const [holder] = resources;
    const queue = holder ? key(holder) : String(action.id);
    const before = this.#queues.get(queue) ?? Promise.resolve();
    for (const resource of locks) this.#hold(resource, 1);
    const done = before.then(() => this.#run(action, changes, work, finish));
    this.#queues.set(queue, done);
    void done.finally(() => {
      for (const resource of locks) this.#hold(resource, -1);
      if (this.#queues.get(queue) === done) this.#queues.delete(queue);
    });
    return action;
  }

  /** What the present change did so far stays, even if an action that begins later in it fails. */
  keep(): void {
    const whole = this.#store.changes();
    this.#claimed.set(whole, whole.length);
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

  /**
   * Actions that a crash left running: their wanted state is committed, and the engine has been given it again. What
   * is nowhere written down, a password, is lost, and whoever asked for it is told.
   */
  finishInterrupted(): number {
    const running = this.#store.all('actions').filter(({ status }) => status === 'running');
    this.#store.change(() => {
      for (const action of running) {
        if (action.command !== 'reset_password') this.#end(action, 'success', null);
        else
          this.#end(action, 'error', {
            code: 'action_failed',
            message: 'interrupted; ask for another password',
          });
      }
    });
    return running.length;
  }

  async idle(): Promise<void> {
    while (this.#queues.size > 0) await Promise.allSettled(this.#queues.values());
  }

  /** Lets go of actions that a fault holds, so that the twin can end. */
  close(): Promise<void> {
    this.#closing = true;
    return this.idle();
  }

  async #run(
    action: Action,
    changes: readonly Change[],
    work: () => Promise<void>,
    finish: () => void,
  ): Promise<void> {
    // Its change was taken back: a later part of the same request was refused.
    if (this.#store.get('actions', action.id) !== action) return;
    // Even without latency an action ends after its answer, never within it.
    await sleep(this.#rules.latencyMs(action.command));
    try {
      await this.#strike(action);
      await work();
      this.#store.change(() => {
        finish();
        this.#end(action, 'success', null);
      });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#log(`action ${action.id} ${action.command} failed: ${message}`);
      this.#store.change(() => {
        // What was being made stays, unfinished, for whoever asked for it to remove; everything else is as before.
        if (!action.command.startsWith('create_')) this.#store.revert(changes, ['actions']);
        this.#end(action, 'error', { code: 'action_failed', message });
      });
    }
  }

  /** @throws Error when an armed fault lets the action fail */
  async #strike({ id, command }: Action): Promise<void> {
    const name = this.#faults.take('action', command);
    if (name === 'action_fails') throw new Error('an armed fault let this action fail');
    if (name !== 'action_never_ends') return;
    // What lasts is a fault of its own, so that it is seen among the armed ones and can be switched off there.
    const stuck = this.#faults.arm(name, null, stuckAction(id));
    while (!this.#closing && this.#faults.armed.some((armed) => armed.id === stuck.id)) {
      await sleep(STUCK_POLL_MS);
    }
  }

  #hold(resource: Resource, by: 1 | -1): void {
    const holders = (this.#busy.get(key(resource)) ?? 0) + by;
    if (holders === 0) this.#busy.delete(key(resource));
    else this.#busy.set(key(resource), holders);
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

function key({ type, id }: Resource): string {
  return `${type}/${id}`;
}
