import { randomBytes } from 'node:crypto';
import { Metadata, status } from '@grpc/grpc-js';
import pluginMessages from '@pulumi/pulumi/proto/plugin_pb.js';
import providerServices from '@pulumi/pulumi/proto/provider_grpc_pb.js';
import messages from '@pulumi/pulumi/proto/provider_pb.js';
import statusMessages from '@pulumi/pulumi/proto/status_pb.js';
import any from 'google-protobuf/google/protobuf/any_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import { changedPaths, topKey } from './diff.ts';
import { EngineLog } from './engine-log.ts';
import { type CallContext, PartialCreation, type Provider, type ResourceType } from './provider.ts';
import { servePlugin, unary } from './server.ts';
import { fromStruct, toStruct, UNKNOWN, type Values } from './values.ts';

/** Serves one provider to the Pulumi engine, on the address that it prints. */
export async function serveProvider(provider: Provider): Promise<void> {
  const cancelled = new AbortController();
  const engine = new EngineLog(process.argv.slice(2).find((argument) => /^[\w.[\]:]+:\d+$/.test(argument)));
  const context = (urn: string, timeoutSeconds = 0): CallContext => ({
    signal:
      timeoutSeconds > 0
        ? AbortSignal.any([cancelled.signal, AbortSignal.timeout(timeoutSeconds * 1000)])
        : cancelled.signal,
    timed: timeoutSeconds > 0,
    log: (severity, message) => engine.write(severity, message, urn),
  });

  await servePlugin(
    providerServices.ResourceProviderService as never,
    {
      handshake: unary(() => new messages.ProviderHandshakeResponse()),
      getPluginInfo: unary(() => new pluginMessages.PluginInfo().setVersion(provider.version)),
      getMapping: unary(() => new messages.GetMappingResponse()),
      getSchema: unary(() =>
        new messages.GetSchemaResponse().setSchema(
          JSON.stringify({ name: provider.name, version: provider.version }),
        ),
      ),
      attach: unary(() => new empty.Empty()),
      cancel: unary(() => {
        cancelled.abort(new Error('cancelled'));
        return new empty.Empty();
      }),
      checkConfig: unary((request: InstanceType<typeof messages.CheckRequest>) =>
        new messages.CheckResponse().setInputs(request.getNews()),
      ),
      diffConfig: unary(() =>
        new messages.DiffResponse().setChanges(messages.DiffResponse.DiffChanges.DIFF_NONE),
      ),
      configure: unary((request: InstanceType<typeof messages.ConfigureRequest>) => {
        provider.configure(fromStruct(request.getArgs()), context(''));
        return new messages.ConfigureResponse().setSupportspreview(true);
      }),
      invoke: unary(async (request: InstanceType<typeof messages.InvokeRequest>) => {
        const call = provider.functions[request.getTok()];
        if (!call) throw new Error(`this stand-in has no function ${request.getTok()}`);
        return new messages.InvokeResponse().setReturn(
          toStruct(await call(fromStruct(request.getArgs()), context(''))),
        );
      }),
      check: unary((request: InstanceType<typeof messages.CheckRequest>) => check(provider, request)),
      diff: unary((request: InstanceType<typeof messages.DiffRequest>) => diff(provider, request)),
      create: unary(async (request: InstanceType<typeof messages.CreateRequest>) => {
        const type = resourceType(provider, request.getUrn());
        const inputs = fromStruct(request.getProperties());
        if (request.getPreview()) {
          return new messages.CreateResponse().setProperties(
            toStruct({ ...inputs, ...unknowns(type.computed) }),
          );
        }
        const { id, outputs } = await type
          .create(inputs, context(request.getUrn(), request.getTimeout()))
          .catch(rethrow);
        return new messages.CreateResponse().setId(id).setProperties(toStruct(outputs));
      }),
      read: unary(async (request: InstanceType<typeof messages.ReadRequest>) => {
        const type = resourceType(provider, request.getUrn());
        const olds = fromStruct(request.getProperties());
        const inputs = fromStruct(request.getInputs());
        if (!type.read) {
          return new messages.ReadResponse()
            .setId(request.getId())
            .setProperties(request.getProperties())
            .setInputs(request.getInputs());
        }
        const outputs = await type.read(request.getId(), olds, context(request.getUrn()));
        if (!outputs) return new messages.ReadResponse();
        const refreshed = Object.fromEntries(
          Object.keys(inputs).map((key) => [key, outputs[key] ?? inputs[key] ?? null]),
        );
        return new messages.ReadResponse()
          .setId(request.getId())
          .setProperties(toStruct(outputs))
          .setInputs(toStruct(refreshed));
      }),
      update: unary(async (request: InstanceType<typeof messages.UpdateRequest>) => {
        const type = resourceType(provider, request.getUrn());
        const olds = fromStruct(request.getOlds());
        const news = fromStruct(request.getNews());
        if (request.getPreview()) {
          const kept = Object.fromEntries(type.computed.map((key) => [key, olds[key] ?? null]));
          return new messages.UpdateResponse().setProperties(
            toStruct({ ...kept, ...news, ...unknowns(type.recomputed ?? []) }),
          );
        }
        if (!type.update) throw new Error(`${typeOf(request.getUrn())} cannot be changed in place`);
        const outputs = await type
          .update(request.getId(), olds, news, context(request.getUrn(), request.getTimeout()))
          .catch(rethrow);
        return new messages.UpdateResponse().setProperties(toStruct(outputs));
      }),
      delete: unary(async (request: InstanceType<typeof messages.DeleteRequest>) => {
        const type = resourceType(provider, request.getUrn());
        await type.remove?.(
          request.getId(),
          fromStruct(request.getProperties()),
          context(request.getUrn(), request.getTimeout()),
        );
        return new empty.Empty();
      }),
    },
    () => {
      cancelled.abort(new Error('the engine is gone'));
      provider.stop?.();
    },
  );
}

