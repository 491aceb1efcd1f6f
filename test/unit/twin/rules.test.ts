import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TwinError } from '../../../twin/errors.ts';
import { LocalHetzner } from './local-hetzner.ts';

describe('rules of the local Hetzner', () => {
  let hetzner: LocalHetzner;
  beforeEach(() => {
    hetzner = new LocalHetzner();
  });
  afterEach(() => hetzner.remove());

  it('are changed while it runs, kept over a restart, and put back', async () => {
    const { rules } = hetzner.project;
    expect(rules.limit('network_servers')).toBe(100);
    await hetzner.done('PUT', '/twin/rules', { 'limits.network_servers': '3', 'stock.cx23.fsn1': 'out' });
    expect(rules.limit('network_servers')).toBe(3);
    await hetzner.restart();
    expect(hetzner.project.rules.limit('network_servers')).toBe(3);
    expect(hetzner.project.rules.inStock('cx23', 'fsn1')).toBe(false);
    expect(hetzner.project.rules.inStock('cx23', 'nbg1')).toBe(true);
    await hetzner.done('PUT', '/twin/rules', { 'limits.network_servers': null });
    expect(hetzner.project.rules.limit('network_servers')).toBe(100);
  });

  it('scale time by speed, and leave a delay that was set as it is', () => {
    const { rules } = hetzner.project;
    expect([rules.latencyMs('create_server'), rules.delayMs('fsn1', 'hel1')]).toEqual([0, 0]);
    rules.set({ speed: '1' });
    const real = rules.latencyMs('create_server');
    expect(real).toBeGreaterThan(1000);
    expect(rules.delayMs('hel1', 'fsn1')).toBe(rules.delayMs('fsn1', 'hel1'));
    rules.set({ speed: '10' });
    expect(rules.latencyMs('create_server')).toBe(real / 10);
    rules.set({ 'delay.fsn1.hel1': '40' });
    expect([rules.delayMs('hel1', 'fsn1'), rules.delayMs('fsn1', 'fsn1')]).toEqual([40, 0]);
  });

  it.each([
    ['limits.nonsense', '1', /no rule "limits.nonsense".*limits\.servers/],
    ['nonsense', '1', /twin set` lists all/],
    ['limits.servers', 'many', /a number from 0 on/],
    ['stock.cx23.fsn1', 'soon', /available or out/],
    ['deprecation.cx23', '31.12.2026', /2026-12-31/],
    ['legacy.datacenters', 'yes', /on or off/],
  ])('refuse %s = %s', (key, value, message) => {
    expect(() => hetzner.project.rules.set({ [key]: value })).toThrow(message);
    expect(() => hetzner.project.rules.set({ [key]: value })).toThrow(TwinError);
  });

  it('refuse several as a whole: nothing is set when one does not fit', async () => {
    const { status } = await hetzner.call('PUT', '/twin/rules', {
      'limits.servers': '1',
      'limits.nonsense': '1',
    });
    expect(status).toBe(422);
    expect(hetzner.project.rules.limit('servers')).toBeGreaterThan(1);
  });

  it('count requests, tell how many are left, and refuse too many only when asked to', async () => {
    const first = await hetzner.call('GET', '/locations');
    expect(first.headers).toMatchObject({ 'ratelimit-limit': '3600', 'ratelimit-remaining': '3599' });
    hetzner.project.rules.set({ 'limits.requests_per_hour': '3' });
    expect((await hetzner.call('GET', '/locations')).headers['ratelimit-remaining']).toBe('1');
    for (let i = 0; i < 3; i++) expect((await hetzner.call('GET', '/locations')).status).toBe(200);
    hetzner.project.rules.set({ rate_limit: 'on' });
    const refused = await hetzner.call('GET', '/locations');
    expect([refused.status, refused.body.error.code]).toEqual([429, 'rate_limit_exceeded']);
    expect(Number(refused.headers['ratelimit-reset'])).toBeGreaterThan(Date.now() / 1000);
  });
});
