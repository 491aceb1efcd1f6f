import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Server as Socket } from 'node:net';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { WantedServer } from '../engine.ts';
import { RESOLVERS } from './guest-files.ts';
import { METADATA, ownIpv6, publicMac } from './internet.ts';
import { interfaceName } from './private-network.ts';

const LISTENER = join(import.meta.dirname, 'metadata-listener.ts');

/** Finds the server that has an address in a network, or a public address where `network` is absent. */
export type FindCaller = (address: string, network: number | undefined) => WantedServer | undefined;

/** Hetzner's metadata service: each server asks the same address and hears about itself. */
export class Metadata {
  readonly #find: FindCaller;
  readonly #networkRange: (id: number) => string;
  readonly #servers = new Map<string, Server>();

  constructor(find: FindCaller, networkRange: (id: number) => string) {
    this.#find = find;
    this.#networkRange = networkRange;
  }

  /** Answers inside a namespace. @param network the private network that the namespace routes */
  async listen(namespace: string, network: number | undefined): Promise<void> {
    if (this.#servers.has(namespace)) return;
    const http = createServer((request, response) => this.#answer(request, response, network));
    this.#servers.set(namespace, http);
    http.listen(await openSocket(namespace));
    http.unref();
  }

  async close(namespace: string): Promise<void> {
    const http = this.#servers.get(namespace);
    this.#servers.delete(namespace);
    http?.closeAllConnections();
    await new Promise((resolve) => (http ? http.close(resolve) : resolve(undefined)));
  }

  async closeAll(): Promise<void> {
    for (const namespace of [...this.#servers.keys()]) await this.close(namespace);
  }

  #answer(request: IncomingMessage, response: ServerResponse, network: number | undefined): void {
    const server = this.#find(request.socket.remoteAddress ?? '', network);
    const path = (request.url ?? '').replace(/^\/(hetzner|latest|2009-04-04)/, '').replace(/\/$/, '');
    const text = server && request.method === 'GET' ? this.#document(server, path) : undefined;
    response.writeHead(text === undefined ? 404 : 200, { 'content-type': 'text/plain; charset=utf-8' });
    response.end(text ?? 'not found\n');
  }

  #document(server: WantedServer, path: string): string | undefined {
    const facts = this.#facts(server);
    if (path === '/v1/userdata') return server.userData;
    if (path === '/v1/metadata') return toYaml(facts);
    const name = path.replace(/^\/v1\/metadata\//, '');
    if (name === 'private-networks') return toYaml(this.#privateNetworks(server));
    const value = facts[name as keyof typeof facts];
    if (value === undefined) return undefined;
    return typeof value === 'string' || typeof value === 'number' ? String(value) : toYaml(value);
  }

  #facts(server: WantedServer) {
    return {
      // Data centres are gone from the API, and their name is still here: the CSI driver splits it at the dash.
      'availability-zone': `${server.location}-dc1`,
      hostname: server.name,
      'instance-id': server.id,
      'network-config': networkConfig(server),
      'public-ipv4': server.publicIpv4 ?? '',
      'public-keys': server.sshKeys,
      region: 'eu-central',
      vendor_data: '',
    };
  }

  #privateNetworks(server: WantedServer) {
    return server.privateNics.map((nic, index) => ({
      ip: nic.ip,
      alias_ips: nic.aliasIps,
      interface_num: index + 1,
      interface_name: interfaceName(index),
      mac_address: nic.mac,
      network_id: nic.network,
      network: this.#networkRange(nic.network),
    }));
  }
}

/** As readers of YAML 1.1 understand it, to whom 96:00:00:00:00:03 without quotes is a number. */
function toYaml(value: unknown): string {
  return stringify(value, { version: '1.1' });
}

/** As cloud-init's data source for Hetzner hands it on: version 1 of cloud-init's network configuration. */
function networkConfig(server: WantedServer) {
  const { publicIpv4, publicIpv6 } = server;
  const subnets = [
    ...(publicIpv4 === undefined ? [] : [{ type: 'dhcp', ipv4: true, dns_nameservers: RESOLVERS }]),
    ...(publicIpv6 === undefined
      ? []
      : [{ type: 'static', ipv6: true, address: `${ownIpv6(publicIpv6)}/64`, gateway: 'fe80::1' }]),
  ];
  const eth0 = { type: 'physical', name: 'eth0', mac_address: publicMac(server.id), subnets };
  return { version: 1, config: subnets.length > 0 ? [eth0] : [] };
}

function openSocket(namespace: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const child = spawn('ip', ['netns', 'exec', namespace, process.execPath, LISTENER, METADATA], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    child.once('message', (_, socket) => resolve(socket as Socket));
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code !== 0) reject(new Error(`the metadata service cannot listen in ${namespace} (${code})`));
    });
  });
}
