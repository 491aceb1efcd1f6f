import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { download } from '../../../tools/download.ts';
import { sha256, Vendor } from './vendor.ts';

const PROGRAM = '#!/bin/sh\necho fetched\n';
const SINGLE = {
  url: 'https://vendor.example/bin/tool',
  checksums: 'https://vendor.example/bin/tool.sha256',
};
const PACKED = {
  url: 'https://vendor.example/tool-1.tar.gz',
  checksums: 'https://vendor.example/SHA256SUMS',
  member: 'tool-1/tool',
};

describe('a download from a vendor', () => {
  let vendor: Vendor;
  let folder: string;
  let target: string;
  beforeEach(async () => {
    vendor = await Vendor.open();
    folder = mkdtempSync(join(tmpdir(), 'groundup-download-'));
    target = join(folder, 'bin', 'tool');
    vi.stubEnv('GROUNDUP_DOWNLOADS', vendor.url);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
    await vendor.close();
  });

  const packed = (): Buffer => {
    const place = join(folder, 'packing');
    mkdirSync(join(place, 'tool-1'), { recursive: true });
    writeFileSync(join(place, 'tool-1', 'tool'), PROGRAM);
    writeFileSync(join(place, 'tool-1', 'README'), 'not wanted');
    const archive = execFileSync('tar', ['-C', place, '-cz', 'tool-1']);
    rmSync(place, { recursive: true });
    return archive;
  };

  it('is kept when it is what the vendor published, and can be run', async () => {
    vendor.offer(SINGLE.url, PROGRAM);
    vendor.offer(SINGLE.checksums, `${sha256(PROGRAM)}\n`);
    expect(await download(SINGLE, target)).toBe(true);
    expect(execFileSync(target, { encoding: 'utf8' })).toBe('fetched\n');
  });

  it('is found by its name in a list of sums, and one program is taken out of an archive', async () => {
    const archive = packed();
    vendor.offer(PACKED.url, archive);
    vendor.offer(PACKED.checksums, `${sha256('other')}  other.tar.gz\n${sha256(archive)} *tool-1.tar.gz\n`);
    expect(await download(PACKED, target)).toBe(true);
    expect(readFileSync(target, 'utf8')).toBe(PROGRAM);
    expect(statSync(target).mode & 0o777).toBe(0o755);
    expect(readdirSync(join(folder, 'bin'))).toEqual(['tool']);
  });

  it('is refused, with both sums told and nothing kept, when it is something else', async () => {
    vendor.offer(SINGLE.url, `${PROGRAM}# and more\n`);
    vendor.offer(SINGLE.checksums, sha256(PROGRAM));
    const refusal = download(SINGLE, target);
    await expect(refusal).rejects.toThrow(sha256(PROGRAM));
    await expect(refusal).rejects.toThrow(sha256(`${PROGRAM}# and more\n`));
    expect(existsSync(target)).toBe(false);
  });

  it('is refused when the list of sums does not know it', async () => {
    vendor.offer(PACKED.url, packed());
    vendor.offer(PACKED.checksums, `${sha256('a')}  a.tar.gz\n${sha256('b')}  b.tar.gz\n`);
    await expect(download(PACKED, target)).rejects.toThrow(/says nothing about it/);
    expect(existsSync(target)).toBe(false);
  });

  it('is not made without its sum', async () => {
    vendor.offer(SINGLE.url, PROGRAM);
    expect(await download(SINGLE, target)).toBe(false);
    expect(existsSync(target)).toBe(false);
    expect(vendor.asked).toEqual(['/vendor.example/bin/tool.sha256']);
  });

  it('gives way to other means where vendors cannot be reached, and is not tried again and again', async () => {
    await vendor.close();
    expect(await download(SINGLE, target)).toBe(false);
    const again = await Vendor.open();
    expect(await download(SINGLE, target)).toBe(false);
    await again.close();
  });

  it('asks nobody when it is switched off', async () => {
    vi.stubEnv('GROUNDUP_DOWNLOADS', 'off');
    expect(await download(SINGLE, target)).toBe(false);
    expect(vendor.asked).toEqual([]);
  });
});
