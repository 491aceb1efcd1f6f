import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Checkout } from '../engine/checkout.ts';
import { NO_TRACES, processIds, traces } from './traces.ts';

const PORT = 8525;
const ADDRESS = `http://127.0.0.1:${PORT}/`;
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
/** Debian's package of the browser. */
const CHROMIUM = execFileSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' }).trim();

describe('the page of the local Hetzner in a browser', () => {
  let checkout: Checkout;
  let browser: Browser;
  let page: Page;
  let before: ReadonlySet<string>;
  let token: string;
  const complaints: string[] = [];

  async function call(method: string, path: string, body?: object): Promise<Record<string, { id: number }>> {
    const answer = await fetch(`${ADDRESS}v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? {} : ((await answer.json()) as Record<string, { id: number }>);
  }

  beforeAll(async () => {
    before = processIds();
    checkout = new Checkout('page', PORT);
    expect(checkout.twin('up', '--engine', 'none').code).toBe(0);
    token = checkout.twin('token').output.trim();
    const inside = { name: 'inside', ip_range: '10.0.0.0/16' };
    const subnet = { type: 'cloud', network_zone: 'eu-central', ip_range: '10.0.1.0/24' };
    const network = (await call('POST', '/networks', { ...inside, subnets: [subnet] }))['network']?.id;
    const vpn = { direction: 'in', protocol: 'udp', port: '51820', source_ips: ['0.0.0.0/0'] };
    const firewall = (await call('POST', '/firewalls', { name: 'only-vpn', rules: [vpn] }))['firewall']?.id;
    for (const [name, location, guarded] of [
      ['gateway', 'fsn1', true],
      ['open', 'fsn1', false],
      ['worker', 'hel1', true],
    ] as const) {
      await call('POST', '/servers', {
        name,
        server_type: 'cpx22',
        image: 'debian-12',
        location,
        networks: [network],
        firewalls: guarded ? [{ firewall }] : [],
      });
    }
    await call('POST', '/volumes', { name: 'data', size: 20, location: 'hel1', format: 'ext4' });
    await call('POST', '/firewalls', { name: '<img src=x onerror=alert(1)>' });
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      // The browser tells of refused forms, too; those are wanted here.
      if (message.type() === 'error' && !message.text().includes('422')) complaints.push(message.text());
    });
    await page.goto(ADDRESS);
  });
  afterAll(async () => {
    await browser?.close();
    checkout.remove();
  });

  const text = (selector: string): Promise<string> => page.locator(selector).innerText();
  const picture = async (): Promise<string> => (await page.locator('#picture svg').textContent()) ?? '';

  it('shows machines, networks and firewalls, as a picture and as tables', async () => {
    const pictured = await picture();
    for (const shown of ['Internet', 'fsn1', 'hel1', 'gateway', 'worker', 'only-vpn', 'no firewall']) {
      expect(pictured).toContain(shown);
    }
    expect(await text('#machines')).toMatch(/worker\s+running\s+cpx22\s+hel1\s+198\.18\./);
    expect(await text('#networks')).toMatch(/inside\s+10\.0\.0\.0\/16\s+10\.0\.1\.0\/24 cloud/);
    expect(await text('#firewalls')).toContain('in udp 51820 from 0.0.0.0/0');
    expect(await text('#actions')).toContain('create_server');
    expect(await text('#requests')).toMatch(/POST \/servers\s+201\s+[\d.]+ ms/);
    expect(await text('#cost')).toMatch(/^€0\.\d{4}$/);
    expect(await text('#cost')).not.toBe('€0.0000');
  });

  it('takes names for text, whatever is in them', async () => {
    expect(await text('#firewalls')).toContain('<img src=x onerror=alert(1)>');
    expect(await page.locator('img').count()).toBe(0);
  });

  it('follows what happens, without being loaded again', async () => {
    await page.evaluate(() => Reflect.set(window, 'loadedOnce', true));
    await call('POST', '/servers', {
      name: 'late',
      server_type: 'cpx22',
      image: 'debian-12',
      location: 'nbg1',
    });
    await page.locator('#machines th', { hasText: 'late' }).waitFor();
    expect(await picture()).toContain('late');
    await page.locator('#now', { hasText: '4 of 4 servers run' }).waitFor();
    expect(await page.evaluate(() => Reflect.get(window, 'loadedOnce'))).toBe(true);
  });

  it('arms and disarms a fault by the keyboard alone, and the focus stays', async () => {
    const fault = page.getByRole('switch', { name: /^unavailable/ });
    await fault.focus();
    expect(await fault.getAttribute('aria-checked')).toBe('false');
    await page.keyboard.press('Space');
    await page.locator('#switch-unavailable-0[aria-checked=true]').waitFor();
    await expect(call('GET', '/servers')).rejects.toThrow('503');
    await page.locator('#requests', { hasText: 'unavailable' }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('switch-unavailable-0');
    await page.keyboard.press('Enter');
    await page.locator('#switch-unavailable-0[aria-checked=false]').waitFor();
    await call('GET', '/servers');
  });

  it('says what is wrong with a fault that cannot be armed, keeps what was typed, and arms the right one', async () => {
    const form = page.locator('form', { hasText: 'Arm' });
    await form.getByLabel('Fault').selectOption('partition');
    await form.getByRole('textbox', { name: 'On' }).fill('fsn1.mars');
    await form.getByRole('button').click();
    await page.getByRole('alert').filter({ hasText: 'two locations such as fsn1.hel1' }).waitFor();
    expect(await form.getByRole('textbox', { name: 'On' }).inputValue()).toBe('fsn1.mars');
    await form.getByRole('textbox', { name: 'On' }).fill('fsn1.hel1');
    await form.getByLabel('Times').selectOption('always');
    await form.getByRole('button').click();
    await page.getByRole('switch', { name: 'partition always, on fsn1.hel1', checked: true }).waitFor();
    expect(await text('#mistake')).toBe('');
    await page.getByRole('button', { name: 'Clear everything' }).click();
    await page.getByRole('switch', { name: 'partition', exact: true, checked: false }).waitFor();
  });

  it('has nothing that a rule of WCAG speaks against, light and dark', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      // Evaluated from outside: the page itself takes no script but its own.
      await page.evaluate(readFileSync(AXE, 'utf8'));
      const violations = await page.evaluate(async () => {
        const axe = Reflect.get(window, 'axe') as {
          run: () => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
        };
        return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
      });
      expect(violations).toEqual([]);
    }
  });

  it('works without scripts, too', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const plain = await context.newPage();
    await plain.goto(ADDRESS);
    expect(await plain.locator('#machines').innerText()).toContain('gateway');
    await plain.getByRole('switch', { name: /^timeout/ }).click();
    expect(await plain.locator('#switch-timeout-0').getAttribute('aria-checked')).toBe('true');
    await plain.locator('#switch-timeout-0').click();
    expect(await plain.locator('#switch-timeout-0').getAttribute('aria-checked')).toBe('false');
    await context.close();
  });

  it('says when the local Hetzner is gone, and is live again after it', async () => {
    expect(complaints).toEqual([]);
    const { pid } = JSON.parse(
      readFileSync(join(checkout.directory, 'twin-state', 'daemon.json'), 'utf8'),
    ) as { pid: number };
    process.kill(pid, 'SIGKILL');
    await page.locator('#connection', { hasText: 'not connected' }).waitFor();
    expect(checkout.twin('up', '--engine', 'none').code).toBe(0);
    await page.locator('#connection', { hasText: 'live' }).waitFor();
    const fault = page.getByRole('switch', { name: /^conflict/ });
    await fault.click();
    await page.locator('#switch-conflict-0[aria-checked=true]').waitFor();
    const form = page.locator('form', { hasText: 'Arm' });
    expect(await form.getByLabel('Fault').inputValue()).toBe('partition');
    await form.getByRole('textbox', { name: 'On' }).fill('fsn1.hel1');
    await form.getByRole('button').click();
    await page.getByRole('switch', { name: /^partition .*, on fsn1\.hel1$/, checked: true }).waitFor();
    expect(await text('#mistake')).toBe('');
  });

  it('leaves nothing', async () => {
    await browser.close();
    expect(checkout.twin('down').code).toBe(0);
    expect(traces(checkout, before)).toEqual(NO_TRACES);
  });
});
