import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LocalHetzner } from './local-hetzner.ts';

const DER_HEADER = 12;

/** A new public key as OpenSSH writes it: two strings, each after its length. */
function newKey(): string {
  const { publicKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(DER_HEADER);
  const string = (bytes: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
  const blob = Buffer.concat([string(Buffer.from('ssh-ed25519')), string(raw)]);
  return `ssh-ed25519 ${blob.toString('base64')} someone`;
}

interface Named {
  readonly id: number;
  readonly name: string;
}

let hetzner: LocalHetzner;
beforeEach(() => {
  hetzner = new LocalHetzner();
});
afterEach(() => hetzner.remove());

describe('SSH keys of the local Hetzner', () => {
  const create = async (name: string, public_key = newKey()) =>
    (
      await hetzner.done<{ ssh_key: Named & { fingerprint: string } }>('POST', '/ssh_keys', {
        name,
        public_key,
        labels: { of: name },
      })
    ).ssh_key;

  it('have the fingerprint of their public key, by which they are found', async () => {
    const key = await create(
      'me',
      'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f',
    );
    expect(key.fingerprint).toMatch(/^([0-9a-f]{2}:){15}[0-9a-f]{2}$/);
    await create('other');
    const found = await hetzner.call<{ ssh_keys: Named[] }>(
      'GET',
      `/ssh_keys?fingerprint=${key.fingerprint}`,
    );
    expect(found.body.ssh_keys.map(({ name }) => name)).toEqual(['me']);
  });

  it('are taken once, by name and by what they are, and no more of them than the project may have', async () => {
    const public_key = newKey();
    await create('me', public_key);
    expect(await hetzner.refused('POST', '/ssh_keys', { name: 'me', public_key: newKey() })).toBe(
      '409 uniqueness_error name',
    );
    expect(await hetzner.refused('POST', '/ssh_keys', { name: 'again', public_key })).toBe(
      '409 uniqueness_error public_key',
    );
    hetzner.project.rules.set({ 'limits.ssh_keys': '1' });
    expect(await hetzner.refused('POST', '/ssh_keys', { name: 'more', public_key: newKey() })).toBe(
      '403 resource_limit_exceeded ssh_keys',
    );
  });

  it('are public keys of a kind that sshd takes', async () => {
    for (const public_key of ['', 'ssh-ed25519', 'ssh-dss AAAA', newKey().replace('ssh-ed25519 ', 'rsa ')]) {
      expect(await hetzner.refused('POST', '/ssh_keys', { name: 'me', public_key }), public_key).toBe(
        '422 invalid_input public_key',
      );
    }
  });

  it('are renamed, relabelled and deleted', async () => {
    const [one, other] = [await create('one'), await create('other')];
    expect(await hetzner.refused('PUT', `/ssh_keys/${one.id}`, { name: 'other' })).toBe(
      '409 uniqueness_error name',
    );
    await hetzner.done('PUT', `/ssh_keys/${one.id}`, { name: 'first', labels: { of: 'nobody' } });
    const { body } = await hetzner.call<{ ssh_keys: Named[] }>('GET', '/ssh_keys?label_selector=of%3Dnobody');
    expect(body.ssh_keys).toMatchObject([{ id: one.id, name: 'first' }]);
    expect((await hetzner.call('DELETE', `/ssh_keys/${other.id}`)).status).toBe(204);
    expect(await hetzner.refused('DELETE', `/ssh_keys/${other.id}`)).toBe('404 not_found');
  });
});

describe('placement groups of the local Hetzner', () => {
  const create = async (name: string) =>
    (
      await hetzner.done<{ placement_group: Named & { servers: number[] } }>('POST', '/placement_groups', {
        name,
        type: 'spread',
      })
    ).placement_group;

  it('are created empty, of type spread only, with an action that is null', async () => {
    const { body } = await hetzner.call<{ placement_group: object; action: null }>(
      'POST',
      '/placement_groups',
      { name: 'apart', type: 'spread' },
    );
    expect(body).toMatchObject({
      placement_group: { type: 'spread', servers: [], labels: {} },
      action: null,
    });
    expect(await hetzner.refused('POST', '/placement_groups', { name: 'close', type: 'pack' })).toBe(
      '422 invalid_input type',
    );
  });

  it('have names of their own, and no more of them than the project may have', async () => {
    await create('apart');
    expect(await hetzner.refused('POST', '/placement_groups', { name: 'apart', type: 'spread' })).toBe(
      '409 uniqueness_error name',
    );
    hetzner.project.rules.set({ 'limits.placement_groups': '1' });
    expect(await hetzner.refused('POST', '/placement_groups', { name: 'more', type: 'spread' })).toBe(
      '403 resource_limit_exceeded placement_groups',
    );
  });

  it('are renamed and found by type, and deleted once no server is in them', async () => {
    const { id } = await create('apart');
    const server = await hetzner.server('one', { placement_group: id });
    await hetzner.done('PUT', `/placement_groups/${id}`, { name: 'spread', labels: { a: 'b' } });
    const { body } = await hetzner.call<{ placement_groups: object[] }>(
      'GET',
      '/placement_groups?type=spread',
    );
    expect(body.placement_groups).toMatchObject([{ id, name: 'spread', servers: [server.id] }]);
    expect(await hetzner.refused('DELETE', `/placement_groups/${id}`)).toBe('422 resource_in_use');
    await hetzner.done('DELETE', `/servers/${server.id}`);
    expect((await hetzner.call('DELETE', `/placement_groups/${id}`)).status).toBe(204);
  });
});
