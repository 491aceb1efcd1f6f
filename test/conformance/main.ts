import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeError, UserError } from '../../src/errors.ts';
import { run } from '../../tools/run.ts';
import { EXCUSES } from '../../twin/ledger/index.ts';
import { SUITES, type Suite } from './suites.ts';
import { type Tally, tally } from './tally.ts';
import { OwnTwin } from './twin.ts';

/** `node test/conformance/main.ts [SUITE…]`: all suites, or those that are named. */
async function main(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => !SUITES.some((suite) => suite.name === name));
  if (unknown.length > 0)
    throw new UserError(
      `There is no suite ${unknown.join(', ')}. There are: ${SUITES.map(({ name }) => name).join(', ')}.`,
    );
  const tallies: Tally[] = [];
  for (const [index, suite] of SUITES.entries()) {
    if (names.length > 0 && !names.includes(suite.name)) continue;
    const result = await runSuite(suite, index);
    tallies.push(result);
    const excused = result.excused > 0 ? `, ${result.excused} excused by twin/LEDGER.md` : '';
    console.log(`${suite.name}: ${result.passed}/${result.total}${excused}`);
    for (const trouble of result.troubles) console.log(`  ${trouble}`);
  }
  mkdirSync('out', { recursive: true });
  const suites = tallies.map(({ name, passed, total, excused }) => ({ name, passed, total, excused }));
  writeFileSync(join('out', 'conformance.json'), `${JSON.stringify({ suites }, undefined, 2)}\n`);
  if (tallies.some(({ troubles }) => troubles.length > 0)) process.exitCode = 1;
}

async function runSuite(suite: Suite, index: number): Promise<Tally> {
  const work = mkdtempSync(join(tmpdir(), 'conformance-'));
  try {
    const { command, args, env } = await suite.prepare(work);
    const twin = await OwnTwin.start(`conf${index}`, suite.engine);
    try {
      for (const [rule, value] of Object.entries(suite.rules ?? {})) await twin.run('set', rule, value);
      const ended = await run(command, args, { cwd: work, env: { ...process.env, ...twin.client, ...env } });
      const result = tally(suite.name, ended.stdout, ended.code, EXCUSES);
      const complaint = ended.code === 0 ? [] : [ended.stderr.trim().split('\n').slice(-15).join('\n  ')];
      return { ...result, troubles: [...result.troubles, ...complaint] };
    } finally {
      await twin.remove();
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(describeError(error));
  process.exitCode = 1;
});
