import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FirewalledHetzner, open, toLabels, toServer } from './firewalled.ts';

describe('what a firewall of the local Hetzner is applied to', () => {
  let hetzner: FirewalledHetzner;
  beforeEach(() => {
    hetzner = new FirewalledHetzner();
  });
  afterEach(() => hetzner.remove());

  const relabel = (id: number, labels: object) => hetzner.done('PUT', `/servers/${id}`, { labels });
  const commandsOf = async (id: number) => {
    const path = `/servers/${id}/actions?sort=id`;
    const { body } = await hetzner.call<{ actions: { command: string }[] }>('GET', path);
    return body.actions.map(({ command }) => command).filter((command) => command.endsWith('_firewall'));
  };

  it('is servers, which say so too, each by an action of its own', async () => {
    const [one, two] = [await hetzner.server('one'), await hetzner.server('two')];
    const { id } = await hetzner.firewall({ rules: [open('22')] });
    const { actions } = await hetzner.apply(id, toServer(one.id), toServer(two.id));
    expect(actions).toMatchObject(
      [one, two].map((server) => ({
        command: 'apply_firewall',
        status: 'running',
        resources: [
          { id: server.id, type: 'server' },
          { id, type: 'firewall' },
        ],
      })),
    );
    expect((await hetzner.shown(id)).applied_to).toEqual([toServer(one.id), toServer(two.id)]);
    expect(await hetzner.firewallsOf(one.id)).toEqual([id]);
    expect(hetzner.filtered(one.id)).toMatchObject([{ port: '22' }]);
    const removed = await hetzner.release(id, toServer(one.id));
    expect(removed.actions).toMatchObject([
      { command: 'remove_firewall', resources: [{ id: one.id }, { id, type: 'firewall' }] },
    ]);
    expect((await hetzner.shown(id)).applied_to).toEqual([toServer(two.id)]);
    expect(await hetzner.firewallsOf(one.id)).toEqual([]);
    expect(hetzner.filtered(one.id)).toBeUndefined();
  });

  it('is pending at the server until the action has ended', async () => {
    const { id: server } = await hetzner.server('one');
    const { id } = await hetzner.firewall();
    hetzner.project.faults.arm('action_never_ends', null, 'apply_firewall');
    await hetzner.call('POST', `/firewalls/${id}/actions/apply_to_resources`, {
      apply_to: [toServer(server)],
    });
    type Guarded = { server: { public_net: { firewalls: object[] } } };
    const guards = async () =>
      (await hetzner.call<Guarded>('GET', `/servers/${server}`)).body.server.public_net.firewalls;
    expect(await guards()).toEqual([{ id, status: 'pending' }]);
    hetzner.project.faults.disarm();
    await hetzner.project.actions.idle();
    expect(await guards()).toEqual([{ id, status: 'applied' }]);
  });

  it('may be an empty list, which does nothing', async () => {
    const { id } = await hetzner.firewall();
    expect(await hetzner.apply(id)).toEqual({ actions: [] });
    expect(await hetzner.release(id)).toEqual({ actions: [] });
  });

  it('is nothing twice, nothing that does not exist, and no server without a public interface', async () => {
    const server = await hetzner.server('one');
    const { id } = await hetzner.firewall({ apply_to: [toServer(server.id), toLabels('env=prod')] });
    const refused = async (...apply_to: object[]) => {
      const { status, code } = await hetzner.refusedAct(id, 'apply_to_resources', { apply_to });
      return [status, code];
    };
    expect(await refused(toServer(server.id))).toEqual([422, 'firewall_already_applied']);
    expect(await refused(toLabels('env=prod'))).toEqual([422, 'firewall_already_applied']);
    expect(await refused(toServer(4711))).toEqual([404, 'firewall_resource_not_found']);
    const hidden = await hetzner.server('hidden', {
      public_net: { enable_ipv4: false, enable_ipv6: false },
      start_after_create: false,
    });
    expect(await refused(toServer(hidden.id))).toEqual([422, 'private_net_only_server']);
    const other = await hetzner.server('other');
    expect(await refused(toServer(other.id), toServer(4711))).toEqual([404, 'firewall_resource_not_found']);
    expect(await hetzner.firewallsOf(other.id), 'nothing is left of a list that is refused').toEqual([]);
  });

  it.each([
    ['a type that there is not', { type: 'network', network: { id: 1 } }, 'apply_to.0.type'],
    ['a server without its id', { type: 'server' }, 'apply_to.0.server'],
    ['no selector', { type: 'label_selector' }, 'apply_to.0.label_selector'],
    ['a selector that is none', toLabels('(('), 'apply_to.0.label_selector.selector'],
    ['an empty selector', toLabels(''), 'apply_to.0.label_selector.selector'],
  ])('is not %s', async (_, target, field) => {
    const { id } = await hetzner.firewall();
    const wanted = { apply_to: [target] };
    for (const answer of [
      await hetzner.refusedAct(id, 'apply_to_resources', wanted),
      await hetzner.notCreated(wanted),
    ])
      expect(answer).toMatchObject({ status: 422, code: 'invalid_input', fields: [field] });
  });

  it('is no more of a server than five firewalls, of which those by labels come last', async () => {
    const server = await hetzner.server('one', { labels: { env: 'prod' } });
    const selecting = await hetzner.firewall({ name: 'selecting', apply_to: [toLabels('env=prod')] });
    const direct: number[] = [];
    for (let index = 0; index < 5; index++) {
      const { id } = await hetzner.firewall({ name: `direct-${index}` });
      await hetzner.apply(id, toServer(server.id));
      direct.push(id);
    }
    expect(await hetzner.firewallsOf(server.id)).toEqual(direct);
    expect((await hetzner.shown(selecting.id)).applied_to).toMatchObject([{ applied_to_resources: [] }]);
    const { id: sixth } = await hetzner.firewall({ name: 'sixth' });
    const path = `/firewalls/${sixth}/actions/apply_to_resources`;
    expect(await hetzner.refused('POST', path, { apply_to: [toServer(server.id)] })).toBe(
      '403 resource_limit_exceeded server_firewall_limit',
    );
    await hetzner.release(direct[0] ?? 0, toServer(server.id));
    expect(await hetzner.firewallsOf(server.id)).toEqual([...direct.slice(1), selecting.id]);
  });

  it('is removed only where it is', async () => {
    const [one, two] = [await hetzner.server('one'), await hetzner.server('two')];
    const { id } = await hetzner.firewall({ apply_to: [toServer(one.id)] });
    for (const target of [toServer(two.id), toServer(4711), toLabels('env=prod')])
      expect(
        await hetzner.refusedAct(id, 'remove_from_resources', { remove_from: [toServer(one.id), target] }),
      ).toMatchObject({ status: 404, code: 'firewall_resource_not_found' });
    expect(await hetzner.firewallsOf(one.id)).toEqual([id]);
  });

  it('is servers by their labels, with those that they mean right now', async () => {
    const [prod, dev] = [
      await hetzner.server('prod', { labels: { env: 'prod' } }),
      await hetzner.server('dev', { labels: { env: 'dev' } }),
    ];
    const { id } = await hetzner.firewall({ rules: [open('22')] });
    const { actions } = await hetzner.apply(id, toLabels('env in (prod, test)'));
    expect(actions).toMatchObject([{ command: 'apply_firewall', resources: [{ id: prod.id }, { id }] }]);
    expect((await hetzner.shown(id)).applied_to).toEqual([
      { ...toLabels('env in (prod, test)'), applied_to_resources: [toServer(prod.id)] },
    ]);
    expect(await hetzner.firewallsOf(prod.id)).toEqual([id]);
    await relabel(dev.id, { env: 'test' });
    await relabel(prod.id, {});
    expect((await hetzner.shown(id)).applied_to).toMatchObject([
      { applied_to_resources: [toServer(dev.id)] },
    ]);
    expect([hetzner.filtered(prod.id), hetzner.filtered(dev.id)]).toMatchObject([
      undefined,
      [{ port: '22' }],
    ]);
    expect([await commandsOf(prod.id), await commandsOf(dev.id)]).toEqual([
      ['apply_firewall', 'remove_firewall'],
      ['apply_firewall'],
    ]);
    const later = await hetzner.server('later', { labels: { env: 'prod' } });
    expect(await hetzner.firewallsOf(later.id)).toEqual([id]);
  });

  it('by labels is one action without a server when they mean none', async () => {
    const { id } = await hetzner.firewall();
    const { actions } = await hetzner.apply(id, toLabels('env=prod'));
    expect(actions).toMatchObject([{ command: 'apply_firewall', resources: [{ id, type: 'firewall' }] }]);
    const { status, body } = await hetzner.call('DELETE', `/firewalls/${id}`);
    expect([status, body.error.code]).toEqual([422, 'resource_in_use']);
    await hetzner.release(id, toLabels('env=prod'));
    expect((await hetzner.call('DELETE', `/firewalls/${id}`)).status).toBe(204);
  });

  it('by labels cannot be removed from a single server', async () => {
    const server = await hetzner.server('one', { labels: { env: 'prod' } });
    const { id } = await hetzner.firewall({ apply_to: [toLabels('env=prod')] });
    expect(
      await hetzner.refusedAct(id, 'remove_from_resources', { remove_from: [toServer(server.id)] }),
    ).toMatchObject({ status: 422, code: 'firewall_managed_by_label_selector' });
    const { actions } = await hetzner.release(id, toLabels('env=prod'));
    expect(actions).toMatchObject([{ command: 'remove_firewall', resources: [{ id: server.id }, { id }] }]);
    expect(await hetzner.firewallsOf(server.id)).toEqual([]);
  });

  it('both ways guards a server until neither does', async () => {
    const server = await hetzner.server('one', { labels: { env: 'prod' } });
    const { id } = await hetzner.firewall({ apply_to: [toServer(server.id), toLabels('env=prod')] });
    expect(await hetzner.firewallsOf(server.id)).toEqual([id]);
    await hetzner.release(id, toServer(server.id));
    expect(await hetzner.firewallsOf(server.id)).toEqual([id]);
    await relabel(server.id, {});
    expect(await hetzner.firewallsOf(server.id)).toEqual([]);
  });

  it('is known when a server is created, and refused like any other', async () => {
    const { id } = await hetzner.firewall({ rules: [open('22')] });
    const server = await hetzner.server('one', { firewalls: [{ firewall: id }] });
    expect((await hetzner.shown(id)).applied_to).toEqual([toServer(server.id)]);
    expect(hetzner.filtered(server.id)).toMatchObject([{ port: '22' }]);
    const wanted = { name: 'two', server_type: 'cpx22', image: 'debian-12', firewalls: [{ firewall: 4711 }] };
    expect((await hetzner.call('POST', '/servers', wanted)).body.error.code).toBe('invalid_input');
  });

  it('is as before when the action fails', async () => {
    const server = await hetzner.server('one');
    const { id } = await hetzner.firewall();
    hetzner.project.faults.arm('action_fails', 1, 'apply_firewall');
    await hetzner.apply(id, toServer(server.id));
    expect((await hetzner.shown(id)).applied_to).toEqual([]);
    expect(await hetzner.firewallsOf(server.id)).toEqual([]);
  });
});
