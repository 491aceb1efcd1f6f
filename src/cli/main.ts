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
  .command('doctor')
  .description('which tools are there, which are missing, and what mends that')
  .action(async () => {
    process.exitCode = await (await import('./doctor.ts')).printDoctor();
  });

program.parseAsync().catch((error: unknown) => {
  console.error(describeError(error));
  process.exitCode = 1;
});
