import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toolPath } from '../../tools/index.ts';
import type { AccessBundle } from '../cluster/index.ts';
import { isAlive } from './lock.ts';
import { stackDirectory } from './paths.ts';

/** A private folder with what ssh needs, for as long as one command runs. */
export interface SshFiles {
  readonly directory: string;
  /** For `ssh -F`. Host names are the machines' names. */
  readonly config: string;
  /** Ends open connections and removes the folder with the keys in it. */
  remove(): void;
}

const OWNER = 'owner';
/** A socket's path has at most 107 characters, which a checkout's path may have used up. */
const SOCKETS = 'sockets';

/** Folders of commands that were killed go first: nobody else would remove the keys in them. */
function removeAbandoned(parent: string): void {
  for (const name of existsSync(parent) ? readdirSync(parent) : []) {
    const directory = join(parent, name);
    const owner = join(directory, OWNER);
    if (!existsSync(owner) || !isAlive(Number(readFileSync(owner, 'utf8')))) removeFolder(directory);
  }
}

function removeFolder(directory: string): void {
  const pointer = join(directory, SOCKETS);
  if (existsSync(pointer)) {
    const sockets = readFileSync(pointer, 'utf8');
    for (const name of existsSync(sockets) ? readdirSync(sockets) : []) {
      spawnSync('ssh', ['-O', 'exit', '-o', `ControlPath=${join(sockets, name)}`, 'any'], {
        stdio: 'ignore',
      });
    }
    rmSync(sockets, { recursive: true, force: true });
  }
  rmSync(directory, { recursive: true, force: true });
}

/** @param proxy SOCKS5 proxy of the tunnel, `127.0.0.1:PORT` */
export async function writeSshFiles(stack: string, access: AccessBundle, proxy: string): Promise<SshFiles> {
  const parent = join(stackDirectory(stack), 'run');
  removeAbandoned(parent);
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  const directory = mkdtempSync(join(parent, 'ssh-'));
  const file = (name: string, text: string): string => {
    const path = join(directory, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  file(OWNER, String(process.pid));
  const sockets = mkdtempSync(join(tmpdir(), 'groundup-'));
  file(SOCKETS, sockets);
  const key = file('key', `${access.ssh.privateKey.trim()}\n`);
  const knownHosts = file(
    'known_hosts',
    access.hosts.map(({ name, hostKey }) => `${name} ${hostKey}\n`).join(''),
  );
  const tunnel = await toolPath('tunnel');
  const machines = access.hosts.map(
    ({ name, address }) => `Host ${name}\n  HostName ${address}\n  HostKeyAlias ${name}\n`,
  );
  const config = file(
    'config',
    `${machines.join('')}Host *
  User ${access.ssh.user}
  IdentityFile "${key}"
  IdentitiesOnly yes
  UserKnownHostsFile "${knownHosts}"
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  UpdateHostKeys no
  PreferredAuthentications publickey
  ProxyCommand "${tunnel}" dial ${proxy} %h %p
  ControlMaster auto
  ControlPath ${sockets}/%C
  ControlPersist 60
  ConnectTimeout 10
  ServerAliveInterval 10
  ServerAliveCountMax 6
  LogLevel ERROR
`,
  );
  return { directory, config, remove: () => removeFolder(directory) };
}

/** Removes what killed commands left of their keys. */
export function removeAbandonedSshFiles(stack: string): void {
  removeAbandoned(join(stackDirectory(stack), 'run'));
}
