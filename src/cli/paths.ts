import { homedir } from 'node:os';
import { join } from 'node:path';

/** The checkout that this program belongs to. */
export const CHECKOUT = join(import.meta.dirname, '..', '..');

/** Everything of ours that Git does not hold: state, passphrase, keys on their way. */
export const PRIVATE = join(CHECKOUT, '.groundup');

export function stackDirectory(stack: string): string {
  return join(PRIVATE, stack);
}

/** State of the local Hetzner, as `twin/settings.ts` documents it. */
export function twinState(): string {
  const state = process.env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state');
  return process.env['TWIN_STATE'] ?? join(state, 'groundup', process.env['TWIN_NAME'] ?? 'twin');
}

/** Where phases tell how far they are; `groundup up` shows it. */
export function progressFile(stack: string): string {
  return join(stackDirectory(stack), 'progress');
}
