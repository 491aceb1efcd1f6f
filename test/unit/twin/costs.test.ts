import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { charge } from '../../../twin/costs.ts';
import { LocalHetzner } from './local-hetzner.ts';

const HOUR = 3_600_000;
const price = { hourly: 0.01, monthly: 5 };

describe('the charge for a time', () => {
  const from = new Date('2026-11-03T10:00:00Z');
  const later = (hours: number) => new Date(from.getTime() + hours * HOUR);

  it('is for every hour that began, the first one too', () => {
    expect(charge(price, from, from)).toBe(0.01);
    expect(charge(price, from, later(0.5))).toBe(0.01);
    expect(charge(price, from, later(1))).toBe(0.01);
    expect(charge(price, from, later(1.1))).toBe(0.02);
  });

  it('is at most the monthly price in each calendar month', () => {
    expect(charge(price, from, new Date('2026-12-01T00:00:00Z'))).toBe(5);
    expect(charge(price, from, new Date('2026-12-01T00:30:00Z'))).toBeCloseTo(5.01);
    expect(charge(price, from, new Date('2027-01-01T00:00:00Z'))).toBeCloseTo(10);
  });

  it('never falls, and never is more than every hour by itself', () => {
    const hours = fc.double({ min: 0, max: 5000, noNaN: true });
    fc.assert(
      fc.property(hours, hours, (one, other) => {
        const [less, more] = [Math.min(one, other), Math.max(one, other)];
        expect(charge(price, from, later(less))).toBeLessThanOrEqual(charge(price, from, later(more)) + 1e-9);
        // A month's end may cut an hour in two.
        expect(charge(price, from, later(more))).toBeLessThanOrEqual((Math.ceil(more) + 8) * price.hourly);
      }),
    );
  });
});

describe('what a project has cost', () => {
  let hetzner: LocalHetzner;
  beforeEach(() => {
    hetzner = new LocalHetzner();
  });
  afterEach(() => hetzner.remove());

  it('begins at nothing, and counts a server with its address from its first hour on', async () => {
    expect(hetzner.project.costs.soFar()).toBe(0);
    await hetzner.server('one');
    expect(hetzner.project.costs.monthly()).toBeCloseTo(19.99 + 0.5);
    expect(hetzner.project.costs.soFar()).toBeCloseTo(19.99 / 624 + 0.5 / 720);
  });

  it('keeps what was spent on things that are gone, over a kill as well', async () => {
    const { id } = await hetzner.server('one');
    const spent = hetzner.project.costs.soFar();
    await hetzner.done('DELETE', `/servers/${id}`);
    expect(hetzner.project.costs.monthly()).toBe(0);
    expect(hetzner.project.costs.soFar()).toBeCloseTo(spent);
    await hetzner.restart();
    expect(hetzner.project.costs.soFar()).toBeCloseTo(spent);
  });

  it('counts both types of a resized server, and backups a fifth more', async () => {
    const { id } = await hetzner.server('one', { public_net: { enable_ipv4: false, enable_ipv6: true } });
    await hetzner.done('POST', `/servers/${id}/actions/poweroff`);
    await hetzner.done('POST', `/servers/${id}/actions/change_type`, {
      server_type: 'cpx32',
      upgrade_disk: false,
    });
    expect(hetzner.project.costs.soFar()).toBeCloseTo((19.99 + 39.98) / 624);
    await hetzner.done('POST', `/servers/${id}/actions/enable_backup`);
    expect(hetzner.project.costs.monthly()).toBeCloseTo(39.98 * 1.2);
  });

  it('has volumes and floating IPs in it, and nothing for what a rename changed', async () => {
    const { volume } = await hetzner.done<{ volume: { id: number } }>('POST', '/volumes', {
      name: 'data',
      size: 100,
      location: 'fsn1',
    });
    await hetzner.done('POST', '/floating_ips', { type: 'ipv4', home_location: 'fsn1' });
    const spent = hetzner.project.costs.soFar();
    await hetzner.done('PUT', `/volumes/${volume.id}`, { name: 'other' });
    expect(hetzner.project.costs.monthly()).toBeCloseTo(4.4 + 3);
    expect(hetzner.project.costs.soFar()).toBeCloseTo(spent);
  });
});
