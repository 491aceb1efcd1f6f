import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { twinState } from './paths.ts';
import type { StackFile } from './stack-file.ts';

const TOKEN_LENGTH = 64;

/**
 * The token for the stack's API: HCLOUD_TOKEN, or the local Hetzner's own.
 * @throws UserError when there is none or it cannot be one; its text is never part of the message
 */
export function apiToken(stack: StackFile, environment: NodeJS.ProcessEnv = process.env): string {
  const given = environment['HCLOUD_TOKEN'];
  if (given !== undefined && given !== '') return checked(given.trim(), 'HCLOUD_TOKEN');
  if (!stack.local) {
    throw new UserError(
      `No token for Hetzner's API. Make one in the project's console (Security, API tokens, read and write) and set HCLOUD_TOKEN.`,
    );
  }
  const file = join(twinState(), 'token');
  if (!existsSync(file)) {
    throw new UserError(
      `The local Hetzner does not run, and stack ${stack.name} needs it. Start it: ./bin/twin up`,
    );
  }
  return checked(readFileSync(file, 'utf8').trim(), file);
}

function checked(token: string, from: string): string {
  if (token.length === TOKEN_LENGTH) return token;
  throw new UserError(
    `The token in ${from} has ${token.length} characters, and Hetzner's have ${TOKEN_LENGTH}. Copy it again.`,
  );
}
