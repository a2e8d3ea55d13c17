import type { QueueReason } from '@greenroom/plugin-ai-training-common';
import type { JobStore } from './JobStore';

/** Costs are asked for so often: a budget is passed by what is spent meanwhile. */
const LOOK_MILLIS = 15_000;

/** What a team may spend on training in a calendar month (UTC). */
export interface Budget {
  /** Entity ref. */
  team: string;
  amount: number;
  currency: string;
  /** Whether running jobs are ended too when it is used up; without it, only new ones wait. */
  stops: boolean;
}

type NoBudget = Extract<QueueReason, { kind: 'no-budget' }>;

/** Of a team what it is told when its budget is used up; undefined where it is not, or it has none. */
export type Spent = (
  team: string,
) => { reason: NoBudget; stops: boolean } | undefined;

/** Knows whose budget is used up. */
export class Budgets {
  readonly #budgets: readonly Budget[];
  readonly #jobs: Pick<JobStore, 'costSince'>;
  readonly #clock: () => Date;
  #seen: { atMillis: number; over: Map<string, ReturnType<Spent>> } | undefined;

  constructor(options: {
    budgets: readonly Budget[];
    jobs: Pick<JobStore, 'costSince'>;
    clock: () => Date;
  }) {
    this.#budgets = options.budgets;
    this.#jobs = options.jobs;
    this.#clock = options.clock;
  }

  async look(): Promise<Spent> {
    if (this.#budgets.length === 0) return () => undefined;
    const now = this.#clock();
    const seen = this.#seen;
    if (!seen || now.getTime() - seen.atMillis >= LOOK_MILLIS) {
      const month = new Date(
        Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1),
      );
      const costs = await this.#jobs.costSince(month);
      this.#seen = {
        atMillis: now.getTime(),
        over: new Map(
          this.#budgets.flatMap(budget => {
            const { team, amount, currency, stops } = budget;
            const spent =
              costs.find(
                cost => cost.team === team && cost.currency === currency,
              )?.amount ?? 0;
            if (spent < amount) return [];
            const reason: NoBudget = {
              kind: 'no-budget',
              team,
              amount,
              spent: Math.round(spent * 100) / 100,
              currency,
            };
            return [[team, { reason, stops }] as const];
          }),
        ),
      };
    }
    const { over } = this.#seen!;
    return team => over.get(team);
  }
}
