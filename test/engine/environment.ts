import { Checkout, type Outcome } from './checkout.ts';

/** Waits of the provider that a test has time for; nothing else of it changes. */
const PATIENCE = { TWIN_PROVIDER_PACE: '0.01', TWIN_PROVIDER_BOUND: '8s' };

/** One of each kind of resource that the program declares, and no more. */
const SMALLEST = `
config:
  hcloud:endpoint: ENDPOINT/v1
  hcloud:pollInterval: 20ms
  hcloud:pollFunction: constant
  groundup:access:
    gateway: { serverType: cx23, location: fsn1, image: { selector: kubernetes=1.35.4 } }
  groundup:pools:
    - { name: control-plane, number: 1, role: control-plane, count: 1, serverType: cx33, locations: [fsn1] }
    - { name: worker, number: 2, role: worker, count: 1, serverType: cx33, locations: [fsn1] }
  groundup:kubernetes:
    engine: minimal
    version: "1.35.4"
    image: { selector: kubernetes=1.35.4 }
    artefacts: image
`;

export const SERVERS = ['local-control-plane-1', 'local-gateway', 'local-worker-1'];

interface Labelled {
  readonly id: number;
}

interface Server extends Labelled {
  readonly name: string;
  readonly status: string;
  readonly private_net: readonly { readonly ip: string }[];
}

interface Network extends Labelled {
  readonly subnets: readonly { readonly ip_range: string }[];
  readonly routes: readonly { readonly destination: string }[];
}

interface Volume extends Labelled {
  readonly server: number | null;
}

interface Resource {
  readonly type: string;
  readonly id?: string;
  readonly inputs?: { readonly name?: string; readonly networks?: readonly { readonly ip: string }[] };
}

/** The program's smallest environment on a local Hetzner of its own, with a state to hold it against. */
export class Environment {
  readonly checkout: Checkout;
  readonly #env: Readonly<Record<string, string>>;
  #workersIn = 'fsn1';

  /** @param env what runs have in their environment besides */
  constructor(name: string, port: number, env: Readonly<Record<string, string>> = {}) {
    this.#env = { ...PATIENCE, ...env };
    this.checkout = new Checkout(name, port);
    this.checkout.editStackFile('local', () => SMALLEST.replace('ENDPOINT', this.checkout.endpoint));
    this.checkout.twin('up', '--engine', 'none');
  }

  up(): Outcome {
    return this.checkout.run('groundup', ['up'], this.#env);
  }

  destroy(): Outcome {
    const args = ['pulumi', 'destroy', '--yes', '--skip-preview'];
    return this.checkout.run('groundup', args, this.#env);
  }

  arm(fault: string, ...options: string[]): void {
    const { code, output } = this.checkout.twin('faults', 'arm', fault, ...options);
    if (code !== 0) throw new Error(output);
  }

  clear(): void {
    this.checkout.twin('faults', 'clear');
  }

  /** Faults that have not struck yet, by name and place. */
  async armed(): Promise<string[]> {
    const { armed } = await this.checkout.api<{ armed: { name: string; on?: string }[] }>('/twin/faults');
    return armed.map(({ name, on = '' }) => `${name} ${on}`);
  }

  /** Lets the program want its worker elsewhere: the server is replaced by the next run. Returns where. */
  moveWorker(): string {
    const to = this.#workersIn === 'fsn1' ? 'nbg1' : 'fsn1';
    this.checkout.editStackFile('local', (text) =>
      text.replace(/(role: worker.*locations: )\[\w+\]/, `$1[${to}]`),
    );
    this.#workersIn = to;
    return to;
  }

  /** Everything of the project, as Pulumi's types and ids. */
  async atHetzner(): Promise<string[]> {
    const all = async <T extends Labelled>(kind: string) =>
      (await this.checkout.api<Record<string, T[]>>(`/v1/${kind}?per_page=50`))[kind] ?? [];
    const networks = await all<Network>('networks');
    const volumes = await all<Volume>('volumes');
    const named = (type: string, objects: readonly Labelled[]) => objects.map(({ id }) => `${type} ${id}`);
    return [
      ...named('Network', networks),
      ...networks.flatMap(({ id, subnets, routes }) => [
        ...subnets.map(({ ip_range }) => `NetworkSubnet ${id}-${ip_range}`),
        ...routes.map(({ destination }) => `NetworkRoute ${id}-${destination}`),
      ]),
      ...named('Firewall', await all('firewalls')),
      ...named('PlacementGroup', await all('placement_groups')),
      ...named('PrimaryIp', await all('primary_ips')),
      ...named('Server', await all('servers')),
      ...named('SshKey', await all('ssh_keys')),
      ...named('Volume', volumes),
      ...named(
        'VolumeAttachment',
        volumes.filter(({ server }) => server !== null),
      ),
    ].sort();
  }

  async inState(): Promise<string[]> {
    return this.#resources()
      .flatMap(({ type, id }) => {
        const [, kind] = /^hcloud:.*:(\w+)$/.exec(type) ?? [];
        return kind && id ? [`${kind} ${id}`] : [];
      })
      .sort();
  }

  /** Servers that do not run, or are not in the private network as the program wants them. */
  async unfit(): Promise<string[]> {
    const { servers } = await this.checkout.api<{ servers: Server[] }>('/v1/servers?per_page=50');
    const wanted = new Map(
      this.#resources()
        .filter(({ type }) => type.endsWith(':Server'))
        .map(({ inputs }) => [inputs?.name, inputs?.networks?.map(({ ip }) => ip)]),
    );
    return servers
      .filter(
        ({ name, status, private_net }) =>
          status !== 'running' ||
          JSON.stringify(private_net.map(({ ip }) => ip)) !== JSON.stringify(wanted.get(name)),
      )
      .map(({ name, status, private_net }) => `${name} ${status} ${private_net.map(({ ip }) => ip)}`);
  }

  #resources(): Resource[] {
    const { output } = this.checkout.groundup('pulumi', 'stack', 'export');
    const { deployment } = JSON.parse(output) as { deployment: { resources: Resource[] } };
    return deployment.resources;
  }

  remove(): void {
    this.checkout.remove();
  }
}
