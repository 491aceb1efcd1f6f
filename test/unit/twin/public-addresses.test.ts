import { describe, expect, it } from 'vitest';
import { nextFree } from '../../../twin/ranges.ts';

describe('free addresses of a range', () => {
  const taken =
    (...addresses: string[]) =>
    (address: string) =>
      addresses.includes(address);

  it('begin with the second and end before the last', () => {
    expect(nextFree('198.18.0.0/30', taken(), undefined)).toBe('198.18.0.1');
    expect(nextFree('198.18.0.0/30', taken('198.18.0.1'), undefined)).toBe('198.18.0.2');
    expect(nextFree('198.18.0.0/30', taken('198.18.0.1', '198.18.0.2'), undefined)).toBeUndefined();
  });

  it('are looked for behind the newest, and then from the beginning', () => {
    expect(nextFree('198.18.0.0/29', taken('198.18.0.3'), '198.18.0.3')).toBe('198.18.0.4');
    expect(nextFree('198.18.0.0/29', taken('198.18.0.6'), '198.18.0.6')).toBe('198.18.0.1');
    expect(nextFree('198.18.0.0/29', taken('198.18.0.6', '198.18.0.1'), '198.18.0.6')).toBe('198.18.0.2');
    expect(nextFree('198.18.0.0/29', taken(), '203.0.113.9')).toBe('198.18.0.1');
  });

  it('are none in a range without room', () => {
    expect(nextFree('198.18.0.0/31', taken(), undefined)).toBeUndefined();
    expect(nextFree('nonsense', taken(), undefined)).toBeUndefined();
  });
});
