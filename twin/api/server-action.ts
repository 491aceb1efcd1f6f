import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { fault } from '../errors.ts';
import type { Action, Server } from '../model.ts';
import type { Project } from '../project.ts';
import { type Listing, requireOne } from './http.ts';
import { renderServer, serverParts } from './render-server.ts';

export function serverListing(project: Project): Listing<Server> {
  const { store } = project;
  return {
    plural: 'servers',
    singular: 'server',
    noun: 'server',
    all: () => store.all('servers'),
    find: (id) => store.find('servers', id),
    filters: ['status'],
    render: (server) => renderServer(project, server),
    dependsOn: (server) => serverParts(project, server),
    actionsOf: 'server',
  };
}

/** What an action does once its body is known to be right. */
export interface Work {
  /** Commits what is wanted; within the change of the store that begins the action. */
  change?(): void;
  /** Makes it real; absent: the engine gets the server as it is wanted now. */
  apply?(): Promise<void>;
  /** Within the change that ends the action; absent: the server has the status that it is wanted to have. */
  finish?(): void;
  /** There is nothing to do: the action is a success as it is answered. */
  readonly isDone?: boolean;
  /** What else is answered. */
  readonly answer?: object;
}

/**
 * Routes `POST /servers/{id}/actions/…` of one project.
 * @param prepare checks the request and says what is to be done; throws ApiFault when it cannot be
 */
export class ServerActions {
  readonly project: Project;
  readonly #app: FastifyInstance;
  readonly #listing: Listing<Server>;

  constructor(app: FastifyInstance, project: Project) {
    this.project = project;
    this.#app = app;
    this.#listing = serverListing(project);
  }

  route(path: string, command: string, prepare: (server: Server, request: FastifyRequest) => Work): void {
    this.#app.post(`/servers/:id/actions/${path}`, (request, reply) => {
      const server = requireOne(this.#listing, request);
      this.project.actions.requireUnlocked('server', server.id);
      if (this.project.isDown(server.location))
        throw fault.other(503, 'unavailable', `location ${server.location} is down`);
      return this.#begin(reply, command, server.id, prepare(server, request));
    });
  }

  /** Something that is true as soon as it is written down. */
  instant(path: string, command: string, prepare: (server: Server, request: FastifyRequest) => Work): void {
    this.#app.post(`/servers/:id/actions/${path}`, (request, reply) => {
      const server = requireOne(this.#listing, request);
      this.project.actions.requireUnlocked('server', server.id);
      const { change, answer } = prepare(server, request);
      const action = this.project.store.change((): Action => {
        change?.();
        return this.project.actions.done(command, [{ id: server.id, type: 'server' }]);
      });
      return reply.code(201).send({ action, ...answer });
    });
  }

  #begin(reply: FastifyReply, command: string, id: number, work: Work): FastifyReply {
    const { project } = this;
    const action = project.store.change(() => {
      const resources = [{ id, type: 'server' }];
      if (work.isDone) return project.actions.done(command, resources);
      work.change?.();
      return project.actions.begin(
        command,
        resources,
        work.apply ?? (() => project.applyServer(id)),
        work.finish ?? (() => project.settleServer(id)),
      );
    });
    return reply.code(201).send({ action, ...work.answer });
  }
}
