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
  | {
      readonly kind: Kind;
      readonly id: number;
      readonly before: object | undefined;
      readonly after: object | undefined;
    }
  | { readonly setting: string; readonly before: string | undefined };

/**
 * All state of one twin: in memory for reading, in SQLite for surviving. A change is on disk before anyone hears
 * of it; objects are replaced, never changed, so that whoever holds one keeps a consistent view.
 */
export class Store {
  readonly #database: DatabaseSync;
  readonly #objects = new Map<Kind, Map<number, object>>();
  readonly #put: StatementSync;
  readonly #remove: StatementSync;
  readonly #lastIdIs: StatementSync;
  /** Of each kind as a list, until it changes. */
  readonly #lists = new Map<Kind, unknown[]>();
  /** Of a kind and a property, who has which value; kept up to date from the first question on. */
  readonly #indexes = new Map<Kind, Map<string, Map<unknown, number>>>();
  readonly #settings = new Map<string, string>();
  readonly #watchers: ((kinds: ReadonlySet<Kind>) => void)[] = [];
  readonly #companions: ((changes: readonly Change[]) => void)[] = [];
  /** The highest id that an object of a kind ever had. */
  readonly #highest = new Map<Kind, number>();
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
    this.#lastIdIs = this.#database.prepare("INSERT OR REPLACE INTO facts VALUES ('lastId', ?)");
    for (const kind of KINDS) this.#objects.set(kind, new Map());
    for (const row of this.#database.prepare('SELECT kind, id, body FROM objects ORDER BY id').iterate()) {
      this.#keep(row['kind'] as Kind, Number(row['id']), JSON.parse(String(row['body'])) as object);
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

  /**
   * By a property that no two objects of the kind share, such as a name: without searching.
   * @returns the object's id
   */
  idBy<K extends Kind>(kind: K, property: keyof Collections[K] & string, value: unknown): number | undefined {
    const indexes = this.#indexes.get(kind) ?? new Map<string, Map<unknown, number>>();
    this.#indexes.set(kind, indexes);
    let index = indexes.get(property);
    if (!index) {
      index = new Map(this.all(kind).map((object) => [object[property], object.id]));
      indexes.set(property, index);
    }
    return index.get(value);
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
    this.#lastIdIs.run(this.#lastId);
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

  /** What the present change did so far; grows with it. Only within `change`. */
  changes(): readonly Change[] {
    if (!this.#undo) throw new Error('the store is changed only within change()');
    return this.#undo;
  }

  /**
   * Takes a finished change back, property by property: what someone changed since stays as they left it. Only within
   * `change`.
   * @param except kinds of objects that keep what became of them
   */
  revert(changes: readonly Change[], except: readonly Kind[]): void {
    for (const change of changes.toReversed()) {
      if (!('kind' in change) || except.includes(change.kind)) continue;
      const { kind, id, before, after } = change;
      const present = this.get(kind, id);
      if (before === undefined) {
        if (present === after) this.remove(kind, id);
      } else if (after === undefined) {
        if (present === undefined) this.put(kind, before as Collections[Kind]);
      } else if (present !== undefined) {
        this.put(kind, takenBack(before, after, present) as Collections[Kind]);
      }
    }
  }

  /** @param watcher hears which kinds changed, after every change that is on disk */
  watch(watcher: (kinds: ReadonlySet<Kind>) => void): void {
    this.#watchers.push(watcher);
  }

  /** @param companion adds to every change what must be on disk together with it */
  accompany(companion: (changes: readonly Change[]) => void): void {
    this.#companions.push(companion);
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
      for (const companion of this.#companions) companion([...undo]);
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

  #keep(kind: Kind, id: number, object: object | undefined): void {
    const objects = this.#objects.get(kind);
    const before = objects?.get(id);
    if (object === undefined) objects?.delete(id);
    else objects?.set(id, object);
    for (const [property, index] of this.#indexes.get(kind) ?? []) {
      const [old, value] = [propertyOf(before, property), propertyOf(object, property)];
      if (before && index.get(old) === id) index.delete(old);
      if (object) index.set(value, id);
    }
    this.#lists.delete(kind);
    if (!before && object && id < (this.#highest.get(kind) ?? 0)) this.#sort(kind);
    else this.#highest.set(kind, Math.max(id, this.#highest.get(kind) ?? 0));
  }

  /** What was gone and is back would be the last of its kind. */
  #sort(kind: Kind): void {
    const sorted = [...(this.#objects.get(kind) ?? [])].toSorted(([a], [b]) => a - b);
    this.#objects.set(kind, new Map(sorted));
  }

  #keepSetting(name: string, value: string | undefined): void {
    if (value === undefined) this.#settings.delete(name);
    else this.#settings.set(name, value);
  }

  #changing(kind: Kind): Map<number, object> {
    const objects = this.#objects.get(kind);
    if (!this.#undo || !objects) throw new Error('the store is changed only within change()');
    return objects;
  }

  #forgetActions(): void {
    const actions = this.#objects.get('actions');
    for (const id of actions?.keys() ?? []) {
      if (!actions || actions.size <= ACTIONS_KEPT) return;
      this.remove('actions', id);
    }
  }
}

/** The present object with those properties as they were before that are still as they became. */
function takenBack(before: object, after: object, present: object): object {
  const became = new Map<string, unknown>(Object.entries(after));
  const are = new Map<string, unknown>(Object.entries(present));
  const old = Object.entries(before).filter(
    ([name, value]) => became.get(name) !== value && became.get(name) === are.get(name),
  );
  return { ...present, ...Object.fromEntries(old) };
}

function propertyOf(object: object | undefined, property: string): unknown {
  return object === undefined ? undefined : Reflect.get(object, property);
}

function isFull(error: unknown): boolean {
  const SQLITE_FULL = 13;
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_FULL;
}
