/** Something that the twin does, why we believe that Hetzner does it too, and what proves it. */
export interface Behaviour {
  readonly behaviour: string;
  /** A link, or where it was seen. */
  readonly source: string;
  readonly certainty: 'measured' | 'documented' | 'assumed';
  /** Title of the test. */
  readonly test: string;
}

/** Something that the twin knowingly does otherwise. */
export interface Difference {
  readonly what: string;
  readonly why: string;
}
