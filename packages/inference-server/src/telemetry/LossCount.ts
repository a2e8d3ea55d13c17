import type { LostRecords } from '@greenroom/plugin-ai-inference-common';
import type { TimeSpan } from './sealedBatch';

/** How much of each kind. */
export interface LostCounts {
  records: number;
  samples: number;
  copies: number;
  predictions: number;
  outcomes: number;
}

const KINDS = [
  'records',
  'samples',
  'copies',
  'predictions',
  'outcomes',
] as const satisfies (keyof LostCounts)[];

const NOTHING: LostCounts = {
  records: 0,
  samples: 0,
  copies: 0,
  predictions: 0,
  outcomes: 0,
};

/** What one producer had to give up, and of which time; the receiver is told with each batch. */
export class LossCount {
  readonly #lost: LostCounts;
  #span: TimeSpan | undefined;
  #told: LostCounts = NOTHING;
  #saying: LostCounts = NOTHING;

  /** @param before - what is known already, and whether the receiver was told is not */
  constructor(before: LostRecords = { total: 0, samples: 0 }) {
    const { total, fromMillis, toMillis, ...others } = before;
    this.#lost = { ...NOTHING, ...others, records: total };
    if (fromMillis !== undefined && toMillis !== undefined) {
      this.#span = { fromMillis, toMillis };
    }
  }

  /** What was lost since the producer started. */
  get counts(): Readonly<LostCounts> {
    return this.#lost;
  }

  /** Whether there is something that the receiver has not heard of. */
  get untold(): boolean {
    return KINDS.some(kind => this.#told[kind] !== this.#lost[kind]);
  }

  add(lost: Partial<LostCounts>, span?: TimeSpan): void {
    let any = false;
    for (const kind of KINDS) {
      const count = lost[kind] ?? 0;
      this.#lost[kind] += count;
      any ||= count > 0;
    }
    if (!any || !span) return;
    this.#span = this.#span
      ? {
          fromMillis: Math.min(this.#span.fromMillis, span.fromMillis),
          toMillis: Math.max(this.#span.toMillis, span.toMillis),
        }
      : span;
  }

  /** As a batch says it. */
  say(): LostRecords {
    this.#saying = { ...this.#lost };
    const { records, samples, copies, predictions, outcomes } = this.#lost;
    return {
      total: records,
      samples,
      ...(copies > 0 && { copies }),
      ...(predictions > 0 && { predictions }),
      ...(outcomes > 0 && { outcomes }),
      ...this.#span,
    };
  }

  /** What was said last was heard. */
  wasHeard(): void {
    this.#told = this.#saying;
    if (!this.untold) this.#span = undefined;
  }
}
