import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { fault } from '../errors.ts';
import type { Action, Server } from '../model.ts';
import type { Project } from '../project.ts';
import { createServer, newServer, serverName } from './create-server.ts';
import { followLabels } from './firewall-targets.ts';
import { moveFloatingIp } from './floating-ips.ts';
import { body, defined, listRoutes, requireOne, shape } from './http.ts';
import { leaveLoadBalancers } from './load-balancer-targets.ts';
import { metricsRoute } from './metrics.ts';
import { detach } from './networks.ts';
import { requireUniqueName } from './references.ts';
import { renderServer } from './render-server.ts';
import { ServerActions, serverListing } from './server-action.ts';
import { changeActions, leaveGroup } from './server-changes.ts';
import { backupsOf, diskActions } from './server-disk.ts';
import { SERVER_METRICS, serverSeries } from './server-metrics.ts';
import { powerActions } from './server-power.ts';
import { moveVolume } from './volumes.ts';

const changes = z.object({ name: serverName.optional(), labels: shape.labels.optional() });

export function serverRoutes(app: FastifyInstance, project: Project): void {
  const { store, engine, actions } = project;
  const listing = serverListing(project);
  listRoutes(app, project, listing);
  const resource = (id: number) => [{ id, type: 'server' }];

  app.post('/servers', (request, reply) => {
    const wanted = body(newServer, request);
    return store.change(() => {
      const server = createServer(project, wanted);
      const action = actions.begin(
        'create_server',
        resource(server.id),
        async () => {
          await project.prepareServer(server.id);
          await project.applyFirewalls();
        },
        () => setStatus(project, server.id, 'off'),
      );
      return reply.code(201).send({
        server: renderServer(project, server),
        action,
        next_actions: nextActions(project, server),
        root_password: server.twin.password,
      });
    });
  });
  app.put('/servers/:id', (request) => {
    const server = requireOne(listing, request);
    const wanted = body(changes, request);
    if (wanted.name !== undefined) requireUniqueName(project, 'servers', wanted.name, server.id);
    const changed = store.change(() => store.put('servers', { ...server, ...defined(wanted) }));
    followLabels(project, server);
    return { server: renderServer(project, changed) };
  });
  app.delete('/servers/:id', (request, reply) => {
    const server = requireOne(listing, request);
    if (server.protection.delete) throw fault.protected('server');
    actions.requireUnlocked('server', server.id);
    const backups = backupsOf(project, server);
    const action = store.change(() => {
      remove(project, server);
      for (const backup of backups) store.remove('images', backup.id);
      return actions.begin('delete_server', resource(server.id), async () => {
        await engine.removeServer(server.id);
        await project.applyFirewalls();
        await project.applyFloatingIps();
      });
    });
    return reply.code(200).send({ action });
  });
  metricsRoute(app, listing, SERVER_METRICS, (_, metric, times) => serverSeries(metric, times));
  const routes = new ServerActions(app, project);
  powerActions(routes);
  changeActions(routes);
  diskActions(routes);
}

/** What follows the creation, each an action of its own as at Hetzner. Only within a change of the store. */
function nextActions(project: Project, server: Server): Action[] {
  const { store, actions } = project;
  const id = server.id;
  const one = { id, type: 'server' };
  const attached = server.volumes.map((volume) =>
    actions.begin('attach_volume', [one, { id: volume, type: 'volume' }], () => project.applyServer(id)),
  );
  if (!server.twin.wanted) return attached;
  const start = actions.begin(
    'start_server',
    [one],
    async () => {
      if (store.get('servers', id)?.status === 'initializing')
        throw new Error('the server was not created, so it cannot be started');
      store.change(() => setStatus(project, id, 'starting'));
      await project.applyServer(id);
    },
    () => project.settleServer(id),
  );
  return [...attached, start];
}

/** Only within a change of the store. */
function setStatus({ store }: Project, id: number, status: Server['status']): void {
  const server = store.get('servers', id);
  if (server) store.put('servers', { ...server, status });
}

/** Takes a server out of everything that names it. Only within a change of the store. */
function remove(project: Project, server: Server): void {
  const { store } = project;
  leaveGroup(project, server.id);
  for (const volume of server.volumes) moveVolume(project, volume, null);
  leaveLoadBalancers(project, server.id);
  for (const { network } of server.private_net) detach(project, server.id, network);
  for (const id of server.floating_ips) {
    const address = store.get('floating_ips', id);
    if (address) moveFloatingIp(project, address, null);
  }
  for (const id of [server.ipv4, server.ipv6]) {
    const address = id === null ? undefined : store.get('primary_ips', id);
    if (!address) continue;
    if (address.auto_delete) store.remove('primary_ips', address.id);
    else store.put('primary_ips', { ...address, assignee_id: null, assignee_type: 'unassigned' });
  }
  store.remove('servers', server.id);
}
