import { isValues, type Value, type Values } from './values.ts';

export type Change = 'add' | 'delete' | 'update';

/** Leaf paths that differ, written as Pulumi writes them: `networks[0].ip`. */
export function changedPaths(olds: Values, news: Values): Map<string, Change> {
  const changes = new Map<string, Change>();
  for (const key of new Set([...Object.keys(olds), ...Object.keys(news)])) {
    if (key.startsWith('__')) continue;
    compare(key, olds[key], news[key], changes);
  }
  return changes;
}

function compare(
  path: string,
  old: Value | undefined,
  now: Value | undefined,
  changes: Map<string, Change>,
): void {
  if (absent(old) && absent(now)) return;
  if (isList(old) && isList(now)) {
    for (let index = 0; index < Math.max(old.length, now.length); index++) {
      compare(`${path}[${index}]`, old[index], now[index], changes);
    }
    return;
  }
  if (isValues(old) && isValues(now)) {
    for (const key of new Set([...Object.keys(old), ...Object.keys(now)])) {
      compare(/^\w+$/.test(key) ? `${path}.${key}` : `${path}["${key}"]`, old[key], now[key], changes);
    }
    return;
  }
  if (absent(old)) changes.set(path, 'add');
  else if (absent(now)) changes.set(path, 'delete');
  else if (old !== now) changes.set(path, 'update');
}

function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

/** Pulumi's SDK leaves out what is undefined; an explicit null means the same. */
function absent(value: Value | undefined): value is null | undefined {
  return value === undefined || value === null;
}

/** The input that a path belongs to: `networks` of `networks[0].ip`. */
export function topKey(path: string): string {
  return /^[^.[]+/.exec(path)?.[0] ?? path;
}
