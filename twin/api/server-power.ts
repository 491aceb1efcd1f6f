import { fault } from '../errors.ts';
import { isPublic } from '../firewalling.ts';
import type { Server } from '../model.ts';
import type { ServerActions } from './server-action.ts';

/** What a server needs to be started. Source: https://docs.hetzner.cloud/reference/cloud#primary-ip-actions */
export function hasInterface(server: Server): boolean {
  return isPublic(server) || server.private_net.length > 0;
}

/** Switching servers on and off. Source: https://docs.hetzner.cloud/reference/cloud#server-actions */
export function powerActions(actions: ServerActions): void {
  const { project } = actions;
  const { store, engine } = project;
  const power = (server: Server, wanted: boolean, status: Server['status']) => () => {
    store.put('servers', { ...server, status, twin: { ...server.twin, wanted } });
  };
  const stops = [
    ['poweroff', 'stop_server', 'hard'],
    ['shutdown', 'shutdown_server', 'graceful'],
  ] as const;
  for (const [path, command, how] of stops) {
    actions.route(path, command, (server) => ({
      change: power(server, false, 'stopping'),
      apply: () => engine.stopServer(server.id, how),
    }));
  }
  actions.route('poweron', 'start_server', (server) => {
    if (!hasInterface(server)) {
      throw fault.invalid(
        'id',
        'a server without any interface cannot be started; give it a primary IP or attach it to a network',
      );
    }
    return { change: power(server, true, 'starting') };
  });
  const restarts = [
    ['reboot', 'reboot_server', 'graceful'],
    ['reset', 'reset_server', 'hard'],
  ] as const;
  for (const [path, command, how] of restarts) {
    actions.route(path, command, (server) => {
      if (!server.twin.wanted) throw fault.service('the server is off; power it on instead');
      return {
        change: power(server, true, 'starting'),
        apply: async () => {
          await engine.stopServer(server.id, how);
          await project.applyServer(server.id);
        },
      };
    });
  }
}
