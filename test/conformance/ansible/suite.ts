import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { attachments } from './attachments.ts';
import { balancers } from './balancers.ts';
import { catalogue } from './catalogue.ts';
import { forgotten } from './coverage.ts';
import { inhabited, inventories } from './inventory.ts';
import { keys } from './keys.ts';
import { networks } from './networks.ts';
import { Ansible, judge, taskKey } from './playbook.ts';
import { Reading } from './reading.ts';
import { report } from './report.ts';
import { Scenario } from './scenario.ts';
import { servers } from './servers.ts';
import { zones } from './zones.ts';

/** `node suite.ts BIN`: every module of hetzner.hcloud, by the Ansible in BIN, against the API in HCLOUD_ENDPOINT. */
async function main([bin = '']: readonly string[]): Promise<void> {
  const endpoint = process.env['HCLOUD_ENDPOINT'] ?? '';
  const work = process.cwd();
  const ansible = new Ansible(resolve(bin), work);
  writeFileSync(join(work, 'ansible.cfg'), '[defaults]\n');
  const scenarios = await plan(work);
  const reading = await Reading.listen(endpoint);
  const play = async (scenario: Scenario) => {
    const results = await ansible.play(scenario, reading);
    for (const [index, task] of scenario.tasks.entries())
      report(task.check, judge(task, results.get(task.check), reading.answers(taskKey(scenario, index))));
  };
  try {
    // Each has resources of its own, so they do not wait for each other.
    await Promise.all(scenarios.map(play));
    const there = new Scenario('inventory');
    inhabited(there);
    await play(there);
  } finally {
    reading.close();
  }
  await inventories(ansible, endpoint, work);
  const missing = await forgotten(ansible, scenarios);
  report(
    'every module was run, with every option',
    missing.length > 0 ? `not: ${missing.join(', ')}` : undefined,
  );
}

async function plan(work: string): Promise<readonly Scenario[]> {
  const scenario = async (name: string, fill: (of: Scenario) => void | Promise<void>) => {
    const made = new Scenario(name);
    await fill(made);
    return made;
  };
  return await Promise.all([
    scenario('catalogue-and-keys', async (of) => {
      catalogue(of);
      await keys(of, work);
    }),
    scenario('networks', networks),
    scenario('zones', zones),
    scenario('balancers', (of) => balancers(of, work)),
    scenario('servers', async (of) => {
      await servers(of, work);
      attachments(of);
    }),
  ]);
}

await main(process.argv.slice(2));
