import type { FastifyInstance, FastifyReply } from 'fastify';
import * as z from 'zod';
import { findServerType } from '../catalogue/server-types.ts';
import { fault } from '../errors.ts';
import type { Server } from '../model.ts';
import type { Project } from '../project.ts';
import {
  attachToNetwork,
  createServer,
  joinGroup,
  newServer,
  rootPassword,
  serverName,
  takenAddresses,
} from './create-server.ts';
import { applyFirewall } from './firewalls.ts';
import { body, type Listing, listRoutes, requireOne, shape } from './http.ts';
import { defined } from './keys-and-groups.ts';
import { leaveLoadBalancers } from './load-balancer-targets.ts';
import { detach } from './networks.ts';
import { referenced, requireUniqueName } from './references.ts';
import { renderServer, serverParts } from './render-server.ts';
import { moveVolume } from './volumes.ts';

const changes = z.object({ name: serverName.optional(), labels: shape.labels.optional() });
const nic = z.object({
  network: shape.id,
  ip: z.string().optional(),
  alias_ips: z.array(z.string()).default([]),
});

export function serverRoutes(app: FastifyInstance, project: Project): void {
  const { store, engine, actions } = project;
  const listing: Listing<Server> = {
    plural: 'servers',
    singular: 'server',
    noun: 'server',
    all: () => store.all('servers'),
    filters: ['status'],
    render: (server) => renderServer(project, server),
    find: (id) => store.find('servers', id),
    dependsOn: (server) => serverParts(project, server),
    actionsOf: 'server',
  };
  listRoutes(app, project, listing);
  const resource = (id: number) => [{ id, type: 'server' }];

  /** Sets the status that a server has once its action is done. */
  const settle = (id: number) => () => {
    const server = store.get('servers', id);
    if (server) store.put('servers', { ...server, status: server.twin.wanted ? 'running' : 'off' });
  };
  /** Commits a changed server and lets the engine follow. */
  const follow = (
    reply: FastifyReply,
    command: string,
    id: number,
    change: () => void,
    work?: () => Promise<void>,
  ) => {
    actions.requireUnlocked('server', id);
    const action = store.change(() => {
      change();
      return actions.begin(command, resource(id), work ?? (() => project.applyServer(id)), settle(id));
    });
    return reply.code(201).send({ action });
  };
  const power = (server: Server, wanted: boolean, status: Server['status']) => () => {
    store.put('servers', { ...server, status, twin: { ...server.twin, wanted } });
  };

  app.post('/servers', (request, reply) => {
    const wanted = body(newServer, request);
    return store.change(() => {
      const server = createServer(project, wanted);
      const action = actions.begin(
        'create_server',
        resource(server.id),
        async () => {
          await project.applyServer(server.id);
          await project.applyFirewalls();
        },
        settle(server.id),
      );
      const password = wanted.ssh_keys.length === 0 ? rootPassword() : null;
      return reply
        .code(201)
        .send({ server: renderServer(project, server), action, next_actions: [], root_password: password });
    });
  });
  app.put('/servers/:id', (request) => {
    const server = requireOne(listing, request);
    const wanted = body(changes, request);
    if (wanted.name !== undefined) requireUniqueName(project, 'servers', wanted.name, server.id);
    return {
      server: renderServer(
        project,
        store.change(() => store.put('servers', { ...server, ...defined(wanted) })),
      ),
    };
  });
  app.delete('/servers/:id', (request, reply) => {
    const server = requireOne(listing, request);
    if (server.protection.delete) throw fault.protected('server');
    const action = store.change(() => {
      remove(project, server);
      return actions.begin('delete_server', resource(server.id), async () => {
        await engine.removeServer(server.id);
        await project.applyFirewalls();
        await project.applyFloatingIps();
      });
    });
    return reply.code(200).send({ action });
  });

  const stops = { poweroff: 'hard', shutdown: 'graceful' } as const;
  for (const [name, how] of Object.entries(stops)) {
    app.post(`/servers/:id/actions/${name}`, (request, reply) => {
      const server = requireOne(listing, request);
      const command = name === 'poweroff' ? 'stop_server' : 'shutdown_server';
      return follow(reply, command, server.id, power(server, false, 'stopping'), () =>
        engine.stopServer(server.id, how),
      );
    });
  }
  app.post('/servers/:id/actions/poweron', (request, reply) => {
    const server = requireOne(listing, request);
    const bare = server.ipv4 === null && server.ipv6 === null && server.private_net.length === 0;
    if (bare)
      throw fault.other(422, 'server_without_interface', 'a server without any interface cannot be started');
    return follow(reply, 'start_server', server.id, power(server, true, 'starting'));
  });
  for (const [name, how] of [
    ['reboot', 'graceful'],
    ['reset', 'hard'],
  ] as const) {
    app.post(`/servers/:id/actions/${name}`, (request, reply) => {
      const server = requireOne(listing, request);
      if (!server.twin.wanted) throw fault.other(422, 'server_is_stopped', 'the server is off');
      return follow(reply, `${name}_server`, server.id, power(server, true, 'starting'), async () => {
        await engine.stopServer(server.id, how);
        await project.applyServer(server.id);
      });
    });
  }
  app.post('/servers/:id/actions/attach_to_network', (request, reply) => {
    const server = requireOne(listing, request);
    const wanted = body(nic, request);
    return follow(reply, 'attach_to_network', server.id, () => attachToNetwork(project, server.id, wanted));
  });
  app.post('/servers/:id/actions/detach_from_network', (request, reply) => {
    const server = requireOne(listing, request);
    const { network } = body(z.object({ network: shape.id }), request);
    if (!server.private_net.some((attached) => attached.network === network)) {
      throw fault.invalid('network', 'the server is not attached to the network');
    }
    return follow(reply, 'detach_from_network', server.id, () => detach(project, server.id, network));
  });
  app.post('/servers/:id/actions/change_alias_ips', (request, reply) => {
    const server = requireOne(listing, request);
    const wanted = body(z.object({ network: shape.id, alias_ips: z.array(z.string()) }), request);
    const attached = server.private_net.find(({ network }) => network === wanted.network);
    if (!attached) throw fault.invalid('network', 'the server is not attached to the network');
    const taken = takenAddresses(project, wanted.network);
    const foreign = wanted.alias_ips.find(
      (address) => taken.has(address) && !attached.alias_ips.includes(address),
    );
    if (foreign !== undefined) throw fault.other(422, 'ip_not_available', `${foreign} is taken`);
    const private_net = server.private_net.map((other) =>
      other === attached ? { ...attached, alias_ips: wanted.alias_ips } : other,
    );
    return follow(reply, 'change_alias_ips', server.id, () =>
      store.put('servers', { ...server, private_net }),
    );
  });
  app.post('/servers/:id/actions/change_type', (request, reply) => {
    const server = requireOne(listing, request);
    const wanted = body(z.object({ server_type: z.string(), upgrade_disk: z.boolean() }), request);
    const type = findServerType(wanted.server_type);
    const present = findServerType(server.server_type);
    if (!type) throw fault.invalid('server_type', `server type ${wanted.server_type} does not exist`);
    if (server.status !== 'off') throw fault.other(422, 'server_not_stopped', 'the server must be off');
    if (type.architecture !== present?.architecture)
      throw fault.invalid('server_type', 'is of another architecture');
    if (type.disk < server.primary_disk_size)
      throw fault.invalid('server_type', 'has a smaller disk than the server');
    const primary_disk_size = wanted.upgrade_disk ? type.disk : server.primary_disk_size;
    return follow(reply, 'change_server_type', server.id, () =>
      store.put('servers', { ...server, server_type: type.name, primary_disk_size }),
    );
  });
  app.post('/servers/:id/actions/change_protection', (request, reply) => {
    const server = requireOne(listing, request);
    const protection = body(z.object({ delete: z.boolean(), rebuild: z.boolean() }), request);
    if (protection.delete !== protection.rebuild)
      throw fault.invalid('rebuild', 'must be the same as delete');
    const action = store.change(() => {
      store.put('servers', { ...server, protection });
      return actions.done('change_protection', resource(server.id));
    });
    return reply.code(201).send({ action });
  });
  app.post('/servers/:id/actions/add_to_placement_group', (request, reply) => {
    const server = requireOne(listing, request);
    const { placement_group } = body(z.object({ placement_group: shape.id }), request);
    const group = referenced(project, 'placement_groups', placement_group, 'placement_group');
    if (server.status !== 'off') throw fault.other(422, 'server_not_stopped', 'the server must be off');
    return follow(reply, 'add_to_placement_group', server.id, () => joinGroup(project, server.id, group));
  });
  app.post('/servers/:id/actions/remove_from_placement_group', (request, reply) => {
    const server = requireOne(listing, request);
    return follow(reply, 'remove_from_placement_group', server.id, () => leaveGroup(project, server));
  });
}

