/**
 * A mistake that the user can mend: the message says what is wrong, where, and what to write or do instead.
 * It is printed without a stack trace; anything else that is thrown is a defect of ours and keeps its trace.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/** The text to print for whatever was thrown. */
export function describeError(error: unknown): string {
  if (error instanceof UserError) return error.message;
  if (error instanceof Error) return error.stack ?? error.message;
  return String(error);
}
