import * as pulumi from '@pulumi/pulumi';
import { parseSpec } from './parse.ts';
import type { ClusterSpec } from './schema.ts';

/** Which keys hold a map or a list; the others are single values. */
const STRUCTURED = ['network', 'access', 'pools', 'kubernetes', 'budget', 'protect'];

/**
 * The running stack's configuration.
 * @throws UserError with every mistake of the stack file
 */
export function loadSpec(): ClusterSpec {
  const raw: Record<string, unknown> = {};
  for (const [key, text] of Object.entries(pulumi.runtime.allConfig())) {
    const [group, name = ''] = key.split(':');
    if (group === 'groundup') raw[name] = STRUCTURED.includes(name) ? parsed(text) : text;
  }
  return parseSpec(raw, pulumi.getStack());
}

/** Pulumi hands over maps and lists as JSON; what is none stays text, and the check names it. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
