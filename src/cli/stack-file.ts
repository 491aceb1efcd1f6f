import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { UserError } from '../errors.ts';
import { CHECKOUT } from './paths.ts';

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

export interface StackFile {
  readonly name: string;
  readonly path: string;
  readonly text: string;
  /** The API that the stack speaks to, where the file names one. */
  readonly endpoint?: string;
  /** Whether that is a local Hetzner. */
  readonly local: boolean;
}

/** @throws UserError when there is no such stack file, or it is not YAML */
export function readStackFile(name: string, directory = CHECKOUT): StackFile {
  const path = join(directory, `Pulumi.${name}.yaml`);
  if (!existsSync(path)) {
    const known = readdirSync(directory).flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);
    throw new UserError(
      `There is no stack "${name}": Pulumi.${name}.yaml does not exist. Stacks are ${known.join(', ')}.`,
    );
  }
  const text = readFileSync(path, 'utf8');
  const config = readConfig(path, text);
  const endpoint = typeof config['hcloud:endpoint'] === 'string' ? config['hcloud:endpoint'] : undefined;
  const host = endpoint !== undefined && URL.canParse(endpoint) ? new URL(endpoint).hostname : '';
  return {
    name,
    path,
    text,
    local: LOOPBACK.includes(host),
    ...(endpoint === undefined ? {} : { endpoint }),
  };
}

function readConfig(path: string, text: string): Readonly<Record<string, unknown>> {
  try {
    return (parse(text) as { config?: Record<string, unknown> } | null)?.config ?? {};
  } catch (error) {
    throw new UserError(`${path} is not YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
}
