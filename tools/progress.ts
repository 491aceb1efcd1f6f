const QUIET_MS = 2_000;
const REPEAT_MS = 15_000;

/** Says what is going on once it takes longer than two seconds, and again now and then. */
export async function withProgress<T>(what: string, work: () => Promise<T>): Promise<T> {
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  let repeat: NodeJS.Timeout | undefined;
  const first = setTimeout(() => {
    console.error(`tools: ${what} …`);
    repeat = setInterval(() => console.error(`tools: ${what} … ${seconds()} s`), REPEAT_MS);
  }, QUIET_MS);
  try {
    const result = await work();
    if (repeat) console.error(`tools: ${what}: done in ${seconds()} s`);
    return result;
  } finally {
    clearTimeout(first);
    clearInterval(repeat);
  }
}
