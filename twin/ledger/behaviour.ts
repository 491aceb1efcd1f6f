import type { Certainty } from '../rules/index.ts';

/** Something that the twin does, why we believe that Hetzner does it too, and what proves it. */
export interface Behaviour {
  readonly behaviour: string;
  /** A link, or where it was seen. */
  readonly source: string;
  readonly certainty: Certainty;
  /** Title of the test, as it is written in `it('…')` or `it.each(…)('…')`. */
  readonly test: string;
  /**
   * What of the API it speaks of, such as `POST /servers/:id/actions/rebuild`: method, and path without `/v1`.
   * Names of parameters do not matter; `*` stands for one part of any name.
   */
  readonly routes?: readonly string[];
}

/** Something that the twin knowingly does otherwise. */
export interface Difference {
  readonly what: string;
  readonly why: string;
}

/** A part of the API with everything that is known of it. */
export interface Area {
  readonly title: string;
  /** First parts of the paths that it speaks for: each of their routes is in some behaviour. */
  readonly resources: readonly string[];
  readonly behaviours: readonly Behaviour[];
  readonly differences: readonly Difference[];
}

/** A check of a conformance suite that the twin does not pass, and need not. */
export interface Excuse {
  readonly suite: string;
  readonly check: string;
  readonly why: string;
}
