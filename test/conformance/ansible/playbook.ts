import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../../tools/run.ts';
import type { Reading } from './reading.ts';
import type { Json } from './same.ts';
import type { Scenario, Task, TaskResult } from './scenario.ts';

/** Ansible as it is installed somewhere. */
export class Ansible {
  readonly #bin: string;
  readonly #work: string;

  /**
   * @param bin the folder of its programs
   * @param work where it leaves what it writes
   */
  constructor(bin: string, work: string) {
    this.#bin = bin;
    this.#work = work;
  }

  /** Runs one of its programs. */
  async run(program: string, args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await run(join(this.#bin, program), args, {
      cwd: this.#work,
      env: {
        ...process.env,
        // Nothing of what this machine's own Ansible is set to.
        ANSIBLE_CONFIG: join(this.#work, 'ansible.cfg'),
        ANSIBLE_HOME: join(this.#work, 'ansible'),
        ANSIBLE_LOCAL_TEMP: join(this.#work, 'local'),
        ANSIBLE_REMOTE_TEMP: join(this.#work, 'remote'),
        ANSIBLE_STDOUT_CALLBACK: 'ansible.posix.json',
        ANSIBLE_PIPELINING: 'true',
        ANSIBLE_NOCOLOR: 'true',
      },
    });
    if (code !== 0)
      throw new Error(`${program} ended with ${code}: ${(stderr || stdout).trim().slice(-2000)}`);
    return stdout;
  }

  /** @returns what came of each task, by its name */
  async play(scenario: Scenario, reading: Reading): Promise<ReadonlyMap<string, TaskResult>> {
    const names = scenario.tasks.map(({ check }) => check);
    const twice = names.filter((name, index) => names.indexOf(name) !== index);
    // Ansible tells of tasks by their names.
    if (twice.length > 0) throw new Error(`several tasks of ${scenario.name} are named ${twice.join(', ')}`);
    const file = join(this.#work, `${scenario.name}.yml`);
    const plays = [
      {
        name: scenario.name,
        hosts: 'localhost',
        connection: 'local',
        gather_facts: false,
        vars: { ansible_python_interpreter: join(this.#bin, 'python') },
        tasks: scenario.tasks.map((task, index) => ({
          name: task.check,
          [task.module]: task.args,
          // What must be refused is no reason to stop, and neither is any other finding.
          ignore_errors: true,
          ...(task.checkMode ? { check_mode: true } : {}),
          ...(task.register === undefined ? {} : { register: task.register }),
          ...(task.reads
            ? { environment: { HCLOUD_ENDPOINT: reading.endpoint(taskKey(scenario, index)) } }
            : {}),
        })),
      },
    ];
    // Every JSON is YAML.
    writeFileSync(file, JSON.stringify(plays, undefined, 2));
    const told = await this.run('ansible-playbook', ['--inventory', 'localhost,', file]);
    const { plays: played } = JSON.parse(told) as {
      plays: { tasks: { task: { name: string }; hosts: Record<string, TaskResult> }[] }[];
    };
    return new Map(
      played.flatMap(({ tasks }) => tasks.map(({ task, hosts }) => [task.name, hosts['localhost'] ?? {}])),
    );
  }
}

/** A finding of a task, or none. */
export function judge(
  task: Task,
  result: TaskResult | undefined,
  answers: readonly Json[],
): string | undefined {
  if (result === undefined) return 'was not run';
  try {
    task.judge(result, answers);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** What tells a task's endpoint from all others. */
export function taskKey(scenario: Scenario, index: number): string {
  return `${scenario.name}-${index}`;
}
