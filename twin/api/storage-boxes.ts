import type { FastifyInstance } from 'fastify';
import { fault } from '../errors.ts';

/** Storage Boxes live at another address of Hetzner's, and this twin has none: every call is refused in one way. */
export function storageBoxRoutes(app: FastifyInstance): void {
  const refuse = () => {
    throw fault.other(
      422,
      'unsupported_error',
      'this local Hetzner has no Storage Boxes; a server with a volume can stand in for one',
    );
  };
  for (const collection of ['storage_boxes', 'storage_box_types']) {
    app.all(`/${collection}`, refuse);
    app.all(`/${collection}/*`, refuse);
  }
}
