/** One mistake in a stack file. */
export interface Finding {
  /** Where, as written in the file: `groundup:pools[0].count`. */
  readonly path: string;
  /** What was found there; absent where it could be a key. */
  readonly value?: unknown;
  /** What must hold, beginning with `must` or `is`. */
  readonly rule: string;
  /** What to write instead. */
  readonly remedy: string;
}

export type Path = readonly (string | number)[];

export function pathText(path: Path): string {
  const [group = '', ...rest] = path;
  return `groundup:${group}${rest.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('')}`;
}

const SHOWN = 60;

function shown(value: unknown): string {
  const text = typeof value === 'string' ? `"${value}"` : (JSON.stringify(value) ?? 'nothing');
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

/** All findings of a file as one message, in the order of the file's groups. */
export function reportFindings(file: string, findings: readonly Finding[]): string {
  const head = `${file}: ${findings.length === 1 ? 'one mistake' : `${findings.length} mistakes`}; nothing was changed.`;
  const lines = findings.map(({ path, value, rule, remedy }) => {
    const found = value === undefined ? '' : ` = ${shown(value)}`;
    return `  ${path}${found}: ${rule}. ${remedy}`;
  });
  return [head, ...lines].join('\n');
}
