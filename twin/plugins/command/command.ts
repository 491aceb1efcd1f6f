import { randomUUID } from 'node:crypto';
import {
  type CallContext,
  isValues,
  list,
  optionalText,
  type ResourceType,
  text,
  type Values,
} from '../protocol/index.ts';
import { execute } from './process.ts';

const UNSUPPORTED = ['assetPaths', 'archivePaths'];

/** `command:local:Command` as version 1.2.1 behaves: create, update in place, delete from the old state, no read. */
export const localCommand: ResourceType = {
  // The SDK asks for a replacement of `triggers` itself.
  replaceOn: [],
  computed: ['stdout', 'stderr'],
  recomputed: ['stdout', 'stderr'],
  check: (inputs) =>
    UNSUPPORTED.filter((key) => inputs[key] !== undefined).map((property) => ({
      property,
      reason: 'is not offered by this stand-in; use the official plugin',
    })),
  create: async (inputs, context) => {
    const outputs = await run('create', inputs, {}, context);
    return {
      id: `command${randomUUID().replaceAll('-', '').slice(0, 12)}`,
      outputs: { ...inputs, ...outputs },
    };
  },
  update: async (_id, olds, news, context) => {
    const step = optionalText(news, 'update') === undefined ? 'create' : 'update';
    return { ...news, ...(await run(step, news, olds, context)) };
  },
  remove: async (_id, olds, context) => {
    await run('delete', olds, olds, context);
  },
};

/** `command:local:run`; it runs in previews too, as the real one does. */
export async function runFunction(inputs: Values, context: CallContext): Promise<Values> {
  return { ...inputs, ...(await run('command', inputs, {}, context)) };
}

async function run(step: string, inputs: Values, olds: Values, context: CallContext): Promise<Values> {
  const command = optionalText(inputs, step);
  if (command === undefined) return { stdout: text(olds, 'stdout'), stderr: text(olds, 'stderr') };
  const interpreter = list(inputs, 'interpreter').map(String);
  const argv = [...(interpreter.length > 0 ? interpreter : ['/bin/sh', '-c']), command];
  const logging = optionalText(inputs, 'logging') ?? 'stdoutAndStderr';
  const { code, stdout, stderr } = await execute({
    argv,
    stdin: text(inputs, 'stdin'),
    cwd: optionalText(inputs, 'dir'),
    env: { ...previousOutput(inputs, olds), ...environment(inputs) },
    signal: context.signal,
    onLine: (stream, line) => {
      if (logging.toLowerCase().includes(stream)) context.log('info', line);
    },
  });
  if (context.signal.aborted) throw new Error(`${step} was ended: ${describeReason(context.signal)}`);
  if (code !== 0)
    throw new Error(
      `exit status ${code ?? 'unknown'}: running ${JSON.stringify(command)}:\n${stdout}${stderr}`,
    );
  return { stdout: withoutLastBreak(stdout), stderr: withoutLastBreak(stderr) };
}

function previousOutput(inputs: Values, olds: Values): Record<string, string> {
  if (inputs['addPreviousOutputInEnv'] === false || olds['stdout'] === undefined) return {};
  return { PULUMI_COMMAND_STDOUT: text(olds, 'stdout'), PULUMI_COMMAND_STDERR: text(olds, 'stderr') };
}

function environment(inputs: Values): Record<string, string> {
  const { environment: given } = inputs;
  return isValues(given)
    ? Object.fromEntries(Object.entries(given).map(([key, value]) => [key, String(value)]))
    : {};
}

function describeReason(signal: AbortSignal): string {
  const reason: unknown = signal.reason;
  if (reason instanceof Error && reason.name === 'TimeoutError') return 'its time was over';
  return 'the run was cancelled';
}

function withoutLastBreak(output: string): string {
  return output.endsWith('\n') ? output.slice(0, -1) : output;
}
