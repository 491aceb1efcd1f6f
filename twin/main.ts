import { spawn } from 'node:child_process';
import { Command } from 'commander';
import { down } from './down.ts';
import { createEngine } from './engines/index.ts';
import { TwinError } from './errors.ts';
import { projectToken, readSettings, runningDaemon, type Settings } from './settings.ts';
import { up } from './up.ts';

function required(settings: Settings) {
  const daemon = runningDaemon(settings);
  if (!daemon) throw new TwinError(`The twin ${settings.name} does not run. Start it: ./bin/twin up`);
  return daemon;
}

function endpoint(port: number): string {
  return `http://127.0.0.1:${port}/v1`;
}

async function ask(settings: Settings, path: string): Promise<Record<string, unknown>> {
  const { port } = required(settings);
  const answer = await fetch(`${endpoint(port)}${path}`, {
    headers: { authorization: `Bearer ${projectToken(settings)}` },
  });
  return (await answer.json()) as Record<string, unknown>;
}

interface ShownServer {
  readonly id: number;
  readonly name: string;
  readonly status: string;
  readonly location: { readonly name: string };
  readonly public_net: { readonly ipv4: { readonly ip: string } | null };
  readonly private_net: readonly { readonly ip: string }[];
}

async function servers(settings: Settings): Promise<ShownServer[]> {
  return (await ask(settings, '/servers?per_page=50'))['servers'] as ShownServer[];
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
  .option('--latency <ms>', 'how long every action takes at least, in milliseconds', '0')
  .action(async ({ engine, latency }: { engine: string; latency: string }) => {
    if (!/^\d+$/.test(latency))
      throw new TwinError(`--latency is "${latency}": write a number of milliseconds.`);
    const settings = readSettings(process.env);
    const { daemon, reason } = await up(settings, engine, Number(latency));
    if (reason !== undefined) console.error(`twin: no machines, the API alone: ${reason}`);
    console.log(
      `twin: ${endpoint(daemon.port)}, engine ${daemon.engine}; the token is in ${settings.stateDirectory}/token`,
    );
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
  .command('exec')
  .description('run a command as someone on the Internet, or on a server')
  .argument('<target>', '`internet` or the name of a server')
  .argument('<command...>')
  .action((target: string, command: string[]) => execute(readSettings(process.env), target, command));

program.parseAsync().catch((error: unknown) => {
  console.error(error instanceof TwinError ? error.message : error);
  process.exitCode = 1;
});
