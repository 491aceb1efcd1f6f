import { remedy, type Trouble } from './remedies.ts';
import type { RunEvents } from './run-events.ts';
import type { Failure } from './run-record.ts';

/**
 * The last word of a run that failed: each resource, what was said of it, and what mends it.
 * @param command Pulumi's, such as `up`
 * @param left what was put in order already, a line each
 */
export function closingMessage(
  stack: string,
  command: string,
  { failures, errors }: Pick<RunEvents, 'failures' | 'errors'>,
  left: readonly string[],
): string {
  const lookups = failures.length > 0 ? [] : errors.flatMap((error) => lookup(stack, error));
  const told = [...failures.map((failure) => line(stack, failure)), ...lookups];
  return [
    `Stack ${stack}: ${command} failed${told.length > 0 ? ':' : '; what failed is above.'}`,
    ...told,
    ...left,
    'Mend it and run the same command again: it goes on.',
  ].join('\n');
}

function line(stack: string, { urn, type, op, reason, inputs }: Failure): string {
  const kind = kindOf(type);
  const name = urn.split('::').at(-1) ?? urn;
  const text = (key: string) => (typeof inputs[key] === 'string' ? inputs[key] : undefined);
  const trouble: Trouble = {
    kind,
    name,
    stack,
    serverType: text('serverType') ?? kind,
    location: text('location') ?? text('homeLocation') ?? 'the location',
  };
  return entry(`${kind} ${name} (${op})`, reason, trouble);
}

/** A look-up is no resource: its error comes with the program's, which names the function and has a trace of ours. */
function lookup(stack: string, error: string): string[] {
  const [, called, said] =
    /invocation of hcloud:\w+\/(\w+):\w+ returned an error: (.*)/.exec(error) ??
    /Invoke of 'hcloud:\w+\/(\w+):\w+' failed: (.*)/.exec(error) ??
    [];
  if (called === undefined || said === undefined) return [];
  const trouble = { kind: 'object', name: called, stack, serverType: 'it', location: 'the location' };
  return [entry(`look-up ${called}`, said, trouble)];
}

function entry(what: string, reason: string, trouble: Trouble): string {
  const said = reason
    .split('\n')
    .map((part) => part.replace(/^\s*(\*|-)?\s*/, ''))
    .filter((part) => part !== '' && !/^\d+ errors? occurred/.test(part));
  const advice = remedy(reason, trouble);
  return [`- ${what}: ${said.join(' ')}`, ...(advice === undefined ? [] : [`  ${advice}`])].join('\n');
}

/** `hcloud:index/volumeAttachment:VolumeAttachment` is a volume attachment. */
function kindOf(type: string): string {
  const name = type.split(':').at(-1) ?? type;
  return name.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter}`).toLowerCase();
}
