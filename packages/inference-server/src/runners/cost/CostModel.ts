import { fitCost, type Cost } from './fitCost';
import type { MeasuredRun } from './MeasuredRun';

/** Runs that the cost is fitted to, besides those with made-up rows. */
const REMEMBERED_RUNS = 96;
/** Runs after which it is fitted anew. */
const FIT_EVERY = 32;

/** What runs of one model take, learnt from the last of them. */
export class CostModel {
  /** With made-up rows, of several sizes: what callers send may all be of one. */
  readonly #first: readonly MeasuredRun[];
  readonly #last: MeasuredRun[] = [];
  #observed = 0;
  #cost: Cost | undefined;

  constructor(first: readonly MeasuredRun[]) {
    this.#first = first;
    this.#cost = fitCost(first);
  }

  /** Undefined before any run. */
  get cost(): Cost | undefined {
    return this.#cost;
  }

  observe(rows: number, millis: number): void {
    this.#last[this.#observed % REMEMBERED_RUNS] = { rows, millis };
    this.#observed++;
    if (this.#observed % FIT_EVERY === 0) {
      this.#cost = fitCost([...this.#first, ...this.#last]);
    }
  }

  /** Most rows of which a run takes no longer, or at most twice as long as one of a single row. */
  rowsWithin(millis: number): number {
    if (this.#cost === undefined) return Infinity;
    const { millisPerRow, millisPerRun } = this.#cost;
    const most = Math.max(millis, 2 * (millisPerRow + millisPerRun));
    const rows = Math.floor((most - millisPerRun) / millisPerRow);
    // Nothing over nothing: rows that cost nothing.
    return Number.isNaN(rows) ? Infinity : Math.max(1, rows);
  }
}
