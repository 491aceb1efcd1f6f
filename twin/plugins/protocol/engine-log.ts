import { credentials } from '@grpc/grpc-js';
import engineServices from '@pulumi/pulumi/proto/engine_grpc_pb.js';
import engineMessages from '@pulumi/pulumi/proto/engine_pb.js';

export type Severity = 'debug' | 'info' | 'warning' | 'error';

const SEVERITIES = { debug: 0, info: 1, warning: 2, error: 3 } as const;

/** Lines that the engine shows to the user, beside the resource when `urn` is given. */
export class EngineLog {
  readonly #client: InstanceType<typeof engineServices.EngineClient> | undefined;

  constructor(address: string | undefined) {
    this.#client = address
      ? new engineServices.EngineClient(address, credentials.createInsecure())
      : undefined;
  }

  write(severity: Severity, message: string, urn = ''): void {
    const request = new engineMessages.LogRequest();
    request.setSeverity(SEVERITIES[severity]);
    request.setMessage(message);
    request.setUrn(urn);
    this.#client?.log(request, () => {});
  }
}
