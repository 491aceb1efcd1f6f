import { describe, expect, it } from 'vitest';
import { closingMessage } from '../../../src/cli/closing-message.ts';
import { errorCode, remedy } from '../../../src/cli/remedies.ts';
import type { Failure } from '../../../src/cli/run-record.ts';
import { FAULTS } from '../../../twin/faults/index.ts';

const TROUBLE = { kind: 'server', name: 'a', stack: 'dev', serverType: 'cx33', location: 'fsn1' };

describe('what mends a failure', () => {
  it.each([
    ['server type is not available (resource_unavailable, 5f3a)', 'resource_unavailable'],
    ['POST /servers: name is already used (uniqueness_error)', 'uniqueness_error'],
    ['Action failed\n\nno host\n\nError code: placement_error\nCommand: create_server', 'placement_error'],
    ['create_server: it failed (action_failed, 17)', 'action_failed'],
    ['context deadline exceeded: remaining running actions: [12]', 'action_never_ended'],
    ['Timeout while waiting on action(s)', 'action_never_ended'],
    ['Post "https://api.hetzner.cloud/v1/servers": EOF', 'no_answer'],
    ['dial tcp: lookup api.hetzner.cloud: no such host', 'no_answer'],
    ['hcloud: server responded with status code 503', 'unavailable'],
    ['unexpected EOF', 'half_an_answer'],
    ['something (else)', undefined],
  ])('%j is %s', (reason, code) => {
    expect(errorCode(reason)).toBe(code);
  });

  const codes = Object.entries(FAULTS).flatMap(([name, kind]) => ('status' in kind ? [name] : []));
  it.each([
    ...codes,
    'placement_group_member_limit_reached',
    'resource_limit_exceeded',
    'uniqueness_error',
    'invalid_input',
    'protected',
    'unauthorized',
  ])('there is a remedy for %s', (code) => {
    expect(remedy(`what Hetzner said (${code}, 1)`, TROUBLE)).toMatch(/^\S.+\.$/);
  });

  it('names place and type where something is sold out, and the limit where there may be no more', () => {
    expect(remedy('(resource_unavailable)', TROUBLE)).toMatch(/fsn1 has no cx33 left.*Pulumi\.dev\.yaml/);
    expect(remedy('(resource_limit_exceeded)', TROUBLE)).toMatch(/higher limit of servers/);
  });

  const failure: Failure = {
    urn: 'urn:pulumi:dev::groundup::groundup:compute:NodePool$hcloud:index/volumeAttachment:VolumeAttachment::dev-1-etcd',
    type: 'hcloud:index/volumeAttachment:VolumeAttachment',
    op: 'create',
    reason: '1 error occurred:\n\t* the volume is locked (locked, 12)\n\n',
    inputs: {},
  };

  it('is told for each resource by the name that people know', () => {
    expect(closingMessage('dev', 'up', { failures: [failure], errors: [] }, ['Something was removed.'])).toBe(
      [
        'Stack dev: up failed:',
        '- volume attachment dev-1-etcd (create): the volume is locked (locked, 12)',
        '  Another action holds the volume attachment: run again when that has ended.',
        'Something was removed.',
        'Mend it and run the same command again: it goes on.',
      ].join('\n'),
    );
  });

  it('is told for a look-up that failed, without the trace around it', () => {
    const error =
      'Running program failed with an unhandled exception:\n<ref *1> Error: invocation of hcloud:index/getImage:getImage returned an error: GET /images: the API is down (unavailable, 3e8d)\n    at Object.callback (invoke.ts:292:37)';
    expect(closingMessage('dev', 'up', { failures: [], errors: [error] }, [])).toMatch(
      /\n- look-up getImage: GET \/images: the API is down \(unavailable, 3e8d\)\n {2}Hetzner's API is down/,
    );
  });

  it('is left to what is above where nothing of Hetzner failed', () => {
    expect(closingMessage('dev', 'up', { failures: [], errors: ['a mistake'] }, [])).toBe(
      'Stack dev: up failed; what failed is above.\nMend it and run the same command again: it goes on.',
    );
  });
});
