import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { ApiFault } from './errors.ts';
import type { Collections, Kind } from './model.ts';

const KINDS: readonly Kind[] = [
  'ssh_keys',
  'networks',
  'firewalls',
  'placement_groups',
  'primary_ips',
  'floating_ips',
  'volumes',
  'servers',
  'images',
  'load_balancers',
  'certificates',
  'zones',
  'rrsets',
  'actions',
];

/** Finished actions kept for clients that ask late; older ones are forgotten. */
const ACTIONS_KEPT = 10_000;

/** One step of a change, as it was before and after. */
export type Change =
  | { readonly kind: Kind; readonly id: number; readonly before: unknown; readonly after: unknown }
  | { readonly setting: string; readonly before: string | undefined };

/**
 * All state of one twin: in memory for reading, in SQLite for surviving. A change is on disk before anyone hears
 * of it; objects are replaced, never changed, so that whoever holds one keeps a consistent view.
 */
export class Store {
  readonly #database: DatabaseSync;
  readonly #objects = new Map<Kind, Map<number, unknown>>();
  readonly #put: StatementSync;
  readonly #remove: StatementSync;
  /** Of each kind as a list, until it changes. */
  readonly #lists = new Map<Kind, unknown[]>();
  readonly #settings = new Map<string, string>();
  readonly #watchers: ((kinds: ReadonlySet<Kind>) => void)[] = [];
  #undo: Change[] | undefined;
  #lastId = 0;

