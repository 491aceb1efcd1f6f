import { setTimeout as sleep } from 'node:timers/promises';

/** Asks again until `check` passes. @throws its last error after `seconds` */
export async function eventually(seconds: number, check: () => unknown): Promise<void> {
  for (const deadline = Date.now() + seconds * 1000; ; await sleep(300)) {
    try {
      await check();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}
