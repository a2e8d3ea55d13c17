import type { LostRecords } from '@greenroom/plugin-ai-inference-common';
import type { TimeSpan } from './sealedBatch';

/** What one producer had to give up, and of which time; the receiver is told with each batch. */
export class LossCount {
  #records: number;
  #samples: number;
  #span: TimeSpan | undefined;
  #told: { records: number; samples: number } = { records: 0, samples: 0 };
  #saying = { records: 0, samples: 0 };

  /** @param before - what is known already, and whether the receiver was told is not */
  constructor(before: LostRecords = { total: 0, samples: 0 }) {
    this.#records = before.total;
    this.#samples = before.samples;
    const { fromMillis, toMillis } = before;
    if (fromMillis !== undefined && toMillis !== undefined) {
      this.#span = { fromMillis, toMillis };
    }
  }

  get records(): number {
    return this.#records;
  }

  get samples(): number {
    return this.#samples;
  }

  /** Whether there is something that the receiver has not heard of. */
  get untold(): boolean {
    return (
      this.#told.records !== this.#records ||
      this.#told.samples !== this.#samples
    );
  }

  add(lost: { records: number; samples: number }, span?: TimeSpan): void {
    if (lost.records + lost.samples === 0) return;
    this.#records += lost.records;
    this.#samples += lost.samples;
    if (!span) return;
    this.#span = this.#span
      ? {
          fromMillis: Math.min(this.#span.fromMillis, span.fromMillis),
          toMillis: Math.max(this.#span.toMillis, span.toMillis),
        }
      : span;
  }

  /** As a batch says it. */
  say(): LostRecords {
    this.#saying = { records: this.#records, samples: this.#samples };
    return { total: this.#records, samples: this.#samples, ...this.#span };
  }

  /** What was said last was heard. */
  wasHeard(): void {
    this.#told = this.#saying;
    if (!this.untold) this.#span = undefined;
  }
}
