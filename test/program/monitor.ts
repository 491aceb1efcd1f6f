import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import * as grpc from '@grpc/grpc-js';
import engineServices from '@pulumi/pulumi/proto/engine_grpc_pb.js';
import engine from '@pulumi/pulumi/proto/engine_pb.js';
import monitorServices from '@pulumi/pulumi/proto/resource_grpc_pb.js';
import messages from '@pulumi/pulumi/proto/resource_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import { unary } from '../../twin/plugins/protocol/index.ts';
import { fromStruct, toStruct, UNKNOWN, type Values } from '../../twin/plugins/protocol/values.ts';
import { certRequest, locallySignedCert, selfSignedCert } from '../../twin/plugins/tls/certificates.ts';
import { privateKey } from '../../twin/plugins/tls/private-key.ts';
import { stackFile } from '../stack-file.ts';

/** What the program asked the engine for. */
export interface Registration {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** Name of the parent; `type::name` where a component has its cluster's name. */
  readonly parent: string;
  readonly custom: boolean;
  readonly inputs: Values;
  /** Names that it waits for. */
  readonly dependencies: readonly string[];
  readonly protect: boolean;
  readonly ignoreChanges: readonly string[];
  readonly deleteBeforeReplace: boolean;
  readonly secretOutputs: readonly string[];
  readonly createTimeout: string;
}

export interface Recorded {
  readonly code: number;
  readonly printed: string;
  readonly registrations: readonly Registration[];
  readonly outputs: Values;
}

export interface Options {
  readonly preview?: boolean;
  /** Changes the stack file's values before the program sees them. */
  readonly edit?: (config: Record<string, unknown>) => void;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Marks a value that must be stored encrypted. Source: sdk/go/common/resource/sig */
const SIGNATURE = '4dabf18193072939515e22adb298388d';
const SECRET = '1b47061264138c4ac30d75fd1eb44270';

export function isSecret(value: unknown): boolean {
  return typeof value === 'object' && value !== null && (value as Values)[SIGNATURE] === SECRET;
}

/** The value itself, wherever a secret wraps it. */
export function reveal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reveal);
  if (typeof value !== 'object' || value === null) return value;
  if (isSecret(value)) return reveal((value as Values)['value']);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, reveal(inner)]));
}

/** Number of every image. */
const IMAGE = 15_512_617;

const TLS = {
  'tls:index/privateKey:PrivateKey': privateKey,
  'tls:index/selfSignedCert:SelfSignedCert': selfSignedCert,
  'tls:index/certRequest:CertRequest': certRequest,
  'tls:index/locallySignedCert:LocallySignedCert': locallySignedCert,
} as const;

/** Runs `index.ts` as Pulumi would, against an engine that only takes notes: no CLI, no plugins, no Hetzner. */
export async function record(stack: string, options: Options = {}): Promise<Recorded> {
  const notes = new Notes(options.preview ?? false);
  const server = new grpc.Server();
  server.addService(monitorServices.ResourceMonitorService as never, notes.monitor());
  server.addService(engineServices.EngineService as never, notes.engine());
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  try {
    const { code, printed } = await runProgram(stack, `127.0.0.1:${port}`, options);
    return {
      code,
      printed: printed + notes.logged,
      registrations: notes.registrations,
      outputs: notes.outputs,
    };
  } finally {
    server.forceShutdown();
  }
}

function runProgram(stack: string, address: string, { preview, edit, environment }: Options) {
  const config: Record<string, unknown> = { ...stackFile(stack) };
  edit?.(config);
  const values = Object.entries(config).map(([key, value]) => [
    `groundup:${key}`,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  const flags = ['--monitor', address, '--engine', address, '--project', 'groundup', '--stack', stack];
  const child = spawn(
    process.execPath,
    [
      createRequire(import.meta.url).resolve('@pulumi/pulumi/cmd/run'),
      ...flags,
      ...['--pwd', process.cwd(), '--parallel', '16'],
      ...(preview ? ['--dry-run'] : []),
      '.',
    ],
    {
      env: {
        ...process.env,
        PULUMI_CONFIG: JSON.stringify(Object.fromEntries(values)),
        PULUMI_CONFIG_SECRET_KEYS: '[]',
        PULUMI_NODEJS_TYPESCRIPT: 'false',
        ...environment,
      },
    },
  );
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  return new Promise<{ code: number; printed: string }>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, printed }));
  });
}

class Notes {
  readonly registrations: Registration[] = [];
  readonly invocations: string[] = [];
  outputs: Values = {};
  logged = '';
  readonly #preview: boolean;
  readonly #names = new Map<string, string>();
  #root = '';

