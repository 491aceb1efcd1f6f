import type { Command } from 'commander';
import { ask } from './client.ts';
import { TwinError } from './errors.ts';
import { checkFaults } from './faults/check.ts';
import type { Armed, Storm } from './faults/index.ts';
import type { Rule } from './rules/index.ts';
import type { Settings } from './settings.ts';

interface ShownFaults {
  readonly armed: readonly Armed[];
  readonly storm: Storm | null;
  readonly kinds: readonly { readonly name: string; readonly stage: string; readonly what: string }[];
}

/** `twin set …` and `twin faults …`: the rules and the troubles of a running twin. */
export function controlCommands(program: Command, settings: () => Settings): void {
  program
    .command('set')
    .description('list the rules, or change one while it runs')
    .argument('[rule]', 'for example limits.servers, stock.cx23.fsn1, delay.fsn1.hel1 or speed')
    .argument('[value]', 'absent: lists the rules whose names begin so')
    .option('--standard', 'back to the standard')
    .action(async (rule?: string, value?: string, { standard = false }: { standard?: boolean } = {}) => {
      if (rule !== undefined && (value !== undefined || standard)) {
        await ask(settings(), 'PUT', '/twin/rules', { [rule]: standard ? null : value });
        return;
      }
      const { rules } = (await ask(settings(), 'GET', '/twin/rules')) as unknown as { rules: Rule[] };
      const shown = rules.filter(({ key }) => rule === undefined || key.startsWith(rule));
      if (shown.length === 0) throw new TwinError(`There is no rule "${rule}". \`twin set\` lists all.`);
      console.table(shown.map(({ key, value: now, what }) => ({ rule: key, value: now, what })));
    });

  const faults = program.command('faults').description('arm faults, and see which are armed');
  faults
    .command('list', { isDefault: true })
    .description('what is armed, and what can be')
    .action(async () => {
      const { armed, storm, kinds } = (await ask(
        settings(),
        'GET',
        '/twin/faults',
      )) as unknown as ShownFaults;
      console.table(kinds);
      if (storm) console.log(`storm: seed ${storm.seed}, share ${storm.share}, ${storm.seen} requests seen`);
      if (armed.length === 0) console.log('nothing is armed');
      else console.table(armed.map((fault) => ({ ...fault, left: fault.left ?? 'always' })));
    });
  faults
    .command('arm')
    .description('let a fault strike')
    .argument('<name>')
    .option('--times <n>', 'how often', '1')
    .option('--always', 'until it is cleared')
    .option(
      '--on <what>',
      'a request such as "POST /servers", a command such as attach_volume, a server, a location',
    )
    .action(async (name: string, { times, always, on }: { times: string; always?: boolean; on?: string }) => {
      const wanted = { name, times: always ? null : Number(times), ...(on === undefined ? {} : { on }) };
      const { id } = await ask(settings(), 'POST', '/twin/faults', wanted);
      console.log(`fault ${id} is armed: ${name}`);
    });
  faults
    .command('storm')
    .description('random faults, the same ones for the same seed and requests')
    .argument('[names...]', 'which; absent: every fault of requests, answers and actions')
    .option('--seed <n>', 'which storm', '0')
    .option('--share <share>', 'share of requests that are struck', '0.1')
    .action(async (names: string[], { seed, share }: { seed: string; share: string }) => {
      await ask(settings(), 'PUT', '/twin/faults/storm', { names, seed: Number(seed), share: Number(share) });
    });
  faults
    .command('check')
    .description('let each fault strike in a twin of its own, and see whether it does')
    .option('--engine <name>', 'none, nspawn or auto', 'auto')
    .action(async ({ engine }: { engine: string }) => {
      const findings = await checkFaults(settings(), engine, ({ fault, problem, excuse }) => {
        const cannot = excuse === undefined ? 'fires' : `cannot fire here: ${excuse}`;
        console.log(`${fault}: ${problem === undefined ? cannot : `DOES NOT FIRE: ${problem}`}`);
      });
      if (findings.some(({ problem }) => problem !== undefined)) process.exitCode = 1;
    });
  faults
    .command('clear')
    .description('disarm one fault, or all and the storm')
    .argument('[id]')
    .action(async (id?: string) => {
      await ask(settings(), 'DELETE', id === undefined ? '/twin/faults' : `/twin/faults/${id}`);
    });
}
