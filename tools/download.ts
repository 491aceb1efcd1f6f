import { createHash } from 'node:crypto';
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../src/errors.ts';
import type { Download } from './manifest.ts';
import { run } from './run.ts';

const CONNECT_MS = 5_000;
const refused = new Set<string>();

/**
 * Where downloads come from: the vendors, nowhere (`off`), or a server on loopback that answers `/<host>/<path>`,
 * for tests and mirrors.
 */
function location(url: string): string | undefined {
  const from = process.env['GROUNDUP_DOWNLOADS'];
  if (from === 'off') return undefined;
  if (from === undefined || from === '') return url;
  const { host, pathname } = new URL(url);
  return `${from.replace(/\/$/, '')}/${host}${pathname}`;
}

/**
 * Fetches a program and verifies it against the vendor's published sum.
 * @returns false when the vendor cannot be reached, so that another way is tried
 * @throws UserError when what came is not what the vendor published; nothing is kept then
 */
export async function download(wanted: Download, target: string): Promise<boolean> {
  const sums = await get(wanted.checksums);
  const body = sums && (await get(wanted.url));
  if (!sums || !body) return false;
  const name = basename(new URL(wanted.url).pathname);
  const expected = expectedSum(sums.toString('utf8'), name);
  const found = createHash('sha256').update(body).digest('hex');
  if (expected !== found) {
    throw new UserError(
      `${wanted.url} is not what its vendor published: SHA-256 is ${found}, and ${wanted.checksums} says ${expected ?? 'nothing about it'}. ` +
        'Nothing was kept. Try again, and if it stays, ask why.',
    );
  }
  await mkdir(dirname(target), { recursive: true });
  if (wanted.member === undefined) await writeFile(target, body);
  else await unpack(body, wanted.member, target);
  await chmod(target, 0o755);
  return true;
}

function expectedSum(list: string, name: string): string | undefined {
  const lines = list
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  const line =
    lines.length === 1 ? lines[0] : lines.find(([, file]) => file?.replace(/^[*./]+/, '') === name);
  return line?.[0]?.toLowerCase();
}

async function get(url: string): Promise<Buffer | undefined> {
  const from = location(url);
  if (from === undefined) return undefined;
  const { host } = new URL(from);
  if (refused.has(host)) return undefined;
  const connecting = new AbortController();
  const timer = setTimeout(() => connecting.abort(), CONNECT_MS);
  try {
    const answer = await fetch(from, { redirect: 'follow', signal: connecting.signal });
    clearTimeout(timer);
    if (!answer.ok) return undefined;
    return Buffer.from(await answer.arrayBuffer());
  } catch {
    // A closed network is an ordinary case: the next way of getting the tool is tried.
    refused.add(host);
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

async function unpack(archive: Buffer, member: string, target: string): Promise<void> {
  const folder = `${target}.unpacked`;
  const file = `${folder}.tgz`;
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(file, archive);
    const { code, stderr } = await run('tar', ['-xzf', file, '-C', folder, member]);
    if (code !== 0) throw new Error(`tar could not unpack ${member}: ${stderr.trim()}`);
    await rename(join(folder, member), target);
  } finally {
    await rm(folder, { recursive: true, force: true });
    await rm(file, { force: true });
  }
}
