import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { RawConfig } from '../src/config/index.ts';

/** The `groundup:` keys of a committed stack file, as the program receives them. */
export function stackFile(stack: string): RawConfig {
  const { config } = parse(readFileSync(`Pulumi.${stack}.yaml`, 'utf8')) as {
    config: Record<string, unknown>;
  };
  const own = Object.entries(config).filter(([key]) => key.startsWith('groundup:'));
  return Object.fromEntries(own.map(([key, value]) => [key.slice('groundup:'.length), value]));
}
