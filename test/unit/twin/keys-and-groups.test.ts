import { createHash, randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PUBLIC_KEYS, ServingHetzner } from './serving-hetzner.ts';

interface Named {
  readonly id: number;
  readonly name: string;
}

/** A public key of the right form. @param said the type before the key's own data, which says it again */
function publicKey(type: string, said = type): string {
  const field = (data: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    return Buffer.concat([length, data]);
  };
  const data = Buffer.concat([field(Buffer.from(type)), field(randomBytes(64))]);
  return `${said} ${data.toString('base64')} someone@example`;
}

describe('SSH keys of the local Hetzner', () => {
  let hetzner: ServingHetzner;
  beforeEach(() => {
    hetzner = new ServingHetzner();
  });
  afterEach(() => hetzner.remove());

  const create = (name: string, public_key: string) =>
    hetzner.made('/ssh_keys', 'ssh_key', { name, public_key });

  it('are told with the MD5 fingerprint that everyone computes', async () => {
    const { status, body } = await hetzner.call('POST', '/ssh_keys', {
      name: 'mine',
      public_key: `${PUBLIC_KEYS[0]}\n`,
      labels: { env: 'dev' },
    });
    const data = Buffer.from(PUBLIC_KEYS[0].split(' ')[1] ?? '', 'base64');
    const fingerprint = createHash('md5')
      .update(data)
      .digest('hex')
      .replaceAll(/(..)(?!$)/g, '$1:');
    expect([status, body]).toEqual([
      201,
      {
        ssh_key: {
          id: expect.any(Number),
          name: 'mine',
          fingerprint,
          public_key: PUBLIC_KEYS[0],
          labels: { env: 'dev' },
          created: expect.stringMatching(/Z$/),
        },
      },
    ]);
    const found = await hetzner.call<{ ssh_keys: Named[] }>('GET', `/ssh_keys?fingerprint=${fingerprint}`);
    expect(found.body.ssh_keys).toHaveLength(1);
  });

  it.each([
    'ssh-ed25519',
    'ssh-rsa',
    'ssh-dss',
    'ecdsa-sha2-nistp256',
    'ecdsa-sha2-nistp384',
    'ecdsa-sha2-nistp521',
    'sk-ssh-ed25519@openssh.com',
    'sk-ecdsa-sha2-nistp256@openssh.com',
  ])('may be of type %s', async (type) => {
    await create('mine', publicKey(type));
  });

  it('of another type are refused, and the types that there are told', async () => {
    const { status, body } = await hetzner.call('POST', '/ssh_keys', {
      name: 'mine',
      public_key: 'k8s.pub',
    });
    expect([status, body.error]).toEqual([
      422,
      {
        code: 'invalid_input',
        message:
          "invalid input in field 'public_key': SSH key type is invalid (supported types: ssh-ed25519, ssh-rsa, ecdsa-sha2-nistp256, ecdsa-sha2-nistp384, ecdsa-sha2-nistp521, ssh-dss, sk-ssh-ed25519, sk-ecdsa-sha2-nistp256, sk-ecdsa-sha2-nistp384, sk-ecdsa-sha2-nistp521)",
        details: {
          fields: [
            {
              name: 'public_key',
              messages: [expect.stringContaining('SSH key type is invalid (supported types: ssh-ed25519, ')],
            },
          ],
        },
      },
    ]);
  });

  it('that are cut off, or say one type and are of another, are refused', async () => {
    for (const public_key of ['ssh-rsa AAAA', 'ssh-rsa', publicKey('ssh-rsa', 'ssh-ed25519'), 'ssh-rsa !!!!'])
      expect(await hetzner.refused('POST', '/ssh_keys', { name: 'k', public_key }), public_key).toBe(
        '422 invalid_input public_key',
      );
  });

  it('are unique by name and by key, and no more than the project may have', async () => {
    await create('mine', PUBLIC_KEYS[0]);
    const again = async (name: string, public_key: string) => {
      const { status, body } = await hetzner.call('POST', '/ssh_keys', { name, public_key });
      return [status, body.error.code, body.error.message].join(' ');
    };
    expect(await again('other', `${PUBLIC_KEYS[0]}-renamed`)).toBe(
      '409 uniqueness_error SSH key with the same fingerprint already exists',
    );
    expect(await again('mine', PUBLIC_KEYS[1])).toBe('409 uniqueness_error SSH key name is already used');
    const { id } = await create('two', PUBLIC_KEYS[1]);
    expect(await hetzner.refused('PUT', `/ssh_keys/${id}`, { name: 'mine' })).toBe(
      '409 uniqueness_error name',
    );
    hetzner.project.rules.set({ 'limits.ssh_keys': '2' });
    expect(await again('three', publicKey('ssh-rsa'))).toBe(
      '403 resource_limit_exceeded SSH key limit exceeded',
    );
  });

  it('are renamed, relabelled, found by name and label, and deleted', async () => {
    const { id } = await create('mine', PUBLIC_KEYS[0]);
    await create('other', PUBLIC_KEYS[1]);
    const { ssh_key } = await hetzner.done<{ ssh_key: object }>('PUT', `/ssh_keys/${id}`, {
      name: 'renamed',
      labels: { env: 'dev' },
    });
    expect(ssh_key).toMatchObject({
      id,
      name: 'renamed',
      labels: { env: 'dev' },
      public_key: PUBLIC_KEYS[0],
    });
    const found = async (query: string) =>
      (await hetzner.call<{ ssh_keys: Named[] }>('GET', `/ssh_keys?${query}`)).body.ssh_keys.map(
        ({ name }) => name,
      );
    expect(await found('name=renamed')).toEqual(['renamed']);
    expect(await found('label_selector=env')).toEqual(['renamed']);
    expect(await found('sort=name:asc')).toEqual(['other', 'renamed']);
    expect((await hetzner.call('DELETE', `/ssh_keys/${id}`)).status).toBe(204);
    for (const method of ['GET', 'PUT', 'DELETE'] as const)
      expect(await hetzner.refused(method, `/ssh_keys/${id}`)).toBe('404 not_found');
  });
});

