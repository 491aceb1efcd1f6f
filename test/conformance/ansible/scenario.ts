import { type Json, type JsonObject, requireAsked, requireSame, Seen } from './same.ts';

/** What Ansible tells of a task that was run. */
export interface TaskResult {
  readonly changed?: boolean;
  readonly failed?: boolean;
  readonly skipped?: boolean;
  readonly msg?: string;
  readonly exception?: string;
  readonly [key: string]: Json | undefined;
}

export interface Task {
  /** Its name, and the check's. */
  readonly check: string;
  readonly module: string;
  readonly args: JsonObject;
  /** Its endpoint lets nothing through that would change anything. */
  readonly reads: boolean;
  readonly checkMode: boolean;
  /** The variable that later tasks find its result by. */
  readonly register?: string;
  /** @throws Error saying what is not as it should be */
  judge(result: TaskResult, answers: readonly Json[]): void;
}

const COLLECTION = 'hetzner.hcloud';

/** Tasks that are run one after another, and what must come of each. */
export class Scenario {
  readonly name: string;
  readonly tasks: Task[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** A state that is brought about: by check mode it would be changed, then it is, and then there is nothing to do. */
  makes(what: string, module: string, args: JsonObject, register?: string): void {
    this.does(what, module, args, register);
    this.#add(`${module}: ${what}, again`, module, args, (result) => requireChanged(result, false));
  }

  /** Something that is done as often as it is asked for. */
  does(what: string, module: string, args: JsonObject, register?: string): void {
    this.#add(`${module}: ${what}, in check mode`, module, args, (result) => requireChanged(result, true), {
      reads: true,
      checkMode: true,
    });
    this.#add(
      `${module}: ${what}`,
      module,
      args,
      (result) => {
        requireChanged(result, true);
        const told = result[`hcloud_${module}`];
        if (args['state'] !== 'absent' && told !== null && typeof told === 'object')
          requireAsked(told as JsonObject, args);
      },
      register === undefined ? {} : { register },
    );
  }

  /** A state that holds already. */
  keeps(what: string, module: string, args: JsonObject, register?: string): void {
    this.#add(
      `${module}: ${what}`,
      module,
      args,
      (result) => requireChanged(result, false),
      register === undefined ? {} : { register },
    );
  }

  /** @param words the code of the error, or what the module makes of it */
  refused(what: string, module: string, args: JsonObject, words: string): void {
    this.#add(`${module}: ${what}`, module, args, ({ failed, msg, exception }) => {
      if (!failed) throw new Error('was not refused');
      if (!`${msg}\n${exception}`.includes(words)) throw new Error(`was refused with: ${msg}`);
    });
  }

  /**
   * What a module tells of resources, held against the API's answers to it.
   * @param names all names that must be told, in the API's order; absent: any, but some
   * @param elsewhere see `requireSame`
   */
  tells(
    what: string,
    module: string,
    args: JsonObject,
    names?: readonly string[],
    elsewhere: Readonly<Record<string, string>> = {},
    register?: string,
  ): void {
    const judge = (result: TaskResult, answers: readonly Json[]): void => {
      requireChanged(result, false);
      const told = result[`hcloud_${module}`] as readonly JsonObject[];
      requireSame(told, listed(answers), new Seen(answers), module, elsewhere);
      const found = told.map(({ name }) => name);
      if (names === undefined ? found.length === 0 : `${found}` !== `${names}`)
        throw new Error(`told of ${found.join(', ') || 'nothing'}, not of ${names ?? 'anything'}`);
    };
    this.#add(`${module}: ${what}`, module, args, judge, {
      reads: true,
      ...(register === undefined ? {} : { register }),
    });
  }

  /** Something that Ansible works out by itself. */
  worksOut(what: string, template: string, expected: string): void {
    this.tasks.push({
      check: what,
      module: 'ansible.builtin.debug',
      args: { msg: template },
      reads: true,
      checkMode: false,
      judge: ({ msg }) => {
        if (msg !== expected) throw new Error(`is ${msg}, not ${expected}`);
      },
    });
  }

  #add(
    check: string,
    module: string,
    args: JsonObject,
    judge: Task['judge'],
    options: Partial<Pick<Task, 'reads' | 'checkMode' | 'register'>> = {},
  ): void {
    this.tasks.push({
      check,
      module: `${COLLECTION}.${module}`,
      args,
      reads: false,
      checkMode: false,
      ...options,
      judge,
    });
  }
}

function requireChanged({ failed, changed, msg, exception }: TaskResult, expected: boolean): void {
  if (failed) throw new Error(msg ?? exception ?? 'failed, and does not say why');
  if ((changed ?? false) !== expected) throw new Error(expected ? 'changed nothing' : 'changed something');
}

/** The objects of the first list or the first object that the API answered with, over all of its pages. */
function listed(answers: readonly Json[]): readonly Json[] {
  const [first] = answers as readonly JsonObject[];
  const key = Object.keys(first ?? {}).find((name) => name !== 'meta') ?? '';
  const bodies = (answers as readonly JsonObject[]).map((answer) => answer[key]);
  return bodies.filter((body) => body !== undefined).flat() as readonly Json[];
}
