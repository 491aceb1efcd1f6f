import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseSpec } from '../../../src/config/index.ts';
import { LIMITS, plan } from '../../../src/plan/index.ts';
import { firstBoot, gatewayFiles, nodeFiles, wireguardConfig } from '../../../src/resources/host-files.ts';
import { gatewayFirewall, nodeFirewall } from '../../../src/resources/host-firewall.ts';
import { wireguardKey } from '../../../src/resources/index.ts';
import { GATEWAY_COMMANDS, NODE_COMMANDS, renderUserData } from '../../../src/resources/user-data.ts';
import { wgQuickFile } from '../../../src/resources/wg-quick.ts';
import { SSH_KEY } from '../../ssh-key.ts';
import { stackFile } from '../../stack-file.ts';

const HOST_KEY = { private: `${'x'.repeat(60)}\n`.repeat(6), public: SSH_KEY };
const KEYS = {
  privateKey: Buffer.alloc(32, 1).toString('base64'),
  automationPublicKey: Buffer.alloc(32, 2).toString('base64'),
};
const environment = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` };

/** The local stack with this many people and workers. */
function planned(people: number, workers = 1, stack = 'local') {
  const raw = stackFile(stack);
  const [control, worker] = raw.pools as Record<string, unknown>[];
  return plan(
    parseSpec(
      {
        ...raw,
        pools: [control, { ...worker, count: workers }],
        budget: undefined,
        access: {
          people: Array.from({ length: people }, (_, index) => ({
            name: `person-${index}`,
            number: index + 1,
            sshKey: SSH_KEY.replace(/.{8}$/, Buffer.from(`${100_000 + index}`).toString('base64')),
            wireguardKey: Buffer.alloc(32, index + 3).toString('base64'),
          })),
        },
      },
      stack,
    ),
  );
}

describe('what machines are given', () => {
  it('has WireGuard keys that WireGuard itself takes for the same pair', () => {
    for (let round = 0; round < 20; round++) {
      const { privateKey } = generateKeyPairSync('ed25519', {
        privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
        publicKeyEncoding: { type: 'spki', format: 'pem' },
      });
      const pair = wireguardKey(privateKey);
      const told = execFileSync('wg', ['pubkey'], {
        input: pair.privateKey,
        env: environment,
        encoding: 'utf8',
      });
      expect(pair.publicKey).toBe(told.trim());
    }
  });

  it('fits into the user data of Hetzner even in the largest network with the most people', () => {
    const largest = planned(200, 96);
    expect(largest.nodes.length).toBe(LIMITS.serversPerNetwork - 1);
    const [node] = largest.nodes;
    if (!node) throw new Error('no node');
    for (const [name, files, commands] of [
      ['node', nodeFiles(firstBoot(largest), node, SSH_KEY), NODE_COMMANDS],
      ['gateway', gatewayFiles(firstBoot(largest), KEYS, SSH_KEY), GATEWAY_COMMANDS],
    ] as const) {
      const text = renderUserData({
        hostName: 'a-host',
        hostKey: HOST_KEY,
        files,
        packages: ['haproxy'],
        commands,
      });
      expect(Buffer.byteLength(text), name).toBeLessThanOrEqual(LIMITS.userDataBytes);
    }
  });

  it('is cloud-config that gives root no login, passwords to nobody, and one user the key of automation', () => {
    const one = planned(2);
    const [node] = one.nodes;
    if (!node) throw new Error('no node');
    const text = renderUserData({
      hostName: node.name,
      hostKey: HOST_KEY,
      files: nodeFiles(firstBoot(one), node, SSH_KEY),
      packages: [],
      commands: NODE_COMMANDS,
    });
    expect(text).toMatch(/^#cloud-config\n/);
    const config = parse(text) as Record<string, unknown> & {
      users: { name: string; ssh_authorized_keys: string[] }[];
    };
    expect(config).toMatchObject({ hostname: node.name, disable_root: true, ssh_pwauth: false });
    expect(config).not.toHaveProperty('packages');
    expect(config.users.map(({ name }) => name)).toEqual(['groundup']);
    expect(config.users[0]?.ssh_authorized_keys).toEqual([`${SSH_KEY} automation`]);
  });

  it('has firewalls that nftables accepts', () => {
    for (const stack of ['local', 'prod']) {
      const one = plan(parseSpec(stackFile(stack), stack));
      for (const text of [
        gatewayFirewall(one, one.gateway),
        ...one.nodes.map((node) => nodeFirewall(one, node)),
      ]) {
        const { stderr, status } = spawnSync('nft', ['--check', '--file', '-'], {
          input: text,
          env: environment,
          encoding: 'utf8',
        });
        // Who is not root may not ask the kernel, but a mistake of syntax is told all the same.
        expect(stderr).not.toMatch(/syntax error|Error:/);
        if (process.getuid?.() === 0) expect(status, stderr).toBe(0);
      }
    }
  });

  it('lets each person in at the gateway by an address of their own, and gives them the other half', () => {
    const one = planned(3);
    const config = wireguardConfig(one, KEYS);
    const peer = { publicKey: Buffer.alloc(32, 9).toString('base64'), publicIp: '192.0.2.7' };
    for (const person of one.access.people) {
      expect(config).toContain(`PublicKey = ${person.wireguardKey}\nAllowedIPs = ${person.vpnIp}/32\n`);
      const own = wgQuickFile(one, person, peer);
      expect(own).toContain(`Address = ${person.vpnIp}/32\n`);
      expect(own).toContain(
        `PublicKey = ${peer.publicKey}\nEndpoint = 192.0.2.7:51820\nAllowedIPs = 10.0.0.0/16, `,
      );
      expect(own).not.toMatch(/PrivateKey/);
    }
    expect(config.match(/\[Peer\]/g)?.length).toBe(4);
  });
});
