import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FAULTS, type FaultName } from '../../twin/faults/index.ts';
import { Environment } from './environment.ts';

/** What one `up` makes of a fault: it succeeds all the same, or ends with a message that has all of these. */
type Outcome = 'succeeds' | readonly RegExp[];

interface Expectation {
  /** Options of `twin faults arm`, with LOCATION for where the new server is to be. */
  readonly arm: readonly string[];
  readonly first: Outcome;
  /** What a run that succeeds says of it. */
  readonly says?: RegExp;
  /** The same fault, armed for as long as the run lasts. */
  readonly always?: readonly RegExp[];
}

const WORKER = /server local-worker-1 \(create/;
const POST = ['--on', 'POST /servers'];

/** For each fault of the catalogue, what comes of it while a server is replaced. */
const EXPECTED: Readonly<Record<FaultName, Expectation>> = {
  rate_limit_exceeded: {
    arm: POST,
    first: 'succeeds',
    always: [WORKER, /\(rate_limit_exceeded, /, /wait some minutes/],
  },
  conflict: { arm: POST, first: 'succeeds', always: [WORKER, /\(conflict, /, /run again/] },
  locked: {
    arm: ['--on', 'POST /servers/*/actions/attach_to_network'],
    first: 'succeeds',
    always: [WORKER, /\(locked, /, /Another action holds the server/],
  },
  server_error: { arm: POST, first: [WORKER, /\(server_error, /, /run again.*status\.hetzner\.com/] },
  unavailable: { arm: POST, first: [WORKER, /\(unavailable, /, /status\.hetzner\.com/] },
  timeout: {
    arm: POST,
    first: 'succeeds',
    always: [WORKER, /\(timeout, /, /run again.*status\.hetzner\.com/],
  },
  resource_unavailable: {
    arm: POST,
    first: [WORKER, /\(resource_unavailable, /, /has no cx33 left.*Pulumi\.local\.yaml/],
  },
  placement_error: { arm: POST, first: [WORKER, /\(placement_error, /, /spread the pool/] },
  dropped_reply: { arm: POST, first: [WORKER, /no answer from/, /nobody knows/, /it is removed/] },
  truncated_body: {
    arm: POST,
    first: [WORKER, /unexpected EOF/, /Only part of the answer/, /it is removed/],
  },
  slow_body: { arm: POST, first: 'succeeds' },
  action_fails: {
    arm: ['--on', 'create_server'],
    first: [WORKER, /create_server: .*\(action_failed, /, /Hetzner began it and could not end it/],
  },
  action_never_ends: {
    arm: ['--on', 'create_server'],
    first: [WORKER, /context deadline exceeded.*create_server/, /has not ended it/],
  },
  no_network: { arm: ['--on', 'local-worker-1'], first: 'succeeds' },
  no_metadata: { arm: ['--on', 'local-worker-1'], first: 'succeeds' },
  disk_full: { arm: ['--on', 'local-worker-1'], first: 'succeeds' },
  clock_skew: { arm: ['--on', 'local-worker-1'], first: 'succeeds' },
  machine_crash: {
    arm: ['--on', 'local-control-plane-1'],
    first: 'succeeds',
    says: /server local-control-plane-1 was off; it is started/,
  },
  gateway_down: { arm: [], first: 'succeeds', says: /server local-gateway was off; it is started/ },
  location_down: {
    arm: ['--always', '--on', 'LOCATION'],
    first: [
      WORKER,
      /\(resource_unavailable, |\(unavailable, /,
      /LOCATION has no cx33 left|status\.hetzner\.com/,
    ],
  },
  partition: { arm: ['--always', '--on', 'fsn1.nbg1'], first: 'succeeds' },
};

describe('a server is replaced while Hetzner is in trouble', () => {
  let environment: Environment;
  beforeAll(() => {
    environment = new Environment('faults', 8507);
    const { code, output } = environment.up();
    expect(code, output).toBe(0);
  });
  afterAll(() => environment.remove());
  beforeEach(() => environment.clear());

  const told = (parts: readonly RegExp[], location: string) => {
    const { code, output } = environment.up();
    expect(code, output).not.toBe(0);
    const closing = output.slice(output.indexOf('Stack local: up failed'));
    for (const part of parts)
      expect(closing).toMatch(new RegExp(part.source.replaceAll('LOCATION', location)));
    expect(closing).not.toMatch(/\n\s+at .+:\d+:\d+/);
  };
  const whole = async (says = /Resources:/) => {
    const { code, output } = environment.up();
    expect(code, output).toBe(0);
    expect(output).toMatch(says);
    expect(await environment.atHetzner()).toEqual(await environment.inState());
  };

  it.each(Object.keys(FAULTS) as FaultName[])('%s', async (fault) => {
    const expected = EXPECTED[fault];
    expect(expected, `what is to come of ${fault}? Say it in EXPECTED`).toBeDefined();
    const location = environment.moveWorker();
    const options = expected.arm.map((option) => option.replace('LOCATION', location));
    if (expected.always) {
      environment.arm(fault, '--always', ...options);
      told(expected.always, location);
      environment.clear();
    }
    environment.arm(fault, ...options);
    if (expected.first !== 'succeeds') {
      told(expected.first, location);
      environment.clear();
    }
    await whole(expected.says);
    await expect.poll(() => environment.unfit()).toEqual([]);
    if (!options.includes('--always')) expect(await environment.armed(), 'it never struck').toEqual([]);
  });

  it('a server that fails half-way, and whose successor is made without a reply, leaves neither', async () => {
    const location = environment.moveWorker();
    environment.arm('action_fails', '--on', 'create_server');
    told([WORKER, /action_failed/], location);
    environment.arm('dropped_reply', '--on', 'POST /servers');
    told([WORKER, /no answer from/, /it is removed/], location);
    await whole();
    expect(await environment.unfit()).toEqual([]);
  });
});
