export { Gateway } from './gateway.ts';
export { type HostFile, LOGIN_USER } from './host-files.ts';
export { Keys } from './keys.ts';
export { Network } from './network.ts';
export { type ClusterNode, NodePool } from './node-pool.ts';
export { KEEPALIVE_SECONDS } from './wg-quick.ts';
export { ed25519Seed, type WireguardKey, wireguardKey } from './x25519.ts';
