import { describe, expect, it } from 'vitest';
import { tally } from '../../conformance/tally.ts';

const line = (check: string, ok = true) => JSON.stringify({ check, ok, error: ok ? null : 'no' });
const excuse = { suite: 'a client', check: 'odd', why: 'its own fault' };

describe('what a conformance suite says', () => {
  it('is counted check by check', () => {
    const { passed, total, troubles } = tally('a client', `${line('one')}\n${line('two', false)}\n`, 0, []);
    expect({ passed, total, troubles }).toEqual({ passed: 1, total: 2, troubles: ['two: no'] });
  });

  it('leaves out what the ledger excuses, for that suite alone', () => {
    const output = `${line('one')}\n${line('odd', false)}\n`;
    expect(tally('a client', output, 0, [excuse])).toMatchObject({
      passed: 1,
      total: 1,
      excused: 1,
      troubles: [],
    });
    expect(tally('another', output, 0, [excuse])).toMatchObject({ passed: 1, total: 2, excused: 0 });
  });

  it('calls an excuse stale whose check passes, or is not there', () => {
    for (const output of [line('odd'), line('one')]) {
      expect(tally('a client', output, 0, [excuse]).troubles).toEqual([
        expect.stringContaining('strike it off'),
      ]);
    }
  });

  it('fails when the program breaks off, tells nothing, or tells something else', () => {
    expect(tally('a client', line('one'), 3, []).troubles).toEqual(['runs to its end: exit code 3']);
    expect(tally('a client', '', 0, []).troubles).toHaveLength(1);
    expect(tally('a client', 'Traceback', 0, []).troubles).toEqual(['tells every check as JSON: Traceback']);
  });
});
