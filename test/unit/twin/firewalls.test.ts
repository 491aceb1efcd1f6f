import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Applied, FirewalledHetzner, open, type ShownFirewall, toServer } from './firewalled.ts';
import { refusal } from './networked.ts';

describe('firewalls of the local Hetzner', () => {
  let hetzner: FirewalledHetzner;
  beforeEach(() => {
    hetzner = new FirewalledHetzner();
  });
  afterEach(() => hetzner.remove());

  it('are created with rules, applied to nothing, by one action', async () => {
    const { status, body } = await hetzner.call<{ firewall: ShownFirewall } & Applied>('POST', '/firewalls', {
      name: 'web',
      labels: { env: 'prod' },
      rules: [{ ...open('80'), description: 'everyone' }],
    });
    expect(status).toBe(201);
    expect(body.firewall).toEqual({
      id: expect.any(Number),
      name: 'web',
      labels: { env: 'prod' },
      created: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      rules: [
        {
          direction: 'in',
          protocol: 'tcp',
          port: '80',
          source_ips: ['0.0.0.0/0', '::/0'],
          destination_ips: [],
          description: 'everyone',
        },
      ],
      applied_to: [],
    });
    expect(body.actions).toMatchObject([
      { command: 'set_firewall_rules', status: 'running', resources: [{ type: 'firewall' }] },
    ]);
    await hetzner.project.actions.idle();
    expect(await hetzner.shown(body.firewall.id)).toEqual(body.firewall);
  });

  it('are created and applied at once, with an action for each server, or not at all', async () => {
    const [one, two] = [await hetzner.server('one'), await hetzner.server('two')];
    const { body } = await hetzner.call<{ firewall: ShownFirewall } & Applied>('POST', '/firewalls', {
      name: 'web',
      apply_to: [toServer(one.id), toServer(two.id)],
    });
    expect(body.firewall.applied_to).toEqual([toServer(one.id), toServer(two.id)]);
    expect(body.actions.map(({ command, resources }) => [command, resources[0]?.id])).toEqual([
      ['set_firewall_rules', body.firewall.id],
      ['apply_firewall', one.id],
      ['apply_firewall', two.id],
    ]);
    await hetzner.project.actions.idle();
    const twice = [toServer(one.id), toServer(one.id)];
    expect(await hetzner.notCreated({ apply_to: twice })).toMatchObject({
      status: 422,
      code: 'server_already_added',
    });
    expect(await hetzner.notCreated({ apply_to: [toServer(4711)] })).toMatchObject({
      status: 422,
      code: 'firewall_resource_not_found',
    });
    const hidden = await hetzner.server('hidden', {
      public_net: { enable_ipv4: false, enable_ipv6: false },
      start_after_create: false,
    });
    expect(await hetzner.notCreated({ apply_to: [toServer(hidden.id)] })).toMatchObject({
      status: 422,
      code: 'incompatible_network_type',
    });
    expect(hetzner.store.count('firewalls')).toBe(1);
  });

  it('have names of up to 128 characters of their own, and are no more than the project may have', async () => {
    await hetzner.firewall();
    expect(await hetzner.notCreated({ name: 'web' })).toMatchObject({
      status: 409,
      code: 'uniqueness_error',
      fields: ['name'],
    });
    for (const name of ['', 'x'.repeat(129), undefined])
      expect(await hetzner.notCreated({ name })).toMatchObject({ code: 'invalid_input', fields: ['name'] });
    await hetzner.firewall({ name: 'x'.repeat(128) });
    hetzner.project.rules.set({ 'limits.firewalls': '2' });
    const { status, body } = await hetzner.call('POST', '/firewalls', { name: 'third' });
    expect([status, body.error.code, body.error.details]).toEqual([
      403,
      'resource_limit_exceeded',
      { limits: [{ name: 'firewall_limit' }] },
    ]);
  });

  it('are renamed and relabelled, and found by name and labels', async () => {
    const { id } = await hetzner.firewall({ rules: [open('22')] });
    await hetzner.firewall({ name: 'other' });
    const changed = await hetzner.done<{ firewall: ShownFirewall }>('PUT', `/firewalls/${id}`, {
      name: 'renamed',
      labels: { env: 'dev' },
    });
    expect(changed.firewall).toMatchObject({ name: 'renamed', labels: { env: 'dev' } });
    expect(changed.firewall.rules).toHaveLength(1);
    expect(refusal(await hetzner.call('PUT', `/firewalls/${id}`, { name: 'other' }))).toMatchObject({
      status: 409,
      code: 'uniqueness_error',
    });
    await hetzner.done('PUT', `/firewalls/${id}`, { name: 'renamed' });
    const found = async (query: string) =>
      (await hetzner.call<{ firewalls: ShownFirewall[] }>('GET', `/firewalls?${query}`)).body.firewalls.map(
        ({ name }) => name,
      );
    expect(await found('name=renamed')).toEqual(['renamed']);
    expect(await found('label_selector=env')).toEqual(['renamed']);
    expect(await found('sort=name')).toEqual(['other', 'renamed']);
  });

  it('are deleted when they guard nobody any more', async () => {
    const server = await hetzner.server('one');
    const { id } = await hetzner.firewall({ apply_to: [toServer(server.id)] });
    expect(refusal(await hetzner.call('DELETE', `/firewalls/${id}`))).toEqual({
      status: 422,
      code: 'resource_in_use',
      message: `firewall with ID ${id} is still in use`,
    });
    await hetzner.release(id, toServer(server.id));
    expect((await hetzner.call('DELETE', `/firewalls/${id}`)).status).toBe(204);
    expect((await hetzner.call('GET', `/firewalls/${id}`)).status).toBe(404);
  });

  it('let go of a server that is deleted', async () => {
    const server = await hetzner.server('one');
    const { id } = await hetzner.firewall({ apply_to: [toServer(server.id)] });
    await hetzner.done('DELETE', `/servers/${server.id}`);
    expect((await hetzner.shown(id)).applied_to).toEqual([]);
    expect((await hetzner.call('DELETE', `/firewalls/${id}`)).status).toBe(204);
  });

  it('do one thing at a time: another write is a conflict', async () => {
    const { id } = await hetzner.firewall();
    hetzner.project.faults.arm('action_never_ends', null, 'set_firewall_rules');
    await hetzner.call('POST', `/firewalls/${id}/actions/set_rules`, { rules: [open('80')] });
    for (const [method, path, payload] of [
      ['POST', '/actions/set_rules', { rules: [] }],
      ['POST', '/actions/apply_to_resources', { apply_to: [] }],
      ['POST', '/actions/remove_from_resources', { remove_from: [] }],
      ['PUT', '', { name: 'renamed' }],
      ['DELETE', '', {}],
    ] as const)
      expect(refusal(await hetzner.call(method, `/firewalls/${id}${path}`, payload)), path).toMatchObject({
        status: 409,
        code: 'conflict',
      });
    hetzner.project.faults.disarm();
    await hetzner.project.actions.idle();
    await hetzner.act(id, 'set_rules', { rules: [] });
  });

  it('that do not exist cannot be read, changed or deleted', async () => {
    for (const [method, path] of [
      ['GET', ''],
      ['PUT', ''],
      ['DELETE', ''],
      ['GET', '/actions'],
      ['POST', '/actions/set_rules'],
      ['POST', '/actions/apply_to_resources'],
      ['POST', '/actions/remove_from_resources'],
    ] as const)
      expect(
        refusal(await hetzner.call(method, `/firewalls/4711${path}`)),
        `${method} ${path}`,
      ).toMatchObject({
        status: 404,
        code: 'not_found',
      });
  });

  it('have actions, listed for each and for all, and read one by one', async () => {
    const { id } = await hetzner.firewall();
    const server = await hetzner.server('one');
    const { actions } = await hetzner.apply(id, toServer(server.id));
    const commands = async (path: string) =>
      (await hetzner.call<Applied>('GET', path)).body.actions.map(({ command }) => command);
    expect(await commands(`/firewalls/${id}/actions?sort=id`)).toEqual([
      'set_firewall_rules',
      'apply_firewall',
    ]);
    expect(await commands('/firewalls/actions?sort=id:desc')).toEqual([
      'apply_firewall',
      'set_firewall_rules',
    ]);
    expect(await commands(`/servers/${server.id}/actions`)).toContain('apply_firewall');
    const [applied] = actions;
    for (const path of [`/firewalls/${id}/actions/${applied?.id}`, `/firewalls/actions/${applied?.id}`])
      expect((await hetzner.call<{ action: object }>('GET', path)).body.action).toMatchObject({
        id: applied?.id,
        status: 'success',
        resources: [
          { id: server.id, type: 'server' },
          { id, type: 'firewall' },
        ],
      });
  });
});
