import { change } from './change.ts';
import { ensureStack, pulumi } from './pulumi.ts';
import { readStackFile } from './stack-file.ts';
import { afterCrash, withoutMachines } from './up.ts';

/** Commands that run the program. */
const RUNNING = ['up', 'update', 'preview', 'refresh', 'destroy'];
const CHANGING = ['up', 'update', 'refresh', 'destroy'];

/** `groundup pulumi ARGS`: the CLI as it is, prepared as `groundup up` prepares it. Returns its exit code. */
export async function passthrough(name: string, args: readonly string[]): Promise<number> {
  const stack = readStackFile(name);
  const [command = ''] = args;
  // A sandbox's stack is nobody's decision: it exists as soon as someone works with it.
  const initialises = command === 'stack' && args[1] === 'init';
  if (stack.local && (RUNNING.includes(command) || initialises)) await ensureStack(stack);
  if (stack.local && initialises) return 0;
  const env = RUNNING.includes(command) && withoutMachines(stack) ? { GROUNDUP_WITHOUT_MACHINES: '1' } : {};
  if (CHANGING.includes(command)) {
    await afterCrash(stack);
    const { code, message } = await change(stack, args, env);
    if (message !== '') console.error(message);
    return code;
  }
  return (await pulumi(stack, args, { env })).code;
}
