import { Command } from 'commander';
import { describeError } from '../errors.ts';

const DEFAULT_STACK = process.env['GROUNDUP_STACK'] ?? 'local';

const program = new Command('groundup')
  .description('A highly available Kubernetes cluster on Hetzner, from the ground up.')
  .option('-s, --stack <name>', 'which environment', DEFAULT_STACK)
  .enablePositionalOptions();

function stackName(): string {
  return program.opts<{ stack: string }>().stack;
}

program
  .command('up')
  .description('bring an environment up, or to what its stack file says')
  .argument('[stack]')
  .action(async (stack?: string) => (await import('./up.ts')).up(stack ?? stackName()));
program
  .command('down')
  .description('take an environment down; a local one leaves nothing')
  .argument('[stack]')
  .action(async (stack?: string) => (await import('./down.ts')).down(stack ?? stackName()));
program
  .command('pulumi')
  .description('the pinned Pulumi CLI on the stack, with its state, secrets and plugins')
  .argument('<args...>')
  .passThroughOptions()
  .allowUnknownOption()
  .action(async (args: string[]) => {
    process.exitCode = await (await import('./passthrough.ts')).passthrough(stackName(), args);
  });
program
  .command('connect')
  .description('open the tunnel into the private network; print how to use it')
  .action(async () => {
    const file = await (await import('./access.ts')).openKubeconfig(stackName());
    const proxy = await (await import('./access.ts')).connect(stackName());
    console.log(`The tunnel is open: a SOCKS5 proxy on ${proxy}. It closes after ten idle minutes.`);
    console.log(`export KUBECONFIG=${file}`);
  });
program
  .command('disconnect')
  .description('close the tunnel')
  .action(async () => {
    const closed = (await import('./tunnel.ts')).closeTunnel(stackName());
    console.log(closed ? 'The tunnel is closed.' : 'No tunnel was open.');
  });
program
  .command('wg-quick')
  .description('print the WireGuard file of one of the people in the stack file, for their own client')
  .argument('<person>')
  .action(async (person: string) => {
    process.stdout.write(await (await import('./access.ts')).wgQuick(stackName(), person));
  });
program
  .command('kubectl')
  .description('kubectl on the cluster, through the tunnel')
  .argument('[args...]')
  .passThroughOptions()
  .allowUnknownOption()
  .helpOption(false)
  .action(async (args: string[]) => {
    process.exitCode = await (await import('./access.ts')).kubectl(stackName(), args);
  });
program
  .command('ssh')
  .description('a shell on a machine, or one command there, through the tunnel')
  .argument('<machine>')
  .argument('[command...]')
  .passThroughOptions()
  .allowUnknownOption()
  .action(async (machine: string, command: string[]) => {
    process.exitCode = await (await import('./access.ts')).ssh(stackName(), machine, command);
  });
program
  .command('phase', { hidden: true })
  .description('one part of the way from machines to a cluster; its input comes on standard input')
  .argument('<name>')
  .action(async (name: string) => (await import('./phase.ts')).phase(name));
program
  .command('doctor')
  .description('which tools are there, which are missing, and what mends that')
  .action(async () => {
    process.exitCode = await (await import('./doctor.ts')).printDoctor();
  });

program.parseAsync().catch((error: unknown) => {
  console.error(describeError(error));
  process.exitCode = 1;
});
