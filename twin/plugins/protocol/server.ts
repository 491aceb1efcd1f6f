import {
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';

/** A unary gRPC method as a function from request to answer. */
export function unary<Request, Answer>(
  handle: (request: Request) => Promise<Answer> | Answer,
): handleUnaryCall<Request, Answer> {
  return (call, callback) => {
    Promise.resolve()
      .then(() => handle(call.request))
      .then(
        (answer) => callback(null, answer),
        (error: unknown) => callback(error instanceof Error ? error : new Error(String(error))),
      );
  };
}

const PARENT_CHECK_MS = 500;

/**
 * Serves a plugin as the engine expects it: on loopback, the port as the first line of standard output, until the
 * process that started it is gone, however it went.
 */
export async function servePlugin(
  service: Parameters<Server['addService']>[0],
  implementation: UntypedServiceImplementation,
  stop: () => void,
): Promise<void> {
  const server = new Server({
    'grpc.max_receive_message_length': 400 * 1024 * 1024,
    'grpc.max_send_message_length': 400 * 1024 * 1024,
  });
  server.addService(service, implementation);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  const end = () => {
    stop();
    process.exit(0);
  };
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && end(), PARENT_CHECK_MS).unref();
  // The engine gives plugins a process group of their own and ends them by SIGINT, so this is never a Ctrl-C.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
  process.stdout.write(`${port}\n`);
}
