import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Environment, SERVERS } from './environment.ts';

/** Every write by which the program makes an environment, and the actions that it starts. */
const WRITES = [
  'POST /networks',
  'POST /networks/*/actions/add_subnet',
  'POST /networks/*/actions/add_route',
  'POST /firewalls',
  'POST /ssh_keys',
  'POST /placement_groups',
  'POST /primary_ips',
  'POST /volumes',
  'POST /volumes/*/actions/attach',
  'POST /servers',
  'POST /servers/*/actions/attach_to_network',
  'POST /servers/*/actions/poweron',
];
const ACTIONS = [
  'add_subnet',
  'add_route',
  'create_volume',
  'attach_volume',
  'create_server',
  'attach_to_network',
  'start_server',
];
const REMOVALS = [
  'DELETE /networks/*',
  'POST /networks/*/actions/delete_subnet',
  'POST /networks/*/actions/delete_route',
  'DELETE /firewalls/*',
  'DELETE /ssh_keys/*',
  'DELETE /placement_groups/*',
  'DELETE /primary_ips/*',
  'DELETE /volumes/*',
  'POST /volumes/*/actions/detach',
  'DELETE /servers/*',
];
const REMOVING_ACTIONS = ['delete_subnet', 'delete_route', 'detach_volume', 'delete_server'];

/** A dozen runs in a row; on a busy machine one takes half a minute. */
const PATIENCE_MS = 8 * 60_000;

describe('everything that a run writes is struck once', () => {
  let environment: Environment;
  beforeAll(() => {
    // A run strikes as much as it can reach, so that fewer are needed.
    environment = new Environment('every', 8508, { PULUMI_CONTINUE_ON_ERROR: 'true' });
  });
  afterAll(() => environment.remove());
  beforeEach(() => environment.clear());

  /** Runs until one succeeds. After each that failed, what is at Hetzner is in the state or was removed. */
  const untilItSucceeds = async (most: number, run: () => { code: number; output: string }) => {
    const closings: string[] = [];
    for (let runs = 1; runs <= most; runs++) {
      const { code, output } = run();
      if (code === 0) return runs;
      const [, closing = ''] = output.split(/Stack local: (?:up|destroy) failed/);
      closings.push(closing);
      expect(closing, output).toMatch(/^- [a-z ]+ local\S* \([a-z-]+\): .+\n {2}\S/m);
      const known = await environment.inState();
      const orphans = (await environment.atHetzner()).filter((object) => !known.includes(object));
      expect(orphans, output).toEqual([]);
    }
    return expect.fail(`no run of ${most} succeeded: ${closings.join('\n')}`);
  };

  it.each([
    ['dropped_reply', WRITES, REMOVALS],
    ['truncated_body', WRITES, REMOVALS],
    ['action_fails', ACTIONS, REMOVING_ACTIONS],
  ])(
    '%s: it comes up in the end, goes down in the end, and nothing is orphaned',
    async (fault, making, removing) => {
      for (const place of making) environment.arm(fault, '--on', place);
      expect(await untilItSucceeds(making.length + 1, () => environment.up())).toBeGreaterThan(1);
      expect(await environment.armed(), 'it never struck').toEqual([]);
      expect(await environment.atHetzner()).toEqual(await environment.inState());
      expect(await environment.unfit()).toEqual([]);
      const { servers } = await environment.checkout.api<{ servers: { name: string }[] }>('/v1/servers');
      expect(servers.map(({ name }) => name).sort()).toEqual(SERVERS);
      for (const place of removing) environment.arm(fault, '--on', place);
      await untilItSucceeds(removing.length + 1, () => environment.destroy());
      environment.clear();
      expect(await environment.atHetzner()).toEqual([]);
    },
    PATIENCE_MS,
  );
});