describe('placement groups of the local Hetzner', () => {
  let hetzner: ServingHetzner;
  beforeEach(() => {
    hetzner = new ServingHetzner();
  });
  afterEach(() => hetzner.remove());

  const WANTED = { name: 'spread-out', type: 'spread' };
  const create = (more: object = {}) =>
    hetzner.made('/placement_groups', 'placement_group', { ...WANTED, ...more });

  it('are of type spread, and empty at first', async () => {
    const { status, body } = await hetzner.call('POST', '/placement_groups', {
      ...WANTED,
      labels: { env: 'dev' },
    });
    expect([status, body]).toEqual([
      201,
      {
        placement_group: {
          id: expect.any(Number),
          name: 'spread-out',
          type: 'spread',
          labels: { env: 'dev' },
          servers: [],
          created: expect.stringMatching(/Z$/),
        },
        action: null,
      },
    ]);
    for (const [wrong, field] of [
      [{ type: 'cluster' }, 'type'],
      [{ type: undefined }, 'type'],
      [{ name: '' }, 'name'],
    ] as const)
      expect(await hetzner.refused('POST', '/placement_groups', { ...WANTED, ...wrong })).toBe(
        `422 invalid_input ${field}`,
      );
  });

  it('have names of their own, and are no more than the project may have', async () => {
    await create();
    const { status, body } = await hetzner.call('POST', '/placement_groups', WANTED);
    expect([status, body.error.code, body.error.message]).toEqual([
      409,
      'uniqueness_error',
      'name is already used',
    ]);
    const { id } = await create({ name: 'other' });
    expect(await hetzner.refused('PUT', `/placement_groups/${id}`, { name: 'spread-out' })).toBe(
      '409 uniqueness_error name',
    );
    hetzner.project.rules.set({ 'limits.placement_groups': '2' });
    expect(await hetzner.refused('POST', '/placement_groups', { ...WANTED, name: 'third' })).toBe(
      '403 resource_limit_exceeded placement_group_limit',
    );
  });

  it('are renamed, relabelled, and found by name, type and label', async () => {
    const { id } = await create({ labels: { env: 'dev' } });
    await create({ name: 'other' });
    const found = async (query: string) =>
      (
        await hetzner.call<{ placement_groups: Named[] }>('GET', `/placement_groups?${query}`)
      ).body.placement_groups.map((one) => one.id);
    expect(await found('name=spread-out')).toEqual([id]);
    expect(await found('label_selector=env')).toEqual([id]);
    expect(await found('type=spread')).toHaveLength(2);
    const { placement_group } = await hetzner.done<{ placement_group: object }>(
      'PUT',
      `/placement_groups/${id}`,
      { name: 'renamed', labels: {} },
    );
    expect(placement_group).toMatchObject({ id, name: 'renamed', labels: {} });
  });

  it('hold servers of any location, and are deleted when they hold none', async () => {
    const { id } = await create();
    const ids: number[] = [];
    for (const location of ['fsn1', 'hel1'])
      ids.push((await hetzner.server(`in-${location}`, { placement_group: id, location })).id);
    const path = `/placement_groups/${id}`;
    expect((await hetzner.call('GET', path)).body).toMatchObject({ placement_group: { servers: ids } });
    expect(await hetzner.refused('DELETE', path)).toBe('422 resource_in_use');
    await hetzner.act(ids[0] ?? 0, 'remove_from_placement_group');
    await hetzner.done('DELETE', `/servers/${ids[1]}`);
    expect((await hetzner.call('DELETE', path)).status).toBe(204);
    for (const method of ['GET', 'PUT', 'DELETE'] as const)
      expect(await hetzner.refused(method, path)).toBe('404 not_found');
  });
});
