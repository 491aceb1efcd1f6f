import { readdirSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { listen } from '../../../src/cli/run-events.ts';
import type { Failure } from '../../../src/cli/run-record.ts';

const URN = 'urn:pulumi:dev::groundup::hcloud:index/server:Server::dev-worker-1';

describe("what Pulumi's engine reports", () => {
  const events = [
    { diagnosticEvent: { message: 'PRIVATE KEY', severity: 'debug' } },
    { diagnosticEvent: { urn: URN, message: 'sold out (resource_unavailable)\n', severity: 'error' } },
    {
      resOpFailedEvent: {
        metadata: {
          op: 'create',
          urn: URN,
          type: 'hcloud:index/server:Server',
          old: null,
          new: { inputs: { name: 'dev-worker-1', location: 'fsn1', userData: 'PRIVATE KEY' } },
        },
      },
    },
    { diagnosticEvent: { message: 'update failed\n', severity: 'error' } },
  ];
  const text = events.map((event) => `${JSON.stringify(event)}\n`).join('');

  it('is heard as far as it is trouble, and without what is secret', async () => {
    const recorded: Failure[] = [];
    const heard = listen((failures) => recorded.splice(0, Infinity, ...failures));
    // The engine's writes end anywhere, also within a line.
    writeSync(heard.file, text.slice(0, 200), 0);
    await new Promise((resolve) => setTimeout(resolve, 250));
    writeSync(heard.file, text.slice(200), 200);
    heard.end();
    expect(heard.failures).toEqual([
      {
        op: 'create',
        urn: URN,
        type: 'hcloud:index/server:Server',
        reason: 'sold out (resource_unavailable)',
        inputs: { name: 'dev-worker-1', location: 'fsn1' },
      },
    ]);
    expect(recorded).toEqual(heard.failures);
    expect(heard.errors).toEqual(['update failed']);
    expect(JSON.stringify(heard.failures)).not.toContain('PRIVATE KEY');
  });

  it('has no name in any folder, so that a kill leaves nothing of it', () => {
    const heard = listen(() => {});
    for (const folder of ['/dev/shm', tmpdir()])
      expect(readdirSync(folder).filter((name) => name.startsWith('groundup-events-'))).toEqual([]);
    heard.end();
  });
});