  constructor(preview: boolean) {
    this.#preview = preview;
  }

  monitor(): grpc.UntypedServiceImplementation {
    return {
      supportsFeature: unary((request: InstanceType<typeof messages.SupportsFeatureRequest>) =>
        new messages.SupportsFeatureResponse().setHassupport(request.getId() === 'secrets'),
      ),
      // The only function that the program calls looks up an image.
      invoke: unary((request: InstanceType<typeof messages.ResourceInvokeRequest>) => {
        this.invocations.push(request.getTok());
        return new messages.ResourceInvokeResponse().setReturn(
          toStruct({ ...fromStruct(request.getArgs()), id: IMAGE }),
        );
      }),
      registerResource: unary((request: InstanceType<typeof messages.RegisterResourceRequest>) =>
        this.#register(request),
      ),
      registerResourceOutputs: unary(
        (request: InstanceType<typeof messages.RegisterResourceOutputsRequest>) => {
          if (request.getUrn().includes('::pulumi:pulumi:Stack::'))
            this.outputs = fromStruct(request.getOutputs());
          return new empty.Empty();
        },
      ),
      signalAndWaitForShutdown: unary(() => new empty.Empty()),
    };
  }

  engine(): grpc.UntypedServiceImplementation {
    return {
      getRootResource: unary(() => new engine.GetRootResourceResponse().setUrn(this.#root)),
      setRootResource: unary((request: InstanceType<typeof engine.SetRootResourceRequest>) => {
        this.#root = request.getUrn();
        return new engine.SetRootResourceResponse();
      }),
      log: unary((request: InstanceType<typeof engine.LogRequest>) => {
        if (request.getSeverity() !== engine.LogSeverity.DEBUG) this.logged += `${request.getMessage()}\n`;
        return new empty.Empty();
      }),
    };
  }

  async #register(request: InstanceType<typeof messages.RegisterResourceRequest>) {
    const [type, name, parent] = [request.getType(), request.getName(), request.getParent()];
    const parentType = parent.split('::').at(-2) ?? '';
    const qualified =
      parentType === '' || parentType === 'pulumi:pulumi:Stack' ? type : `${parentType}$${type}`;
    const urn = `urn:pulumi:test::groundup::${qualified}::${name}`;
    if (this.#names.has(urn)) throw new Error(`${urn} is registered twice`);
    this.#names.set(urn, name);
    const inputs = fromStruct(request.getObject());
    this.registrations.push({
      urn,
      type,
      name,
      parent:
        parent === ''
          ? ''
          : `${(parentType.split('$').at(-1) ?? '').split(':').at(-1)} ${this.#names.get(parent)}`,
      custom: request.getCustom(),
      inputs,
      dependencies: request
        .getDependenciesList()
        .map((dependency) => this.#names.get(dependency) ?? dependency),
      protect: request.getProtect() ?? false,
      ignoreChanges: request.getIgnorechangesList(),
      deleteBeforeReplace: request.getDeletebeforereplace(),
      secretOutputs: request.getAdditionalsecretoutputsList(),
      createTimeout: request.getCustomtimeouts()?.getCreate() ?? '',
    });
    const answer = new messages.RegisterResourceResponse().setUrn(urn);
    if (!request.getCustom()) return answer.setObject(toStruct({}));
    const { id, outputs } = await this.#create(type, reveal(inputs) as Values);
    return answer.setId(id).setObject(toStruct(outputs));
  }

  /** What the providers would answer: real keys, and otherwise numbers and addresses of the right shape. */
  async #create(type: string, inputs: Values): Promise<{ id: string; outputs: Values }> {
    const number = String(1000 + this.registrations.length);
    const tls = TLS[type as keyof typeof TLS];
    if (this.#preview) {
      const computed = tls?.computed ?? ['ipAddress', 'linuxDevice', 'stdout'];
      return { id: '', outputs: { ...inputs, ...Object.fromEntries(computed.map((key) => [key, UNKNOWN])) } };
    }
    if (tls) {
      const context = { signal: new AbortController().signal, timed: false, log: () => {} };
      const { id, outputs } = await tls.create(inputs, context);
      return { id, outputs: { ...inputs, ...outputs } };
    }
    const id = type.endsWith(':NetworkSubnet') ? `1-${String(inputs['ipRange'])}` : number;
    const more = {
      ipAddress: '198.18.0.1',
      linuxDevice: `/dev/disk/by-id/scsi-0HC_Volume_${number}`,
      stdout: '',
    };
    return { id, outputs: { ...inputs, ...more } };
  }
}
