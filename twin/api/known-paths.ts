import type { FastifyInstance } from 'fastify';

/**
 * Which paths exist, whatever their methods: what tells 405 from 404. Called before the first route.
 * @returns whether a path is that of a route
 */
export function knownPaths(app: FastifyInstance): (path: string) => boolean {
  const patterns = new Map<string, RegExp>();
  app.addHook('onRoute', ({ url }) => {
    if (patterns.has(url)) return;
    const pattern = url.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll(/:\w+/g, '[^/]+');
    patterns.set(url, new RegExp(`^${pattern}$`));
  });
  return (path) => [...patterns.values()].some((pattern) => pattern.test(path));
}
