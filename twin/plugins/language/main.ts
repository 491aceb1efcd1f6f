import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import languageServices from '@pulumi/pulumi/proto/language_grpc_pb.js';
import messages from '@pulumi/pulumi/proto/language_pb.js';
import pluginMessages from '@pulumi/pulumi/proto/plugin_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import { packageVersion, servePlugin, unary } from '../protocol/index.ts';

/** The program printed its own errors already. Source: sdk/nodejs/cmd/run/run.ts */
const BAIL = 32;

const engine = process.argv.slice(2).find((argument) => !argument.startsWith('-')) ?? '';
const children = new Set<number>();

function endPrograms(): void {
  for (const pid of children) {
    try {
      process.kill(pid, 'SIGTERM');
    } catch {
      children.delete(pid);
    }
  }
}

function runArguments(request: InstanceType<typeof messages.RunRequest>): string[] {
  const info = request.getInfo();
  const program = createRequire(join(info?.getProgramDirectory() ?? '.', 'package.json'));
  const options = info?.getOptions()?.toJavaScript() ?? {};
  const nodeArguments =
    typeof options['nodeargs'] === 'string' ? options['nodeargs'].split(/\s+/).filter(Boolean) : [];
  const flag = (name: string, value: string) => (value === '' ? [] : [`--${name}`, value]);
  return [
    ...nodeArguments,
    program.resolve('@pulumi/pulumi/cmd/run'),
    ...flag('monitor', request.getMonitorAddress()),
    ...flag('engine', engine),
    ...flag('organization', request.getOrganization()),
    ...flag('project', request.getProject()),
    ...flag('root-directory', info?.getRootDirectory() ?? ''),
    ...flag('stack', request.getStack()),
    ...flag('pwd', request.getPwd()),
    ...flag('parallel', String(request.getParallel())),
    ...(request.getDryrun() ? ['--dry-run'] : []),
    info?.getEntryPoint() || '.',
    ...request.getArgsList(),
  ];
}

/** Runs the project's program once, as the official host does: one Node process that talks to the engine itself. */
function run(
  request: InstanceType<typeof messages.RunRequest>,
): Promise<InstanceType<typeof messages.RunResponse>> {
  const config = Object.fromEntries(request.getConfigMap().toArray());
  const child = spawn(process.execPath, runArguments(request), {
    cwd: request.getPwd(),
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      PULUMI_CONFIG: JSON.stringify(config),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
      PULUMI_NODEJS_TYPESCRIPT: 'false',
    },
  });
  const { pid } = child;
  if (pid !== undefined) children.add(pid);
  return new Promise((resolve) => {
    const answer = new messages.RunResponse();
    child.on('error', (error) =>
      resolve(answer.setError(`the program could not be started: ${error.message}`)),
    );
    child.on('exit', (code, signal) => {
      if (pid !== undefined) children.delete(pid);
      if (code === 0) resolve(answer);
      else if (code === BAIL) resolve(answer.setBail(true));
      else resolve(answer.setError(`the program ended with ${signal ?? `exit code ${code}`}`));
    });
  });
}

await servePlugin(
  languageServices.LanguageRuntimeService as never,
  {
    handshake: unary(() => new messages.LanguageHandshakeResponse()),
    getPluginInfo: unary(() => new pluginMessages.PluginInfo().setVersion(packageVersion('@pulumi/pulumi'))),
    getRequiredPackages: unary(() => new messages.GetRequiredPackagesResponse()),
    getRequiredPlugins: unary(() => new messages.GetRequiredPluginsResponse()),
    getProgramDependencies: unary(() => new messages.GetProgramDependenciesResponse()),
    runtimeOptionsPrompts: unary(() => new messages.RuntimeOptionsResponse()),
    about: unary(() =>
      new messages.AboutResponse().setExecutable(process.execPath).setVersion(process.version),
    ),
    cancel: unary(() => {
      endPrograms();
      return new empty.Empty();
    }),
    run: unary(run),
  },
  endPrograms,
);
