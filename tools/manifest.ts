/** One program of the tool chain: which version, and every way of getting it. */
export interface Tool {
  readonly name: string;
  readonly version: string;
  /** Prints the version; the first match of `pattern` is compared with `version`. Absent for our own programs. */
  readonly ask?: { readonly args: readonly string[]; readonly pattern: RegExp };
  readonly download?: Download;
  readonly go: GoRecipe;
}

export interface Download {
  readonly url: string;
  /** The vendor's own list of SHA-256 sums, or a file with nothing but the sum. */
  readonly checksums: string;
  /** Path inside the archive; absent when the download is the program itself. */
  readonly member?: string;
}

/** Built from the Go module proxy; go.sum beside it locks every module's checksum. */
export interface GoRecipe {
  /** Folder below `tools/go/`. */
  readonly folder: string;
  readonly package: string;
  readonly variables?: Readonly<Record<string, string>>;
  /** Static with cgo, for the few that need it. */
  readonly cgo?: boolean;
}

const KUBERNETES = '1.35.4';
const PULUMI = '3.259.0';
const ETCD = '3.6.10';
const COREDNS = '1.14.2';
const CNI = '1.9.0';
const FLANNEL = '0.26.7';
const KUBE_ROUTER = '2.1.0';
/** Our own programs change with the checkout; their sources are part of the recipe's hash. */
const OWN = '1';

const component = 'k8s.io/component-base/version';

function kubernetes(name: string, args: readonly string[] = ['--version']): Tool {
  return {
    name,
    version: KUBERNETES,
    ask: { args, pattern: /v(\d+\.\d+\.\d+)/ },
    download: {
      url: `https://dl.k8s.io/release/v${KUBERNETES}/bin/linux/amd64/${name}`,
      checksums: `https://dl.k8s.io/release/v${KUBERNETES}/bin/linux/amd64/${name}.sha256`,
    },
    go: {
      folder: 'kubernetes',
      package: `k8s.io/kubernetes/cmd/${name}`,
      variables: {
        [`${component}.gitVersion`]: `v${KUBERNETES}`,
        [`${component}.gitMajor`]: '1',
        [`${component}.gitMinor`]: '35',
        [`${component}.gitTreeState`]: 'clean',
      },
    },
  };
}

function etcd(name: string, module: string, args: readonly string[]): Tool {
  const release = `https://github.com/etcd-io/etcd/releases/download/v${ETCD}`;
  return {
    name,
    version: ETCD,
    ask: { args, pattern: /(\d+\.\d+\.\d+)/ },
    download: {
      url: `${release}/etcd-v${ETCD}-linux-amd64.tar.gz`,
      checksums: `${release}/SHA256SUMS`,
      member: `etcd-v${ETCD}-linux-amd64/${name}`,
    },
    go: { folder: 'etcd', package: `go.etcd.io/etcd/${module}/v3` },
  };
}

function cniPlugin(name: string, path: string): Tool {
  const release = `https://github.com/containernetworking/plugins/releases/download/v${CNI}/cni-plugins-linux-amd64-v${CNI}.tgz`;
  return {
    name: `cni-${name}`,
    version: CNI,
    download: { url: release, checksums: `${release}.sha256`, member: `./${name}` },
    go: { folder: 'cni', package: `github.com/containernetworking/plugins/plugins/${path}/${name}` },
  };
}

const pulumi: Tool = {
  name: 'pulumi',
  version: PULUMI,
  ask: { args: ['version'], pattern: /v(\d+\.\d+\.\d+)/ },
  download: {
    url: `https://get.pulumi.com/releases/sdk/pulumi-v${PULUMI}-linux-x64.tar.gz`,
    checksums: `https://github.com/pulumi/pulumi/releases/download/v${PULUMI}/pulumi-${PULUMI}-checksums.txt`,
    member: 'pulumi/pulumi',
  },
  go: {
    folder: 'pulumi',
    package: 'github.com/pulumi/pulumi/pkg/v3/cmd/pulumi',
    variables: { 'github.com/pulumi/pulumi/sdk/v3/go/common/version.Version': `v${PULUMI}` },
  },
};

const own = (name: string): Tool => ({ name, version: OWN, go: { folder: name, package: '.' } });

/** What every command needs. */
export const CORE: readonly Tool[] = [pulumi, own('tunnel'), kubernetes('kubectl', ['version', '--client'])];

/** What local machines carry. */
export const MACHINES: readonly Tool[] = [
  kubernetes('kubeadm', ['version', '-o', 'short']),
  kubernetes('kubelet'),
  kubernetes('kube-apiserver'),
  kubernetes('kube-controller-manager'),
  kubernetes('kube-scheduler'),
  kubernetes('kube-proxy'),
  etcd('etcd', 'server', ['--version']),
  etcd('etcdctl', 'etcdctl', ['version']),
  etcd('etcdutl', 'etcdutl', ['version']),
  {
    name: 'coredns',
    version: COREDNS,
    ask: { args: ['-version'], pattern: /(\d+\.\d+\.\d+)/ },
    download: {
      url: `https://github.com/coredns/coredns/releases/download/v${COREDNS}/coredns_${COREDNS}_linux_amd64.tgz`,
      checksums: `https://github.com/coredns/coredns/releases/download/v${COREDNS}/coredns_${COREDNS}_linux_amd64.tgz.sha256`,
      member: 'coredns',
    },
    go: { folder: 'coredns', package: 'github.com/coredns/coredns' },
  },
  {
    name: 'flanneld',
    version: FLANNEL,
    go: { folder: 'flannel', package: 'github.com/flannel-io/flannel', cgo: true },
  },
  {
    name: 'kube-router',
    version: KUBE_ROUTER,
    go: { folder: 'kube-router', package: 'github.com/cloudnativelabs/kube-router/v2/cmd/kube-router' },
  },
  cniPlugin('bridge', 'main'),
  cniPlugin('loopback', 'main'),
  cniPlugin('host-local', 'ipam'),
  cniPlugin('portmap', 'meta'),
  {
    name: 'cni-flannel',
    version: '0.9.1',
    go: { folder: 'cni-flannel', package: 'github.com/containernetworking/plugins/plugins/meta/flannel' },
  },
  own('delay'),
  own('pause'),
  own('probe'),
];

export const TOOLS: readonly Tool[] = [...CORE, ...MACHINES];

export function findTool(name: string): Tool | undefined {
  return TOOLS.find((tool) => tool.name === name);
}
