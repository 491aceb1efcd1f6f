import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeOnce, toolFile } from '../../../tools/cache.ts';
import { doctor, ensureCore } from '../../../tools/index.ts';
import { findTool, TOOLS, type Tool } from '../../../tools/manifest.ts';
import { obtain } from '../../../tools/obtain.ts';
import { ensurePython } from '../../../tools/python.ts';
import { sha256, Vendor } from './vendor.ts';

const [kubectl] = TOOLS.filter(({ name }) => name === 'kubectl') as [Tool];
const VENDORS_OWN = '#!/bin/sh\necho from its vendor\n';

describe('the tool chain', () => {
  let vendor: Vendor;
  let folder: string;
  beforeEach(async () => {
    vendor = await Vendor.open();
    folder = mkdtempSync(join(tmpdir(), 'groundup-tools-'));
    vi.stubEnv('GROUNDUP_DOWNLOADS', vendor.url);
    vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'));
    vi.stubEnv('PATH', `${join(folder, 'path')}:/usr/bin:/bin`);
    mkdirSync(join(folder, 'path'));
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true, force: true });
    await vendor.close();
  });

  const onPath = (name: string, says: string): string => {
    const file = join(folder, 'path', name);
    writeFileSync(file, `#!/bin/sh\necho '${says}'\n`);
    chmodSync(file, 0o755);
    return file;
  };
  const offered = (tool: Tool): void => {
    vendor.offer(tool.download?.url ?? '', VENDORS_OWN);
    vendor.offer(tool.download?.checksums ?? '', sha256(VENDORS_OWN));
  };

  it('takes what is on PATH in the wanted version, and asks nobody', async () => {
    const file = onPath('kubectl', `Client Version: v${kubectl.version}`);
    expect(await obtain(kubectl)).toEqual({ file, from: 'PATH' });
    expect(vendor.asked).toEqual([]);
  });

  it('passes over another version on PATH and downloads the wanted one into the cache', async () => {
    onPath('kubectl', 'Client Version: v1.20.0');
    offered(kubectl);
    expect(await obtain(kubectl)).toEqual({ file: toolFile(kubectl), from: 'cache' });
    expect(existsSync(toolFile(kubectl))).toBe(true);
  });

  it('finds the second time what the first time, or another checkout, obtained', async () => {
    offered(kubectl);
    await obtain(kubectl);
    vendor.asked.length = 0;
    expect((await obtain(kubectl)).file).toBe(toolFile(kubectl));
    expect(vendor.asked).toEqual([]);
  });

  it('obtains a tool once when two ask at the same time', async () => {
    offered(kubectl);
    await Promise.all([obtain(kubectl), obtain(kubectl)]);
    expect(vendor.asked.filter((path) => path.endsWith('/kubectl')).length).toBe(1);
  });

  it('says what is needed where a tool can neither be downloaded nor built', async () => {
    vi.stubEnv('PATH', join(folder, 'path'));
    await expect(obtain(kubectl)).rejects.toThrow(/there is no go on PATH/);
    onPath('go', 'go1.21.3');
    await expect(obtain(kubectl)).rejects.toThrow(/needs Go 1\.26 or newer: this one is 1\.21\.3/);
    expect(existsSync(dirname(dirname(toolFile(kubectl))))).toBe(false);
  });

  it('says which Python Ansible needs', async () => {
    vi.stubEnv('PATH', join(folder, 'path'));
    await expect(ensurePython('requirements')).rejects.toThrow(/there is no python3 on PATH/);
    onPath('python3', '3.9.2');
    await expect(ensurePython('requirements')).rejects.toThrow(/Python 3\.11 or newer.*this one is 3\.9\.2/);
  });

  it('says on which system it works', async () => {
    vi.spyOn(process, 'platform', 'get').mockReturnValue('darwin');
    await expect(ensureCore()).rejects.toThrow(/run on Linux; this is darwin/);
  });

  it('says where room is needed when the disk is full, and leaves no half of a tool', async () => {
    const target = join(folder, 'cache', 'thing');
    const full = Object.assign(new Error('write'), { code: 'ENOSPC' });
    const making = makeOnce(target, async (place) => {
      writeFileSync(place, 'half');
      throw full;
    });
    await expect(making).rejects.toThrow(/No space is left.*XDG_CACHE_HOME/);
    expect(readdirSync(join(folder, 'cache'))).toEqual([]);
  });

  it('clears away the lock of a process that died', async () => {
    const target = join(folder, 'cache', 'thing');
    mkdirSync(join(folder, 'cache'));
    writeFileSync(`${target}.lock`, '4194304');
    await makeOnce(target, async (place) => writeFileSync(place, 'whole'));
    expect(readdirSync(join(folder, 'cache'))).toEqual(['thing']);
  });

  it('tells by the doctor what is missing, and the command that mends it', async () => {
    const before = await doctor();
    const row = (rows: typeof before, tool: string) => rows.find((each) => each.tool === tool);
    expect(row(before, 'kubectl')).toMatchObject({ found: '', mend: 'make tools' });
    expect(row(before, 'kubelet')).toMatchObject({ found: '', mend: 'make machines' });
    expect(row(before, 'ansible-core')?.mend).toBe('make tools');
    offered(kubectl);
    await obtain(kubectl);
    onPath('kubelet', `Kubernetes v${findTool('kubelet')?.version}`);
    const after = await doctor();
    expect(row(after, 'kubectl')).toMatchObject({ found: kubectl.version, from: 'cache', mend: '' });
    expect(row(after, 'kubelet')).toMatchObject({ from: join(folder, 'path', 'kubelet'), mend: '' });
    expect(after.map(({ tool }) => tool)).toEqual(expect.arrayContaining(TOOLS.map(({ name }) => name)));
  });
});
