import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ServingHetzner } from './serving-hetzner.ts';

describe('the power of a server', () => {
  let hetzner: ServingHetzner;
  let done: string[];
  let passwords: string[];
  beforeEach(() => {
    done = [];
    passwords = [];
    hetzner = new ServingHetzner({
      putServer: async ({ running }) => {
        done.push(running ? 'runs' : 'off');
      },
      stopServer: async (_, how) => {
        done.push(how);
      },
      setPassword: async (_, password) => {
        passwords.push(password);
      },
    });
  });
  afterEach(() => hetzner.remove());

  const server = async () => {
    const { id } = await hetzner.server('one');
    done.length = 0;
    return id;
  };
  const status = async (id: number) => (await hetzner.shown(id)).status;
  /** What the server is told to be while the action runs, which command that is, and what it is afterwards. */
  const steps = async (id: number, action: string) => {
    const { body } = await hetzner.call<{ action: { command: string; resources: object[] } }>(
      'POST',
      `/servers/${id}/actions/${action}`,
    );
    const meanwhile = await status(id);
    await hetzner.project.actions.idle();
    expect(body.action.resources).toEqual([{ id, type: 'server' }]);
    return [body.action.command, meanwhile, await status(id)];
  };

  it('is cut by poweroff, taken away gently by shutdown, and given again by poweron', async () => {
    const id = await server();
    expect(await steps(id, 'poweroff')).toEqual(['stop_server', 'stopping', 'off']);
    expect(await steps(id, 'poweron')).toEqual(['start_server', 'starting', 'running']);
    expect(await steps(id, 'shutdown')).toEqual(['shutdown_server', 'stopping', 'off']);
    expect(done).toEqual(['hard', 'runs', 'graceful']);
  });

  it('is given again at once by reboot, gently, and by reset', async () => {
    const id = await server();
    expect(await steps(id, 'reboot')).toEqual(['reboot_server', 'starting', 'running']);
    expect(await steps(id, 'reset')).toEqual(['reset_server', 'starting', 'running']);
    expect(done).toEqual(['graceful', 'runs', 'hard', 'runs']);
  });

  it('is on or off: poweron and poweroff may be repeated, reboot and reset need a server that runs', async () => {
    const id = await server();
    await hetzner.act(id, 'poweron');
    expect(await status(id)).toBe('running');
    for (const action of ['poweroff', 'poweroff', 'shutdown']) await hetzner.act(id, action);
    expect(await status(id)).toBe('off');
    for (const action of ['reboot', 'reset'])
      expect(await hetzner.refusedAct(id, action), action).toBe('422 service_error');
  });

  it('is on for a new root password and for a console', async () => {
    const id = await server();
    const reset = await hetzner.act<{ root_password: string }>(id, 'reset_password');
    expect(reset.action.command).toBe('reset_password');
    expect(passwords).toEqual([reset.root_password]);
    const console = await hetzner.act<{ wss_url: string; password: string }>(id, 'request_console');
    expect(console.action.command).toBe('request_console');
    expect(console.wss_url).toMatch(/^wss:\/\//);
    expect(console.password).toMatch(/^\S{16,}$/);
    await hetzner.act(id, 'poweroff');
    for (const action of ['reset_password', 'request_console'])
      expect(await hetzner.refusedAct(id, action), action).toBe('422 service_error');
  });

  it('and everything else of a server is locked while an action runs', async () => {
    const id = await server();
    hetzner.project.rules.set({ speed: '20' });
    await hetzner.call('POST', `/servers/${id}/actions/reboot`);
    expect(await hetzner.shown(id)).toMatchObject({ locked: true, status: 'starting' });
    const actions = [
      ...['poweron', 'poweroff', 'shutdown', 'reboot', 'reset', 'reset_password', 'request_console'],
      ...['rebuild', 'enable_rescue', 'disable_rescue', 'attach_iso', 'detach_iso', 'enable_backup'],
      ...['disable_backup', 'create_image', 'change_type', 'change_protection', 'change_dns_ptr'],
      ...['attach_to_network', 'detach_from_network', 'change_alias_ips'],
      ...['add_to_placement_group', 'remove_from_placement_group'],
    ];
    for (const action of actions) expect(await hetzner.refusedAct(id, action), action).toBe('423 locked');
    await hetzner.project.actions.idle();
    expect(await hetzner.shown(id)).toMatchObject({ locked: false, status: 'running' });
  });

  it('is nobody’s to change while its location is down', async () => {
    const id = await server();
    hetzner.project.faults.arm('location_down', null, 'fsn1');
    expect(await hetzner.refusedAct(id, 'reboot')).toBe('503 unavailable');
  });

  it('is as before when the action fails', async () => {
    const id = await server();
    hetzner.project.faults.arm('action_fails', 1, 'stop_server');
    const { action } = await hetzner.act(id, 'poweroff');
    const failed = await hetzner.call('GET', `/actions/${action.id}`);
    expect(failed.body).toMatchObject({
      action: { status: 'error', progress: 100, error: { code: 'action_failed' } },
    });
    expect(await hetzner.shown(id)).toMatchObject({ status: 'running', locked: false });
  });
});
