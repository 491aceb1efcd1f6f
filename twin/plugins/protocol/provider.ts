import type { Values } from './values.ts';

/** What a call may take: it ends when the engine cancels or its time is over. */
export interface CallContext {
  readonly signal: AbortSignal;
  /** Whether the program gave the call a time of its own (`customTimeouts`). */
  readonly timed: boolean;
  /** One line for the user, shown beside the resource. */
  log(severity: 'debug' | 'info' | 'warning' | 'error', message: string): void;
}

/** One resource type of a provider. Inputs have passed `check`; `olds` are the outputs in the state. */
export interface ResourceType {
  /** Inputs that cannot be changed in place. */
  readonly replaceOn: readonly string[] | 'all';
  /** Outputs that are not inputs: unknown in a preview of a creation. */
  readonly computed: readonly string[];
  /** Those of them that an update may change: unknown in a preview of an update. */
  readonly recomputed?: readonly string[];
  /** Whether `name` is made up from the logical name when it is left out. */
  readonly autoname?: boolean;
  /** What is wrong with the inputs, by property. */
  check?(inputs: Values): readonly { readonly property: string; readonly reason: string }[];
  /** Whether it must be replaced although no input changed, for example an expiring certificate. */
  expired?(olds: Values): boolean;
  create(inputs: Values, context: CallContext): Promise<{ readonly id: string; readonly outputs: Values }>;
  /** The outputs as they are now; absent when it is gone. */
  read?(id: string, olds: Values, context: CallContext): Promise<Values | undefined>;
  update?(id: string, olds: Values, news: Values, context: CallContext): Promise<Values>;
  remove?(id: string, olds: Values, context: CallContext): Promise<void>;
}

export interface Provider {
  readonly name: string;
  readonly version: string;
  readonly resources: Readonly<Record<string, ResourceType>>;
  readonly functions: Readonly<Record<string, (inputs: Values, context: CallContext) => Promise<Values>>>;
  /** @throws Error with one clear sentence when the configuration cannot be used */
  configure(config: Values, context: CallContext): void;
  /** Ends what still runs on behalf of the engine. */
  stop?(): void;
}

/** The resource was created, but something behind it failed: it goes into the state, to be mended or replaced. */
export class PartialCreation extends Error {
  readonly id: string;
  readonly outputs: Values;
  constructor(id: string, outputs: Values, reason: string) {
    super(reason);
    this.id = id;
    this.outputs = outputs;
  }
}