function typeOf(urn: string): string {
  return (urn.split('::')[2] ?? '').split('$').at(-1) ?? '';
}

function resourceType(provider: Provider, urn: string): ResourceType {
  const type = provider.resources[typeOf(urn)];
  if (!type) {
    throw new Error(
      `the stand-in for ${provider.name} does not know ${typeOf(urn)}; it knows ${Object.keys(provider.resources).join(', ')}`,
    );
  }
  return type;
}

function unknowns(keys: readonly string[]): Values {
  return Object.fromEntries(keys.map((key) => [key, UNKNOWN]));
}

function check(provider: Provider, request: InstanceType<typeof messages.CheckRequest>) {
  const type = resourceType(provider, request.getUrn());
  const news = fromStruct(request.getNews());
  const olds = fromStruct(request.getOlds());
  const named =
    type.autoname && news['name'] === undefined
      ? {
          ...news,
          name:
            olds['name'] ??
            `${request.getUrn().split('::').at(-1)}-${randomBytes(4).toString('hex').slice(0, 7)}`,
        }
      : news;
  const response = new messages.CheckResponse().setInputs(toStruct(named));
  for (const { property, reason } of type.check?.(named) ?? []) {
    response.addFailures(new messages.CheckFailure().setProperty(property).setReason(reason));
  }
  return response;
}

function diff(provider: Provider, request: InstanceType<typeof messages.DiffRequest>) {
  const type = resourceType(provider, request.getUrn());
  const olds = fromStruct(request.getOlds());
  const oldInputs = request.getOldInputs() ? fromStruct(request.getOldInputs()) : olds;
  const changes = changedPaths(oldInputs, fromStruct(request.getNews()));
  const response = new messages.DiffResponse().setHasdetaileddiff(true);
  const kinds = messages.PropertyDiff.Kind;
  for (const [path, change] of changes) {
    const replaces = type.replaceOn === 'all' || type.replaceOn.includes(topKey(path));
    const kind = {
      add: replaces ? kinds.ADD_REPLACE : kinds.ADD,
      delete: replaces ? kinds.DELETE_REPLACE : kinds.DELETE,
      update: replaces ? kinds.UPDATE_REPLACE : kinds.UPDATE,
    }[change];
    response.getDetaileddiffMap().set(path, new messages.PropertyDiff().setKind(kind).setInputdiff(true));
    response.addDiffs(topKey(path));
    if (replaces) response.addReplaces(topKey(path));
  }
  const expired = type.expired?.(olds) ?? false;
  if (expired) {
    response.addReplaces('validityEndTime');
    response.addDiffs('validityEndTime');
  }
  const some = changes.size > 0 || expired;
  return response.setChanges(
    some ? messages.DiffResponse.DiffChanges.DIFF_SOME : messages.DiffResponse.DiffChanges.DIFF_NONE,
  );
}

/** Carries a partial creation to the engine as gRPC error details, as the official providers do. */
function rethrow(error: unknown): never {
  if (!(error instanceof PartialCreation)) throw error;
  const failure = new messages.ErrorResourceInitFailed()
    .setId(error.id)
    .setProperties(toStruct(error.outputs))
    .setReasonsList([error.message]);
  const detail = new any.Any();
  detail.pack(failure.serializeBinary(), 'pulumirpc.ErrorResourceInitFailed');
  const answer = new statusMessages.Status().setCode(status.UNKNOWN).setMessage(error.message);
  answer.addDetails(detail);
  const metadata = new Metadata();
  metadata.add('grpc-status-details-bin', Buffer.from(answer.serializeBinary()));
  throw Object.assign(new Error(error.message), { code: status.UNKNOWN, details: error.message, metadata });
}
