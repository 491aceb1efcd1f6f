import { cp, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { recipeHash, toolFile } from '../cache.ts';
import { findTool, MACHINES, type Tool } from '../manifest.ts';
import { type ContainerImage, importArchive, writeArchive } from './container-images.ts';
import { DEBIAN } from './debian.ts';
import { command, ensureImage, type ImageRecipe, recipeOf } from './image.ts';

/** Programs of the machine itself, by where they belong. */
const PROGRAMS: Readonly<Record<string, string>> = {
  kubeadm: 'usr/local/bin/kubeadm',
  kubelet: 'usr/local/bin/kubelet',
  kubectl: 'usr/local/bin/kubectl',
  etcdctl: 'usr/local/bin/etcdctl',
  etcdutl: 'usr/local/bin/etcdutl',
  'cni-bridge': 'opt/cni/bin/bridge',
  'cni-loopback': 'opt/cni/bin/loopback',
  'cni-host-local': 'opt/cni/bin/host-local',
  'cni-portmap': 'opt/cni/bin/portmap',
  'cni-flannel': 'opt/cni/bin/flannel',
};
const NFT = '/usr/sbin/nft';
/** One program under the names that decide what it does. */
const IPTABLES = Object.fromEntries(
  ['', '-save', '-restore'].flatMap((what) =>
    ['iptables', 'ip6tables'].map((name) => [`/usr/sbin/${name}${what}`, '/usr/sbin/xtables-nft-multi']),
  ),
);
const IPSET = '/usr/sbin/ipset';
const XTABLES = '/usr/lib/x86_64-linux-gnu/xtables';

function tool(name: string): Tool {
  const found = findTool(name);
  if (!found) throw new Error(`the tool chain has no ${name}`);
  return found;
}

const VERSION = tool('kubelet').version;

/** Under the names and tags that kubeadm's and our own manifests ask for. */
function containerImages(): ContainerImage[] {
  const image = (
    reference: string,
    program: string,
    path: string,
    more: Partial<ContainerImage> = {},
  ): ContainerImage => ({ reference, files: { [path]: toolFile(tool(program)) }, ...more });
  const component = (name: string, more: Partial<ContainerImage> = {}) =>
    image(`registry.k8s.io/${name}:v${VERSION}`, name, `usr/local/bin/${name}`, more);
  // Without the names of protocols nft lists numbers, and kube-proxy takes its own entries for somebody else's.
  const withNft = { programs: { [NFT]: NFT }, data: ['/etc/protocols'] };
  return [
    component('kube-apiserver'),
    component('kube-controller-manager'),
    component('kube-scheduler'),
    component('kube-proxy', withNft),
    image(`registry.k8s.io/etcd:${tool('etcd').version}-0`, 'etcd', 'usr/local/bin/etcd'),
    image(`registry.k8s.io/coredns/coredns:v${tool('coredns').version}`, 'coredns', 'coredns', {
      entrypoint: ['/coredns'],
    }),
    image('registry.k8s.io/pause:3.10.1', 'pause', 'pause', { entrypoint: ['/pause'] }),
    image(`ghcr.io/flannel-io/flannel:v${tool('flanneld').version}`, 'flanneld', 'opt/bin/flanneld', {
      ...withNft,
      entrypoint: ['/opt/bin/flanneld'],
    }),
    image(
      `docker.io/cloudnativelabs/kube-router:v${tool('kube-router').version}`,
      'kube-router',
      'usr/local/bin/kube-router',
      {
        programs: { ...IPTABLES, [IPSET]: IPSET },
        data: ['/etc/protocols', XTABLES],
        entrypoint: ['/usr/local/bin/kube-router'],
      },
    ),
    image('groundup.internal/probe:1', 'probe', 'probe', { entrypoint: ['/probe'] }),
  ];
}

/** Debian with everything that a node needs, as a snapshot of a prepared server would have it. */
export const KUBERNETES: ImageRecipe = {
  name: `kubernetes-${VERSION}`,
  type: 'snapshot',
  description: `Debian 12 with Kubernetes ${VERSION}`,
  labels: { kubernetes: VERSION },
  recipe: recipeOf(DEBIAN.recipe, MACHINES.map(recipeHash), PROGRAMS, containerImages().map(withoutPaths), 2),
  make: async (place) => {
    const base = await ensureImage(DEBIAN);
    const rootfs = join(place, 'rootfs');
    // Files that both images have are one file on disk; nothing below changes one in place.
    await command('cp', ['-al', join(base, 'rootfs'), rootfs]);
    await command('cp', ['-a', join(base, 'data'), join(place, 'data')]);
    for (const [name, path] of Object.entries(PROGRAMS)) {
      await mkdir(dirname(join(rootfs, path)), { recursive: true });
      await cp(toolFile(tool(name)), join(rootfs, path));
    }
    const archive = join(place, 'images.tar');
    await writeArchive(containerImages(), rootfs, archive);
    await importArchive(archive, rootfs, join(place, 'data/var/lib/containerd'));
    await rm(archive);
  },
};

/** Where the cache lies makes no difference to an image. */
function withoutPaths({ files, ...image }: ContainerImage) {
  return { ...image, files: Object.keys(files) };
}
