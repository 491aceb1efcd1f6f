import { createServer } from 'node:net';

/**
 * Opens the metadata service's port inside a network namespace and hands the socket to the twin, which cannot enter
 * one itself. Started by `metadata.ts`; argument: the address.
 */
const server = createServer();
server.listen({ host: process.argv[2], port: 80 }, () => {
  process.send?.('listening', server, {}, () => process.exit(0));
});
