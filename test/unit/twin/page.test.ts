import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LocalHetzner } from './local-hetzner.ts';

describe('the page of the local Hetzner', () => {
  let hetzner: LocalHetzner;
  beforeEach(() => {
    hetzner = new LocalHetzner();
  });
  afterEach(() => hetzner.remove());

  const get = (headers: Record<string, string> = {}) =>
    hetzner.app.inject({ url: '/', headers: { host: 'localhost:8480', ...headers } });

  async function key(): Promise<string> {
    return /name="key" value="([^"]+)"/.exec((await get()).body)?.[1] ?? '';
  }

  const post = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
    hetzner.app.inject({
      method: 'POST',
      url: path,
      headers: {
        host: 'localhost:8480',
        'content-type': 'application/x-www-form-urlencoded',
        ...headers,
      },
      payload: new URLSearchParams(fields).toString(),
    });

  it('asks for no token, and has no secret on it', async () => {
    await hetzner.done('POST', '/servers', {
      name: 'one',
      server_type: 'cpx22',
      image: 'debian-12',
      location: 'fsn1',
      user_data: '#cloud-config\n# hush',
    });
    const { password } = hetzner.store.all('servers')[0]?.twin ?? {};
    const page = await get();
    expect(page.statusCode).toBe(200);
    expect(page.body).toContain('one');
    expect(page.body).not.toContain('hush');
    expect(password).toBeTruthy();
    expect(page.body).not.toContain(password);
    expect(page.body).not.toContain('T'.repeat(64));
    expect((await hetzner.app.inject({ url: '/v1/servers' })).statusCode).toBe(401);
  });

  it('answers to this computer only, whatever name a foreign site gives it', async () => {
    expect((await get({ host: 'evil.example' })).statusCode).toBe(403);
    expect((await get({ host: '127.0.0.1.evil.example:8480' })).statusCode).toBe(403);
    expect((await get({ host: '[::1]:9000' })).statusCode).toBe(200);
  });

  it('takes scripts and styles from itself alone', async () => {
    expect((await get()).headers['content-security-policy']).toContain(
      "default-src 'none'; script-src 'self'",
    );
    for (const file of ['style.css', 'live.js', 'idiomorph.js', 'icon.svg']) {
      const answer = await hetzner.app.inject({
        url: `/page/${file}`,
        headers: { host: 'localhost' },
      });
      expect(answer.statusCode, file).toBe(200);
    }
  });

  it('takes forms from itself alone', async () => {
    const fields = { key: await key(), name: 'timeout' };
    expect((await post('/page/faults', { ...fields, key: 'guessed' })).statusCode).toBe(403);
    expect((await post('/page/faults', fields, { origin: 'http://evil.example' })).statusCode).toBe(403);
    expect(hetzner.project.faults.armed).toEqual([]);
    const answer = await post('/page/faults', fields, { origin: 'http://localhost:8480' });
    expect([answer.statusCode, answer.headers['location']]).toEqual([303, '/#faults']);
    expect(hetzner.project.faults.armed).toMatchObject([{ name: 'timeout', left: null }]);
  });

  it('tells what is wrong with a form on the page itself', async () => {
    const answer = await post('/page/faults', {
      key: await key(),
      name: 'partition',
      times: '2',
      on: 'mars',
    });
    expect(answer.statusCode).toBe(422);
    expect(answer.body).toContain('partition cannot strike');
    const share = await post('/page/storm', { key: await key(), seed: '1', share: 'much' });
    expect(share.statusCode).toBe(422);
    expect(hetzner.project.faults.storm).toBeUndefined();
  });

  it('starts a storm, and clears it with everything else', async () => {
    await post('/page/storm', { key: await key(), seed: '7', share: '0.5' });
    await post('/page/faults', { key: await key(), name: 'conflict', times: '1', on: 'POST /servers' });
    expect(hetzner.project.faults.storm).toMatchObject({ seed: 7, share: 0.5 });
    expect((await get()).body).toContain('once more, on POST /servers');
    await post('/page/faults/clear', { key: await key() });
    expect([hetzner.project.faults.armed, hetzner.project.faults.storm]).toEqual([[], undefined]);
  });

  it('shows the beginning of long lists and says so', async () => {
    for (let n = 1; n <= 101; n++) {
      await hetzner.done('POST', '/volumes', { name: `data-${n}`, size: 10, location: 'fsn1' });
    }
    const page = (await get()).body;
    expect(page).toContain('The first 100 of 101.');
    expect(page).toContain('data-100');
    expect(page).not.toContain('data-101');
  });
});
