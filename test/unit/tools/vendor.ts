import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Vendors' sites on loopback: what `GROUNDUP_DOWNLOADS` names. Paths are `/<host>/<path>`. */
export class Vendor {
  readonly files = new Map<string, Buffer>();
  readonly asked: string[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(): Promise<Vendor> {
    const server = createServer();
    const vendor = new Vendor(server);
    server.on('request', ({ url = '' }, response) => {
      vendor.asked.push(url);
      const file = vendor.files.get(url);
      response.writeHead(file ? 200 : 404).end(file);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return vendor;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Offers a file at the address that its vendor publishes it at. */
  offer(url: string, content: Buffer | string): void {
    this.files.set(`/${url.replace('https://', '')}`, Buffer.from(content));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export function sha256(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex');
}
