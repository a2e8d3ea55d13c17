/** Knows who uses a model. */
export interface Consumers {
  /** By entity ref, at most {@link MOST_CONSUMERS}; undefined when nobody can tell now. */
  of(model: string): Promise<Consumer[] | undefined>;
}

export interface Consumer {
  /** Entity ref. */
  entity: string;
  /** Entity ref of its owner. */
  owner?: string;
}

export const MOST_CONSUMERS = 50;
