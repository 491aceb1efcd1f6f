import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ObservedLoadBalancer, WantedLoadBalancer } from '../engine.ts';
import { must } from './commands.ts';
import { liveNicLines } from './guest-files.ts';
import { ownIpv6, PUBLIC_ROUTER, publicLink, publicLinkLines } from './internet.ts';
import type { Layout } from './layout.ts';
import { CONFIG, INSIDE, renderFiles, SOCKET, STATE } from './load-balancer-config.ts';
import { ask, processOf, readStatistics } from './load-balancer-stats.ts';
import {
  configure,
  hasLink,
  makeNamespace,
  namespaceExists,
  removeLink,
  removeNamespace,
} from './namespaces.ts';
import { connectNic, disconnectNic, interfaceName } from './private-network.ts';

/** The image whose Debian brings haproxy, so that this computer needs none. */
const IMAGE = 'debian-12';
const PROXY = 'usr/sbin/haproxy';
const WANTED = 'wanted.json';
/** Which files the proxy that runs has read: written after it has. */
const LOADED = 'loaded';
const NIC = interfaceName(0);
const NO_TRAFFIC = { openConnections: 0, connections: 0, requests: 0, bytesIn: 0, bytesOut: 0 };

/**
 * Makes a load balancer: a namespace with a public and a private link, and haproxy in it. Everything of it is found
 * by its namespace and its folder, so another twin process goes on with it, and removing both leaves nothing.
 */
export async function putLoadBalancer(
  layout: Layout,
  wanted: WantedLoadBalancer,
  networkRange: (id: number) => string,
): Promise<void> {
  requireProxy(layout);
  const namespace = layout.namespace(wanted.id);
  await mkdir(layout.balancer(wanted.id), { recursive: true, mode: 0o700 });
  await makeNamespace(namespace, false);
  await connectPublicly(layout, wanted);
  await connectPrivately(layout, wanted, networkRange);
  await writeOwn(layout, wanted.id, WANTED, JSON.stringify(wanted));
  const files = await writeFiles(layout, wanted);
  const running = await processOf(layout.balancer(wanted.id, SOCKET));
  if (running !== undefined && files === readOwn(layout, wanted.id, LOADED)) return;
  await startProxy(layout, wanted.id, running);
  await writeOwn(layout, wanted.id, LOADED, files);
}

function requireProxy(layout: Layout): void {
  if (!existsSync(join(layout.images, IMAGE, 'rootfs', PROXY)))
    throw new Error(
      `load balancers need haproxy, and the machine image ${IMAGE} in ${layout.images} has none: make machines`,
    );
}

async function connectPublicly(layout: Layout, wanted: WantedLoadBalancer): Promise<void> {
  const namespace = layout.namespace(wanted.id);
  const { publicIpv4, publicIpv6 } = wanted;
  if (publicIpv4 === undefined || publicIpv6 === undefined) {
    await removeLink(layout.inet, publicLink(wanted.id));
    return;
  }
  if (await hasLink(namespace, 'eth0')) return;
  await removeLink(layout.inet, publicLink(wanted.id));
  await configure(layout.inet, publicLinkLines(wanted, namespace));
  await configure(namespace, [
    `address add ${publicIpv4}/32 dev eth0`,
    `address add ${ownIpv6(publicIpv6)}/64 dev eth0 nodad`,
    'link set eth0 up',
    `route add default via ${PUBLIC_ROUTER} dev eth0 onlink`,
    'route add default via fe80::1 dev eth0',
  ]);
}

async function connectPrivately(
  layout: Layout,
  wanted: WantedLoadBalancer,
  networkRange: (id: number) => string,
): Promise<void> {
  const { id, privateNic: nic } = wanted;
  const namespace = layout.namespace(id);
  const before = wantedBefore(layout, id)?.privateNic;
  const stays = nic && before?.network === nic.network && before.ip === nic.ip;
  if (before && !stays && namespaceExists(layout.network(before.network)))
    await disconnectNic(layout, id, before.network);
  if (!nic || (await hasLink(namespace, NIC))) return;
  await disconnectNic(layout, id, nic.network);
  await connectNic(layout, wanted, nic, 0);
  await configure(namespace, [
    `address add ${nic.ip}/32 dev ${NIC}`,
    ...liveNicLines(networkRange(nic.network), nic.ip, NIC),
  ]);
}

function wantedBefore(layout: Layout, id: number): WantedLoadBalancer | undefined {
  const text = readOwn(layout, id, WANTED);
  return text === undefined ? undefined : (JSON.parse(text) as WantedLoadBalancer);
}

function readOwn(layout: Layout, id: number, name: string): string | undefined {
  const file = layout.balancer(id, name);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

async function writeOwn(layout: Layout, id: number, name: string, content: string): Promise<void> {
  const file = layout.balancer(id, name);
  await writeFile(`${file}.new`, content, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

/** Returns what identifies these very files. */
async function writeFiles(layout: Layout, wanted: WantedLoadBalancer): Promise<string> {
  const files = renderFiles(wanted);
  for (const [name, content] of files) await writeOwn(layout, wanted.id, name, content);
  for (const name of readdirSync(layout.balancer(wanted.id)))
    if (name.endsWith('.pem') && !files.has(name)) await rm(layout.balancer(wanted.id, name));
  return createHash('sha256')
    .update(JSON.stringify([...files]))
    .digest('hex');
}

/**
 * Starts haproxy, which then belongs to nobody: it outlives the twin. One that runs already hands its sockets over
 * and ends once its connections have.
 */
async function startProxy(layout: Layout, id: number, running: number | undefined): Promise<void> {
  const socket = layout.balancer(id, SOCKET);
  await writeOwn(layout, id, STATE, (await ask(socket, 'show servers state')) ?? '1\n');
  const takeOver = running === undefined ? [] : ['-x', `${INSIDE}/${SOCKET}`, '-sf', String(running)];
  await must('ip', [
    ...['netns', 'exec', layout.namespace(id), 'sh', '-ec'],
    `mount --bind "$1" "$2${INSIDE}"; root=$2; shift 2; exec chroot "$root" /${PROXY} "$@"`,
    ...['sh', layout.balancer(id), join(layout.images, IMAGE, 'rootfs')],
    ...['-D', '-f', `${INSIDE}/${CONFIG}`, ...takeOver],
  ]);
}

export async function removeLoadBalancer(layout: Layout, id: number): Promise<void> {
  const nic = wantedBefore(layout, id)?.privateNic;
  await removeLink(layout.inet, publicLink(id));
  if (nic && namespaceExists(layout.network(nic.network))) await disconnectNic(layout, id, nic.network);
  await removeNamespace(layout.namespace(id));
  await rm(layout.balancer(id), { recursive: true, force: true });
}

export async function observeLoadBalancer(layout: Layout, id: number): Promise<ObservedLoadBalancer> {
  const statistics = await ask(layout.balancer(id, SOCKET), 'show stat');
  if (statistics === undefined) return { id, running: false, health: [], traffic: NO_TRAFFIC };
  return { id, running: true, ...readStatistics(statistics) };
}
