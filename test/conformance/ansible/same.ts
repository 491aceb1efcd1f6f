import { isDeepStrictEqual } from 'node:util';

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };

/** What the modules call otherwise than the API, or flatten: where it lies in the API's object. */
const ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  algorithm: ['algorithm', 'type'],
  change_protection: ['protection', 'change'],
  delete_protection: ['protection', 'delete'],
  deprecated: ['deprecation', 'unavailable_after'],
  ipv4_address: ['public_net', 'ipv4', 'ip'],
  ipv6: ['public_net', 'ipv6', 'ip'],
  ipv6_address: ['public_net', 'ipv6', 'ip'],
  label_selector: ['label_selector', 'selector'],
  private_ipv4_address: ['private_net', '0', 'ip'],
  private_networks: ['private_net'],
  private_networks_info: ['private_net'],
  rebuild_protection: ['protection', 'rebuild'],
  subnetworks: ['subnets'],
};

/** What the modules tell in another form than they are asked for: by id, with more to it, or not at all. */
const TOLD_OTHERWISE: readonly string[] = ['ipv4', 'ipv6', 'primary_nameservers', 'servers', 'zone'];

/** The API's objects that were seen, by which a name stands for an id. */
export class Seen {
  readonly #byId = new Map<number, JsonObject[]>();

  constructor(answers: readonly Json[]) {
    for (const answer of answers) this.#note(answer);
  }

  withId(id: number): readonly JsonObject[] {
    return this.#byId.get(id) ?? [];
  }

  #note(value: Json): void {
    if (Array.isArray(value)) for (const one of value as readonly Json[]) this.#note(one);
    else if (isObject(value)) {
      if (typeof value['id'] === 'number') this.#byId.set(value['id'], [...this.withId(value['id']), value]);
      for (const part of Object.values(value)) this.#note(part);
    }
  }
}

/**
 * Holds everything that a module tells against what the API said.
 * @param elsewhere where a part lies that only this module calls so; a path that begins with `!` is negated
 * @throws Error naming the first part that is told otherwise
 */
export function requireSame(
  told: Json | undefined,
  said: Json | undefined,
  seen: Seen,
  where: string,
  elsewhere: Readonly<Record<string, string>> = {},
): void {
  if (isObject(told) && typeof said === 'number') {
    requireOneOf(seen.withId(said), (object) => requireSame(told, object, seen, where, elsewhere), where);
  } else if (isObject(told) && isObject(said)) {
    for (const [key, value] of Object.entries(told))
      requireSame(value, part(said, key, elsewhere), seen, `${where}.${key}`, elsewhere);
  } else if (Array.isArray(told) && Array.isArray(said) && told.length === said.length) {
    for (const [index, one] of (told as readonly Json[]).entries())
      requireSame(one, said[index] as Json, seen, `${where}[${index}]`, elsewhere);
  } else if (!isSame(told, said, seen)) {
    throw new Error(
      `${where} is ${JSON.stringify(told)} by the module and ${JSON.stringify(said)} by the API`,
    );
  }
}

/**
 * Holds what a module tells against what was asked of it, as far as it tells of it.
 * @throws Error naming the first part that is not as it was asked for
 */
export function requireAsked(told: JsonObject, asked: JsonObject): void {
  for (const [key, wanted] of Object.entries(asked)) {
    const found = told[key];
    if (found === undefined || TOLD_OTHERWISE.includes(key) || covers(found, wanted)) continue;
    throw new Error(`${key} is ${JSON.stringify(found)}, not ${JSON.stringify(wanted)} as was asked`);
  }
}

function covers(found: Json, wanted: Json): boolean {
  if (isObject(found) && isObject(wanted))
    return Object.entries(wanted).every(([key, value]) => covers(found[key] ?? null, value));
  if (Array.isArray(found) && Array.isArray(wanted))
    return (
      found.length === wanted.length &&
      wanted.every((one, index) => covers(found[index] as Json, one as Json))
    );
  return isTemplate(wanted) || String(found) === String(wanted) || isNothing(found, wanted);
}

function isTemplate(value: Json): boolean {
  return typeof value === 'string' && value.includes('{{');
}

function part(said: JsonObject, key: string, elsewhere: Readonly<Record<string, string>>): Json | undefined {
  const own = elsewhere[key];
  const path = own?.replace('!', '').split('.') ?? ELSEWHERE[key];
  const found = path === undefined ? said[key] : walk(said, path);
  if (own?.startsWith('!')) return !found;
  // A private address has no name of its own: the modules tell that of its network.
  return found ?? said[key] ?? (key === 'name' ? said['network'] : undefined);
}

function walk(from: Json, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>(
    (at, step) => (typeof at === 'object' && at !== null ? (at as JsonObject)[step] : undefined),
    from,
  );
}

function isSame(told: Json | undefined, said: Json | undefined, seen: Seen): boolean {
  if (isDeepStrictEqual(told, said) || isNothing(told, said) || isMoment(told, said)) return true;
  if (isObject(said))
    return ['name', 'id', 'ip', 'network'].some(
      (key) => said[key] !== undefined && isSame(told, said[key], seen),
    );
  if (typeof told === 'number' || typeof told === 'string') {
    if (typeof said === 'number' && seen.withId(said).some(({ name }) => name === told)) return true;
    return String(told) === String(said);
  }
  return false;
}

function isNothing(told: Json | undefined, said: Json | undefined): boolean {
  const nothing = (said ?? null) === null || said === '' || (Array.isArray(said) && said.length === 0);
  return (told ?? null) === null && nothing;
}

function isMoment(told: Json | undefined, said: Json | undefined): boolean {
  if (typeof told !== 'string' || typeof said !== 'string' || !/^\d{4}-\d\d-\d\dT/.test(told)) return false;
  return Date.parse(told) === Date.parse(said);
}

function requireOneOf<T>(candidates: readonly T[], attempt: (one: T) => void, where: string): void {
  let why = new Error(`the API was never asked for ${where}`);
  for (const one of candidates) {
    try {
      attempt(one);
      return;
    } catch (error) {
      why = error as Error;
    }
  }
  throw why;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
