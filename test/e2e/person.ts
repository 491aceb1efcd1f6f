import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Checkout, Outcome } from '../engine/checkout.ts';

/** Someone with keys of their own, on a computer on the Internet that has WireGuard and SSH and nothing of ours. */
export class Person {
  readonly name: string;
  readonly #checkout: Checkout;
  readonly #folder: string;

  constructor(name: string, checkout: Checkout) {
    this.name = name;
    this.#checkout = checkout;
    this.#folder = mkdtempSync(join(tmpdir(), 'person-'));
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', this.#file('id')]);
    writeFileSync(this.#file(`${name}.key`), execFileSync('wg', ['genkey']), { mode: 0o600 });
  }

  /** The entry of `groundup:access.people`: public keys only. */
  get entry() {
    const wireguardKey = execFileSync('wg', ['pubkey'], {
      input: readFileSync(this.#file(`${this.name}.key`)),
      encoding: 'utf8',
    }).trim();
    const sshKey = readFileSync(this.#file('id.pub'), 'utf8').trim();
    return { name: this.name, number: 1, sshKey, wireguardKey };
  }

  /** @param config what `groundup wg-quick` printed */
  connect(config: string): Outcome {
    const file = this.#file(`${this.name}.conf`);
    writeFileSync(file, config.replace('/etc/wireguard/', `${this.#folder}/`), { mode: 0o600 });
    return this.#internet('env', 'WG_QUICK_USERSPACE_IMPLEMENTATION=wireguard-go', 'wg-quick', 'up', file);
  }

  /** @param address of a machine in the private network */
  ssh(address: string, command: string): Outcome {
    return this.#internet(
      ...[
        'ssh',
        '-i',
        this.#file('id'),
        '-o',
        'BatchMode=yes',
        '-o',
        'ConnectTimeout=5',
        '-o',
        'LogLevel=ERROR',
      ],
      ...['-o', 'StrictHostKeyChecking=no', '-o', `UserKnownHostsFile=${this.#file('known_hosts')}`],
      ...[`groundup@${address}`, command],
    );
  }

  leave(): void {
    this.#internet('wg-quick', 'down', this.#file(`${this.name}.conf`));
    rmSync(this.#folder, { recursive: true });
  }

  #file(name: string): string {
    return join(this.#folder, name);
  }

  #internet(...command: string[]): Outcome {
    return this.#checkout.twin('exec', 'internet', '--', ...command);
  }
}
