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
  'actions',
];

/** Finished actions kept for clients that ask late; older ones are forgotten. */
const ACTIONS_KEPT = 10_000;

/**
 * All state of one twin: in memory for reading, in SQLite for surviving. A change is on disk before anyone hears
 * of it; objects are replaced, never changed, so that whoever holds one keeps a consistent view.
 */
export class Store {
  readonly #database: DatabaseSync;
  readonly #objects = new Map<Kind, Map<number, unknown>>();
  readonly #put: StatementSync;
  readonly #remove: StatementSync;
  #undo: (() => void)[] | undefined;
  #lastId = 0;

  constructor(file: string) {
    this.#database = new DatabaseSync(file);
    this.#database.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; ' +
        'CREATE TABLE IF NOT EXISTS objects (kind TEXT, id INTEGER, body TEXT, PRIMARY KEY (kind, id)) WITHOUT ROWID; ' +
        'CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value INTEGER) WITHOUT ROWID',
    );
    this.#put = this.#database.prepare('INSERT OR REPLACE INTO objects VALUES (?, ?, ?)');
    this.#remove = this.#database.prepare('DELETE FROM objects WHERE kind = ? AND id = ?');
    for (const kind of KINDS) this.#objects.set(kind, new Map());
    for (const row of this.#database.prepare('SELECT kind, id, body FROM objects ORDER BY id').iterate()) {
      this.#objects.get(row['kind'] as Kind)?.set(Number(row['id']), JSON.parse(String(row['body'])));
    }
    this.#lastId = Number(
      this.#database.prepare("SELECT value FROM facts WHERE name = 'lastId'").get()?.['value'] ?? 0,
    );
  }

  get<K extends Kind>(kind: K, id: number): Collections[K] | undefined {
    return this.#objects.get(kind)?.get(id) as Collections[K] | undefined;
  }

  all<K extends Kind>(kind: K): Collections[K][] {
    return [...(this.#objects.get(kind)?.values() ?? [])] as Collections[K][];
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

  put<K extends Kind>(kind: K, object: Collections[K]): Collections[K] {
    const objects = this.#changing(kind);
    const before = objects.get(object.id);
    this.#undo?.push(() =>
      before === undefined ? objects.delete(object.id) : objects.set(object.id, before),
    );
    objects.set(object.id, object);
    this.#put.run(kind, object.id, JSON.stringify(object));
    return object;
  }

  remove(kind: Kind, id: number): void {
    const objects = this.#changing(kind);
    const before = objects.get(id);
    if (before === undefined) return;
    this.#undo?.push(() => objects.set(id, before));
    objects.delete(id);
    this.#remove.run(kind, id);
  }

  /** Everything inside happens, or nothing. */
  change<T>(work: () => T): T {
    if (this.#undo) return work();
    const undo: (() => void)[] = [];
    const firstId = this.#lastId;
    this.#undo = undo;
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      const result = work();
      this.#forgetActions();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      for (const step of undo.toReversed()) step();
      this.#lastId = firstId;
      throw isFull(error)
        ? new ApiFault(503, 'unavailable', 'the disk of the local Hetzner is full; nothing was changed')
        : error;
    } finally {
      this.#undo = undefined;
    }
  }

  close(): void {
    this.#database.close();
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
