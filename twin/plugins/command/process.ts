import { spawn } from 'node:child_process';

export interface Execution {
  readonly argv: readonly string[];
  readonly stdin: string;
  readonly cwd: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Called with every line as it comes, without the line break. */
  readonly onLine: (stream: 'stdout' | 'stderr', line: string) => void;
}

export interface Outcome {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Time between asking a process group to end and ending it. */
const GRACE_MS = 5_000;
const groups = new Set<number>();

/** Ends everything that commands of this plugin started. */
export function endAll(): void {
  for (const group of groups) signalGroup(group, 'SIGTERM');
}

/** Runs a program in a process group of its own, so that cancelling ends its children too. */
export function execute({ argv, stdin, cwd, env, signal, onLine }: Execution): Promise<Outcome> {
  const [program = '', ...rest] = argv;
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(new Error('cancelled before it began'));
      return;
    }
    const child = spawn(program, rest, {
      cwd,
      env: { ...process.env, ...env },
      detached: true,
      stdio: 'pipe',
    });
    const texts = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      let pending = '';
      child[stream].setEncoding('utf8').on('data', (chunk: string) => {
        texts[stream] += chunk;
        const lines = (pending + chunk).split('\n');
        pending = lines.pop() ?? '';
        for (const line of lines) onLine(stream, line);
      });
    }
    child.stdin.on('error', () => {});
    child.stdin.end(stdin);
    const group = child.pid;
    if (group !== undefined) groups.add(group);
    let hard: NodeJS.Timeout | undefined;
    const cancel = () => {
      if (group === undefined) return;
      signalGroup(group, 'SIGTERM');
      hard = setTimeout(() => signalGroup(group, 'SIGKILL'), GRACE_MS);
    };
    signal.addEventListener('abort', cancel, { once: true });
    const settle = () => {
      clearTimeout(hard);
      signal.removeEventListener('abort', cancel);
      if (group !== undefined) groups.delete(group);
    };
    child.on('error', (error) => {
      settle();
      reject(error);
    });
    child.on('close', (code) => {
      settle();
      resolve({ code: code ?? undefined, ...texts });
    });
  });
}

function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    groups.delete(group);
  }
}
