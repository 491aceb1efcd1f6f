import type { Ansible } from './playbook.ts';
import type { Scenario } from './scenario.ts';

/** Options that every module has, and that the environment gives. */
const OF_ALL = ['api_token', 'api_endpoint'];

/**
 * What the collection has by its own documentation, and no task has.
 * @returns modules, and options as `module.option`
 */
export async function forgotten(ansible: Ansible, scenarios: readonly Scenario[]): Promise<string[]> {
  const listed = await ansible.run('ansible-doc', ['--list', '--json', 'hetzner.hcloud']);
  const modules = Object.keys(JSON.parse(listed) as Record<string, string>);
  const documented = JSON.parse(await ansible.run('ansible-doc', ['--json', ...modules])) as Record<
    string,
    { doc: { options: Record<string, unknown> } }
  >;
  const tasks = scenarios.flatMap((scenario) => scenario.tasks);
  return modules.flatMap((module) => {
    const mine = tasks.filter((task) => task.module === module);
    if (mine.length === 0) return [module];
    const given = new Set(mine.flatMap(({ args }) => Object.keys(args)));
    return Object.keys(documented[module]?.doc.options ?? {})
      .filter((option) => !given.has(option) && !OF_ALL.includes(option))
      .map((option) => `${module}.${option}`);
  });
}
