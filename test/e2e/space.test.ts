import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findTool } from '../../tools/manifest.ts';
import { sha256, Vendor } from '../unit/tools/vendor.ts';

const MEGABYTE = 1024 * 1024;

describe('a disk without space', () => {
  let folder: string;
  let full: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'space-'));
    full = join(folder, 'full');
    mkdirSync(full);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', full]);
  });
  afterEach(() => {
    execFileSync('umount', [full]);
    rmSync(folder, { recursive: true });
  });

  it('is told in one message by the tool chain, which keeps no half of a tool', async () => {
    const tool = findTool('kubectl');
    if (!tool?.download) throw new Error('kubectl is not downloaded');
    const vendor = await Vendor.open();
    const program = Buffer.alloc(4 * MEGABYTE, 1);
    vendor.offer(tool.download.url, program);
    vendor.offer(tool.download.checksums, sha256(program));
    const { code, output } = await obtaining({ GROUNDUP_DOWNLOADS: vendor.url, XDG_CACHE_HOME: full });
    await vendor.close();
    expect(code, output).not.toBe(0);
    expect(output).toMatch(/^No space is left for the tools in .*XDG_CACHE_HOME/m);
    expect(output).not.toMatch(/\n\s+at /);
    const left = Number(
      execFileSync('du', ['--summarize', '--bytes', full], { encoding: 'utf8' }).split('\t')[0],
    );
    expect(left).toBeLessThan(MEGABYTE / 2);
  });

  it('is told in one message by the local Hetzner, before it runs', () => {
    writeFileSync(join(full, 'filler'), Buffer.alloc(MEGABYTE - 8192));
    const { status, stdout, stderr } = spawnSync('./bin/twin', ['up', '--engine', 'none'], {
      encoding: 'utf8',
      env: { ...process.env, TWIN_NAME: 'full', TWIN_PORT: '8516', TWIN_STATE: join(full, 'state') },
    });
    expect(status).not.toBe(0);
    expect(`${stdout}${stderr}`).toMatch(/^No space is left for the local Hetzner in .*TWIN_STATE/m);
    expect(`${stdout}${stderr}`).not.toMatch(/\n\s+at /);
  });
});

/** In a process of its own, while this one answers as the vendor. */
function obtaining(env: NodeJS.ProcessEnv): Promise<{ code: number; output: string }> {
  const child = spawn(process.execPath, ['tools/main.ts', 'path', 'kubectl'], {
    env: { ...process.env, ...env, PATH: '/usr/bin:/bin' },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code: code ?? 1, output })));
}
