import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { chooseEngine } from '../../twin/engines/index.ts';
import { readSettings } from '../../twin/settings.ts';

describe('machines of the local Hetzner', () => {
  let images: string;
  beforeEach(() => {
    images = mkdtempSync(join(tmpdir(), 'groundup-images-'));
    mkdirSync(join(images, 'debian-12'));
    writeFileSync(join(images, 'debian-12', 'complete'), '');
    vi.spyOn(process, 'getuid').mockReturnValue(0);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    rmSync(images, { recursive: true });
  });
  const choose = (wanted: string) => chooseEngine(wanted, readSettings({ TWIN_IMAGES: images }));

  it('need root, and whoever asks for them without it is told', () => {
    vi.spyOn(process, 'getuid').mockReturnValue(1000);
    expect(choose('auto')).toEqual({ engine: 'none', reason: 'machines need root' });
    expect(() => choose('nspawn')).toThrow(/cannot run here: machines need root/);
  });

  it('need Linux', () => {
    vi.spyOn(process, 'platform', 'get').mockReturnValue('darwin');
    expect(choose('auto').reason).toMatch(/Linux only, and this is darwin/);
  });

  it('need an image', () => {
    rmSync(join(images, 'debian-12', 'complete'));
    expect(choose('auto').engine).toBe('none');
    expect(() => choose('nspawn')).toThrow(/cannot run here/);
  });

  it('are of a kind that exists', () => {
    expect(() => choose('docker')).toThrow(/no engine "docker": write none, nspawn or auto/);
  });

  it('belong to a twin whose name and port can be used', () => {
    expect(() => readSettings({ TWIN_NAME: 'Too-Long-A-Name' })).toThrow(/TWIN_NAME is "Too-Long-A-Name"/);
    expect(() => readSettings({ TWIN_PORT: '80' })).toThrow(/TWIN_PORT is "80"/);
    for (const ranges of ['100.64.0.0/16', '100.64.0.0/16,100.64.1.0/24', 'any,100.64.0.0/16'])
      expect(() => readSettings({ TWIN_RANGES: ranges })).toThrow(/TWIN_RANGES is .*write a range/);
  });
});
