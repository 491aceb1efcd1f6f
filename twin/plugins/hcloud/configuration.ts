import { optionalText, type Values } from '../protocol/index.ts';
import type { ClientOptions } from './client.ts';
import type { Patience } from './patience.ts';

const TOKEN_LENGTH = 64;
const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * What the provider is told, checked.
 * @throws Error when the endpoint is not on loopback, or the token cannot be one
 */
export function clientOptions(config: Values, environment: NodeJS.ProcessEnv): ClientOptions {
  const endpoint = optionalText(config, 'endpoint') ?? environment['HCLOUD_ENDPOINT'] ?? '';
  const host = URL.canParse(endpoint) ? new URL(endpoint).hostname : '';
  if (!LOOPBACK.includes(host)) {
    throw new Error(
      `the stand-in for the hcloud provider speaks to a local Hetzner only, and ${endpoint || "Hetzner's own endpoint"} is not on loopback. ` +
        'For a real environment install the official plugin: pulumi plugin install resource hcloud',
    );
  }
  const token = optionalText(config, 'token') ?? environment['HCLOUD_TOKEN'] ?? '';
  if (token === '')
    throw new Error('no token for the Hetzner API: set HCLOUD_TOKEN, or hcloud:token in the stack');
  if (token.length !== TOKEN_LENGTH) {
    throw new Error(
      `the token for the Hetzner API must have ${TOKEN_LENGTH} characters, and it has ${token.length}`,
    );
  }
  return {
    endpoint: endpoint.replace(/\/$/, ''),
    token,
    pollMs: milliseconds(optionalText(config, 'pollInterval') ?? '500ms'),
    pollDoubles: optionalText(config, 'pollFunction') !== 'constant',
    patience: patience(environment),
  };
}

/**
 * Tests have no minutes to wait: `TWIN_PROVIDER_PACE` multiplies the waits before another try, and
 * `TWIN_PROVIDER_BOUND` is the longest time of one operation, a duration such as `5s`.
 */
function patience(environment: NodeJS.ProcessEnv): Patience {
  const bound = environment['TWIN_PROVIDER_BOUND'];
  const pace = Number(environment['TWIN_PROVIDER_PACE'] ?? 1);
  if (!(pace >= 0))
    throw new Error(`TWIN_PROVIDER_PACE is "${environment['TWIN_PROVIDER_PACE']}": write 1 or a fraction`);
  return { pace, ...(bound === undefined ? {} : { boundMs: milliseconds(bound, 'TWIN_PROVIDER_BOUND') }) };
}

/** A duration as Go writes it: `100ms`, `0.5s`. */
function milliseconds(duration: string, of = 'pollInterval'): number {
  const match = /^([\d.]+)(ms|s)$/.exec(duration);
  if (!match) throw new Error(`${of} ${duration} is not a duration such as 500ms`);
  return Number(match[1]) * (match[2] === 's' ? 1000 : 1);
}
