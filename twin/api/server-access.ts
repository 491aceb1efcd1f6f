import { randomBytes } from 'node:crypto';

/** What the owner of a server gets where no SSH key was given, or asks for later. */
export function rootPassword(): string {
  return randomBytes(15).toString('base64url');
}