/** Only within a change of the store. */
function leaveGroup({ store }: Project, server: Server): void {
  const group =
    server.placement_group === null ? undefined : store.get('placement_groups', server.placement_group);
  if (!group) throw fault.invalid('placement_group', 'the server is in no placement group');
  store.put('placement_groups', { ...group, servers: group.servers.filter((id) => id !== server.id) });
  store.put('servers', { ...server, placement_group: null });
}

/** Takes a server out of everything that names it. Only within a change of the store. */
function remove(project: Project, server: Server): void {
  const { store } = project;
  if (server.placement_group !== null) leaveGroup(project, server);
  for (const firewall of server.firewalls) applyFirewall(project, firewall, [server.id], false);
  for (const volume of server.volumes) moveVolume(project, volume, null);
  leaveLoadBalancers(project, server.id);
  for (const { network } of server.private_net) detach(project, server.id, network);
  for (const id of server.floating_ips) {
    const address = store.get('floating_ips', id);
    if (address) store.put('floating_ips', { ...address, server: null });
  }
  for (const id of [server.ipv4, server.ipv6]) {
    const address = id === null ? undefined : store.get('primary_ips', id);
    if (!address) continue;
    if (address.auto_delete) store.remove('primary_ips', address.id);
    else store.put('primary_ips', { ...address, assignee_id: null, assignee_type: 'unassigned' });
  }
  store.remove('servers', server.id);
}
