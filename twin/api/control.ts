import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { fault, TwinError } from '../errors.ts';
import { FAULTS } from '../faults/index.ts';
import type { Project } from '../project.ts';
import { body } from './http.ts';
import type { RequestLog } from './request-log.ts';

const armed = z.object({
  name: z.string(),
  times: z.int().positive().nullable().default(1),
  on: z.string().optional(),
});
const storm = z.object({
  seed: z.int().default(0),
  share: z.number().default(0.1),
  names: z.array(z.string()).default([]),
});

/** The twin's own paths under `/twin`: rules, faults, what was asked. No part of Hetzner's API. */
export function controlRoutes(app: FastifyInstance, project: Project, log: RequestLog): void {
  const { rules, faults } = project;
  app.get('/twin/requests', () => ({ ...log.counts, last: log.last }));
  app.get('/twin/rules', () => ({ rules: rules.list().map(({ form: _, ...rule }) => rule) }));
  app.put('/twin/rules', (request) => {
    const wanted = body(z.record(z.string(), z.string().nullable()), request);
    mistakes(() => rules.set(wanted));
    return {};
  });
  const shown = () => ({
    armed: faults.armed,
    storm: faults.storm ?? null,
    kinds: Object.entries(FAULTS).map(([name, { stage, what }]) => ({ name, stage, what })),
  });
  app.get('/twin/faults', shown);
  app.post('/twin/faults', (request, reply) => {
    const { name, times, on } = body(armed, request);
    return reply.code(201).send(mistakes(() => faults.arm(name, times, on)));
  });
  app.put('/twin/faults/storm', (request) => {
    const { seed, share, names } = body(storm, request);
    mistakes(() => faults.startStorm(seed, share, names));
    return shown();
  });
  app.delete('/twin/faults', () => {
    faults.disarm();
    return shown();
  });
  app.delete('/twin/faults/:id', (request) => {
    const { id } = request.params as { id: string };
    if (!faults.armed.some((fault) => String(fault.id) === id)) throw fault.notFound('fault', id);
    faults.disarm(Number(id));
    return shown();
  });
}

/** A mistake of the caller is an answer, not a crash. */
function mistakes<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof TwinError ? fault.other(422, 'invalid_input', error.message) : error;
  }
}
