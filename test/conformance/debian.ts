import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../src/errors.ts';
import { cacheRoot, makeOnce } from '../../tools/cache.ts';
import { run } from '../../tools/run.ts';

/**
 * A package of Debian as apt gets and verifies it, unpacked and not installed: nothing else on this machine changes.
 * @returns the folder that stands for `/` in the package
 * @throws UserError when apt does not know the package or cannot get it
 */
export async function debianPackage(name: string): Promise<string> {
  const version = await candidate(name);
  const folder = join(cacheRoot(), 'debian', `${name}-${version.replaceAll(/[^\w.+~-]/g, '_')}`);
  await makeOnce(folder, async (place) => {
    await mkdir(place, { recursive: true });
    await must('apt-get', ['download', '-qq', `${name}=${version}`], place);
    await must('sh', ['-c', 'dpkg-deb --extract ./*.deb . && rm ./*.deb'], place);
  });
  return folder;
}

async function candidate(name: string): Promise<string> {
  const read = async () => (await run('apt-cache', ['show', '--no-all-versions', name])).stdout;
  let known = await read();
  if (known === '') {
    await run('apt-get', ['update', '-qq']);
    known = await read();
  }
  const version = /^Version: (\S+)$/m.exec(known)?.[1];
  if (version === undefined)
    throw new UserError(`apt does not know the package ${name}: this suite needs Debian, and its archive.`);
  return version;
}

async function must(program: string, args: readonly string[], cwd: string): Promise<void> {
  const { code, stderr } = await run(program, args, { cwd });
  if (code !== 0) throw new UserError(`${program} ${args.join(' ')} failed:\n${stderr.trim()}`);
}
