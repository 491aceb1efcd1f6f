import { TwinError } from './errors.ts';
import { type DaemonFile, projectToken, runningDaemon, type Settings } from './settings.ts';

/** @throws TwinError when the twin does not run */
export function required(settings: Settings): DaemonFile {
  const daemon = runningDaemon(settings);
  if (!daemon) throw new TwinError(`The twin ${settings.name} does not run. Start it: ./bin/twin up`);
  return daemon;
}

export function endpoint(port: number): string {
  return `http://127.0.0.1:${port}/v1`;
}

/**
 * One request to the running twin, Hetzner's API or its own paths.
 * @throws TwinError with what the twin refused
 */
export async function ask(
  settings: Settings,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: object,
): Promise<Record<string, unknown>> {
  const { port } = required(settings);
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${projectToken(settings)}`,
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const json = (await answer.json()) as Record<string, unknown>;
  if (!answer.ok) throw new TwinError((json['error'] as { message: string }).message);
  return json;
}
