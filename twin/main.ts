import { spawn } from 'node:child_process';
import { Command } from 'commander';
import { ask, endpoint, required } from './client.ts';
import { controlCommands } from './control-commands.ts';
import { down } from './down.ts';
import { createEngine } from './engines/index.ts';
import { TwinError } from './errors.ts';
import { projectToken, readSettings, type Settings } from './settings.ts';
import { up } from './up.ts';

interface ShownServer {
  readonly id: number;
  readonly name: string;
  readonly status: string;
  readonly location: { readonly name: string };
  readonly public_net: { readonly ipv4: { readonly ip: string } | null };
  readonly private_net: readonly { readonly ip: string }[];
}

async function servers(settings: Settings): Promise<ShownServer[]> {
  return (await ask(settings, 'GET', '/v1/servers?per_page=50'))['servers'] as ShownServer[];
}

async function status(settings: Settings): Promise<void> {
  const daemon = required(settings);
  console.log(
    `${settings.name}: ${endpoint(daemon.port)}, engine ${daemon.engine}, pid ${daemon.pid}, since ${daemon.startedAt}`,
  );
  const rows = (await servers(settings)).map((server) => ({
    server: server.name,
    status: server.status,
    location: server.location.name,
    public: server.public_net.ipv4?.ip ?? '-',
    private: server.private_net.map(({ ip }) => ip).join(' ') || '-',
  }));
  if (rows.length > 0) console.table(rows);
}

/** Runs a command on a machine's console, or as someone on the Internet; ends with its exit code. */
async function execute(settings: Settings, target: string, argv: readonly string[]): Promise<void> {
  const { engine: name } = required(settings);
  const engine = await createEngine(name, settings);
  const machine =
    target === 'internet' ? undefined : (await servers(settings)).find((server) => server.name === target);
  if (target !== 'internet' && !machine)
    throw new TwinError(`There is no server "${target}". ./bin/twin status lists them.`);
  const [program = '', ...rest] = await engine.execCommand(
    machine ? { server: machine.id } : 'internet',
    argv,
  );
  const child = spawn(program, rest, { stdio: 'inherit' });
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

const program = new Command('twin').description(
  'A local Hetzner: the API, and real machines where they can run.',
);
program
  .command('up')
  .description('start it, unless it runs')
  .option('--engine <name>', 'none (API only), nspawn (real machines) or auto', 'auto')
  .option('--speed <factor>', '0 waits for nothing, 1 takes as long as Hetzner, 10 a tenth of that')
  .action(async ({ engine, speed }: { engine: string; speed?: string }) => {
    if (speed !== undefined && !/^\d+(\.\d+)?$/.test(speed))
      throw new TwinError(`--speed is "${speed}": write 0, 1 or another number.`);
    const settings = readSettings(process.env);
    const { daemon, reason } = await up(settings, engine, speed);
    if (reason !== undefined) console.error(`twin: no machines, the API alone: ${reason}`);
    console.log(
      `twin: ${endpoint(daemon.port)}, engine ${daemon.engine}; the token is in ${settings.stateDirectory}/token`,
    );
    console.log(`twin: its page is http://127.0.0.1:${daemon.port}/`);
  });
program
  .command('down')
  .description('end it with all its machines and forget everything')
  .action(() => down(readSettings(process.env)));
program
  .command('status')
  .description('what runs')
  .action(() => status(readSettings(process.env)));
program
  .command('token')
  .description('print the token of its project')
  .action(() => {
    const settings = readSettings(process.env);
    required(settings);
    console.log(projectToken(settings));
  });
program
  .command('env')
  .description('print what clients find it by, for `eval "$(./bin/twin env)"`')
  .action(() => {
    const settings = readSettings(process.env);
    const { port } = required(settings);
    console.log(`export HCLOUD_ENDPOINT=${endpoint(port)} HCLOUD_TOKEN=${projectToken(settings)}`);
  });
program
  .command('exec')
  .description('run a command as someone on the Internet, or on a server')
  .argument('<target>', '`internet` or the name of a server')
  .argument('<command...>')
  .action((target: string, command: string[]) => execute(readSettings(process.env), target, command));
controlCommands(program, () => readSettings(process.env));

program.parseAsync().catch((error: unknown) => {
  console.error(error instanceof TwinError ? error.message : error);
  process.exitCode = 1;
});
