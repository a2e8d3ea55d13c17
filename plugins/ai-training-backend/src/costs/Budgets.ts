import type {
  BudgetUse,
  QueueReason,
} from '@greenroom/plugin-ai-training-common';
import type { CostStore } from './CostStore';
import { startOfMonth } from './readSpan';

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
  readonly #costs: Pick<CostStore, 'spentSince'>;
  readonly #clock: () => Date;
  #seen: { atMillis: number; over: Map<string, ReturnType<Spent>> } | undefined;

  constructor(options: {
    budgets: readonly Budget[];
    costs: Pick<CostStore, 'spentSince'>;
    clock: () => Date;
  }) {
    this.#budgets = options.budgets;
    this.#costs = options.costs;
    this.#clock = options.clock;
  }

  /** How far all teams that have one are with it, as it is now. */
  async listUse(): Promise<BudgetUse[]> {
    if (this.#budgets.length === 0) return [];
    const costs = await this.#costs.spentSince(startOfMonth(this.#clock()));
    return this.#budgets.map(budget => ({
      ...budget,
      spent:
        costs.find(
          ({ team, currency }) =>
            team === budget.team && currency === budget.currency,
        )?.amount ?? 0,
    }));
  }

  /** As it was a few seconds ago. */
  async look(): Promise<Spent> {
    const atMillis = this.#clock().getTime();
    if (!this.#seen || atMillis - this.#seen.atMillis >= LOOK_MILLIS) {
      const used = (await this.listUse()).filter(
        ({ amount, spent }) => spent >= amount,
      );
      this.#seen = {
        atMillis,
        over: new Map(
          used.map(({ team, amount, spent, currency, stops }) => [
            team,
            {
              reason: {
                kind: 'no-budget',
                team,
                amount,
                spent: Math.round(spent * 100) / 100,
                currency,
              },
              stops,
            },
          ]),
        ),
      };
    }
    const { over } = this.#seen;
    return team => over.get(team);
  }
}
