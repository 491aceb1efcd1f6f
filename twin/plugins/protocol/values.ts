import structs from 'google-protobuf/google/protobuf/struct_pb.js';

/** A value as the engine sends it: JSON, with a sentinel for what is not known yet. */
export type Value = string | number | boolean | null | readonly Value[] | Values;
export interface Values {
  readonly [key: string]: Value;
}

/** Stands for an output that only the real run will know. Source: sdk/go/common/resource/plugin/rpc.go */
export const UNKNOWN = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

export function fromStruct(struct: structs.Struct | undefined): Values {
  return (struct?.toJavaScript() ?? {}) as Values;
}

export function toStruct(values: Readonly<Record<string, unknown>>): structs.Struct {
  return structs.Struct.fromJavaScript(values as Parameters<typeof structs.Struct.fromJavaScript>[0]);
}

/** Whether any part of the value is not known yet. */
export function isUnknown(value: Value | undefined): boolean {
  if (value === UNKNOWN) return true;
  if (Array.isArray(value)) return value.some(isUnknown);
  return isValues(value) && Object.values(value).some(isUnknown);
}

export function isValues(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function text(values: Values, key: string): string {
  const value = values[key];
  return value === undefined || value === null ? '' : String(value);
}

export function optionalText(values: Values, key: string): string | undefined {
  const value = values[key];
  return value === undefined || value === null || value === '' ? undefined : String(value);
}

export function list(values: Values, key: string): readonly Value[] {
  const value = values[key];
  return Array.isArray(value) ? value : [];
}
