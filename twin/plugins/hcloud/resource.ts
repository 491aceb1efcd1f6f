import { type CallContext, PartialCreation, type ResourceType, type Values } from '../protocol/index.ts';
import type { HcloudClient, Json } from './client.ts';
import { boundMs } from './patience.ts';

/** One resource of the hcloud provider as calls of the API. */
export interface HcloudResource {
  readonly replaceOn: readonly string[] | 'all';
  readonly computed: readonly string[];
  readonly recomputed?: readonly string[];
  readonly autoname?: boolean;
  check?: ResourceType['check'];
  /** Posts the creation; `settle` waits for what the answer started. */
  create(api: HcloudClient, inputs: Values): Promise<{ readonly id: string; settle(): Promise<void> }>;
  /** Properties by Pulumi's names as they are now, without what the API does not tell. */
  read(api: HcloudClient, id: string, olds: Values): Promise<Values | undefined>;
  update?(api: HcloudClient, id: string, olds: Values, news: Values): Promise<void>;
  remove(api: HcloudClient, id: string, olds: Values): Promise<void>;
}

/** @param name as the API names one: `server`; some kinds have bounds of their own */
export function resourceType(api: () => HcloudClient, name: string, resource: HcloudResource): ResourceType {
  const { update } = resource;
  const during = ({ signal, timed }: CallContext, operation: string): HcloudClient => {
    const client = api();
    const bound = boundMs(client.options.patience, name, operation);
    return client.until(timed ? signal : AbortSignal.any([signal, AbortSignal.timeout(bound)]));
  };
  return {
    replaceOn: resource.replaceOn,
    computed: resource.computed,
    ...(resource.recomputed ? { recomputed: resource.recomputed } : {}),
    ...(resource.autoname ? { autoname: true } : {}),
    ...(resource.check ? { check: resource.check } : {}),
    create: async (inputs: Values, context: CallContext) => {
      const client = during(context, 'create');
      const { id, settle } = await resource.create(client, inputs);
      try {
        await settle();
        return { id, outputs: { ...inputs, ...(await resource.read(client, id, inputs)) } };
      } catch (error) {
        throw new PartialCreation(id, inputs, error instanceof Error ? error.message : String(error));
      }
    },
    read: async (id, olds, context) => {
      const found = await resource.read(during(context, 'read'), id, olds);
      return found && { ...olds, ...found };
    },
    ...(update
      ? {
          update: async (id: string, olds: Values, news: Values, context: CallContext) => {
            const client = during(context, 'update');
            await update(client, id, olds, news);
            return { ...news, ...(await resource.read(client, id, news)) };
          },
        }
      : {}),
    remove: (id, olds, context) => resource.remove(during(context, 'delete'), id, olds),
  };
}

/** A creation whose answer holds the object under `key`. */
export async function created(api: HcloudClient, path: string, key: string, body: Json) {
  const answer = await api.post(path, withoutAbsent(body));
  return { id: String((answer[key] as { id: number }).id), settle: () => api.settle(answer) };
}

export function withoutAbsent(body: Json): Json {
  return Object.fromEntries(
    Object.entries(body).filter(([, value]) => value !== undefined && value !== null),
  );
}

export function changed(key: string, olds: Values, news: Values): boolean {
  return JSON.stringify(olds[key] ?? null) !== JSON.stringify(news[key] ?? null);
}

export function numeric(value: unknown): number | undefined {
  return value === undefined || value === null || value === '' ? undefined : Number(value);
}

/** Protection against deletion is an action of its own on every kind of resource. */
export async function protect(
  api: HcloudClient,
  path: string,
  olds: Values,
  news: Values,
  keys = ['delete'],
): Promise<void> {
  const wanted = (key: string, of: Values) => of[`${key}Protection`] === true;
  if (keys.every((key) => wanted(key, olds) === wanted(key, news))) return;
  await api.act(
    `${path}/actions/change_protection`,
    Object.fromEntries(keys.map((key) => [key, wanted(key, news)])),
  );
}

export function protection(object: Json): boolean {
  return (object['protection'] as { delete?: boolean } | undefined)?.delete === true;
}