  constructor(file: string) {
    this.#database = new DatabaseSync(file);
    this.#database.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; ' +
        'CREATE TABLE IF NOT EXISTS objects (kind TEXT, id INTEGER, body TEXT, PRIMARY KEY (kind, id)) WITHOUT ROWID; ' +
        'CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value INTEGER) WITHOUT ROWID; ' +
        'CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID',
    );
    this.#put = this.#database.prepare('INSERT OR REPLACE INTO objects VALUES (?, ?, ?)');
    this.#remove = this.#database.prepare('DELETE FROM objects WHERE kind = ? AND id = ?');
    for (const kind of KINDS) this.#objects.set(kind, new Map());
    for (const row of this.#database.prepare('SELECT kind, id, body FROM objects ORDER BY id').iterate()) {
      this.#objects.get(row['kind'] as Kind)?.set(Number(row['id']), JSON.parse(String(row['body'])));
    }
    for (const row of this.#database.prepare('SELECT name, value FROM settings').iterate()) {
      this.#settings.set(String(row['name']), String(row['value']));
    }
    this.#lastId = Number(
      this.#database.prepare("SELECT value FROM facts WHERE name = 'lastId'").get()?.['value'] ?? 0,
    );
  }

  get<K extends Kind>(kind: K, id: number): Collections[K] | undefined {
    return this.#objects.get(kind)?.get(id) as Collections[K] | undefined;
  }

  /** By an id as a path has it. */
  find<K extends Kind>(kind: K, id: string): Collections[K] | undefined {
    return /^\d+$/.test(id) ? this.get(kind, Number(id)) : undefined;
  }

  /** In the order of their ids. */
  all<K extends Kind>(kind: K): readonly Collections[K][] {
    let list = this.#lists.get(kind);
    if (!list) {
      list = [...(this.#objects.get(kind)?.values() ?? [])];
      this.#lists.set(kind, list);
    }
    return list as Collections[K][];
  }

  count(kind: Kind): number {
    return this.#objects.get(kind)?.size ?? 0;
  }

  /** Ids are unique over all kinds and never given twice. Only within `change`. */
  nextId(): number {
    this.#lastId += 1;
    this.#database.prepare("INSERT OR REPLACE INTO facts VALUES ('lastId', ?)").run(this.#lastId);
    return this.#lastId;
  }

  /** A value kept beside the objects: an overridden rule, armed faults. */
  setting(name: string): string | undefined {
    return this.#settings.get(name);
  }

  /** Only within `change`. @param value absent: forget it */
  setSetting(name: string, value: string | undefined): void {
    if (!this.#undo) throw new Error('the store is changed only within change()');
    const before = this.#settings.get(name);
    this.#undo.push({ setting: name, before });
    this.#keepSetting(name, value);
    if (value === undefined) this.#database.prepare('DELETE FROM settings WHERE name = ?').run(name);
    else this.#database.prepare('INSERT OR REPLACE INTO settings VALUES (?, ?)').run(name, value);
  }

  put<K extends Kind>(kind: K, object: Collections[K]): Collections[K] {
    const objects = this.#changing(kind);
    this.#undo?.push({ kind, id: object.id, before: objects.get(object.id), after: object });
    this.#keep(kind, object.id, object);
    this.#put.run(kind, object.id, JSON.stringify(object));
    return object;
  }

  remove(kind: Kind, id: number): void {
    const objects = this.#changing(kind);
    const before = objects.get(id);
    if (before === undefined) return;
    this.#undo?.push({ kind, id, before, after: undefined });
    this.#keep(kind, id, undefined);
    this.#remove.run(kind, id);
  }

  /** What the present change did so far, and whatever else it will do: for `revert`. Only within `change`. */
  changes(): readonly Change[] {
    if (!this.#undo) throw new Error('the store is changed only within change()');
    return this.#undo;
  }

  /**
   * Takes a finished change back, object by object, unless someone changed the object since. Only within `change`.
   * @param kinds of objects that keep what became of them
   */
  revert(changes: readonly Change[], except: readonly Kind[]): void {
    for (const change of changes.toReversed()) {
      if (!('kind' in change) || except.includes(change.kind)) continue;
      const { kind, id, before, after } = change;
      if (this.get(kind, id) !== after) continue;
      if (before === undefined) this.remove(kind, id);
      else this.put(kind, before as Collections[Kind]);
    }
  }

  /** @param watcher hears which kinds changed, after every change that is on disk */
  watch(watcher: (kinds: ReadonlySet<Kind>) => void): void {
    this.#watchers.push(watcher);
  }

  /** Everything inside happens, or nothing. */
  change<T>(work: () => T): T {
    if (this.#undo) return work();
    const undo: Change[] = [];
    const firstId = this.#lastId;
    this.#undo = undo;
    let result: T;
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      result = work();
      this.#forgetActions();
      this.#database.exec('COMMIT');
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      for (const step of undo.toReversed()) {
        if ('kind' in step) this.#keep(step.kind, step.id, step.before);
        else this.#keepSetting(step.setting, step.before);
      }
      this.#lastId = firstId;
      throw isFull(error)
        ? new ApiFault(503, 'unavailable', 'the disk of the local Hetzner is full; nothing was changed')
        : error;
    } finally {
      this.#undo = undefined;
    }
    const kinds = new Set(undo.flatMap((step) => ('kind' in step ? [step.kind] : [])));
    for (const watcher of this.#watchers) watcher(kinds);
    return result;
  }

  close(): void {
    this.#database.close();
  }

  #keep(kind: Kind, id: number, object: unknown): void {
    if (object === undefined) this.#objects.get(kind)?.delete(id);
    else this.#objects.get(kind)?.set(id, object);
    this.#lists.delete(kind);
  }

  #keepSetting(name: string, value: string | undefined): void {
    if (value === undefined) this.#settings.delete(name);
    else this.#settings.set(name, value);
  }

  #changing(kind: Kind): Map<number, unknown> {
    const objects = this.#objects.get(kind);
    if (!this.#undo || !objects) throw new Error('the store is changed only within change()');
    return objects;
  }

  #forgetActions(): void {
    const actions = this.#objects.get('actions');
    if (!actions || actions.size <= ACTIONS_KEPT) return;
    for (const id of [...actions.keys()].slice(0, actions.size - ACTIONS_KEPT)) this.remove('actions', id);
  }
}

function isFull(error: unknown): boolean {
  const SQLITE_FULL = 13;
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_FULL;
}
