/** Tells of a check in a line of JSON. */
export function report(check: string, error?: string): void {
  console.log(JSON.stringify({ check, ok: error === undefined, ...(error === undefined ? {} : { error }) }));
}
