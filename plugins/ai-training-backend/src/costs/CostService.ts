import type {
  BudgetUse,
  CostQuery,
  TrainingCosts,
} from '@greenroom/plugin-ai-training-common';
import type { OwnershipClaims } from '@greenroom/ai-node';
import type { CallOptions } from '../callOptions';
import type { ExperimentGuard } from '../experiments/ExperimentGuard';
import { whereVisible } from '../experiments/ExperimentStore';
import type { Budget } from '../jobs/Budgets';
import type { JobStore } from '../jobs/JobStore';
import type { CostStore } from './CostStore';
import { readSpan, startOfMonth } from './readSpan';

/** Tells what training has cost: of jobs, to those who may read them; of budgets, to the teams that have them. */
export class CostService {
  readonly #costs: CostStore;
  readonly #jobs: Pick<JobStore, 'costSince'>;
  readonly #budgets: readonly Budget[];
  readonly #guard: Pick<ExperimentGuard, 'visible'>;
  readonly #claims: Pick<OwnershipClaims, 'of'>;
  readonly #clock: () => Date;

  constructor(options: {
    costs: CostStore;
    jobs: Pick<JobStore, 'costSince'>;
    budgets: readonly Budget[];
    guard: Pick<ExperimentGuard, 'visible'>;
    claims: Pick<OwnershipClaims, 'of'>;
    clock: () => Date;
  }) {
    this.#costs = options.costs;
    this.#jobs = options.jobs;
    this.#budgets = options.budgets;
    this.#guard = options.guard;
    this.#claims = options.claims;
    this.#clock = options.clock;
  }

  async get(query: CostQuery, options: CallOptions): Promise<TrainingCosts> {
    const now = this.#clock();
    const span = readSpan(query, now);
    const bounds = { from: span.from.toISOString(), to: span.to.toISOString() };
    const visible = await this.#guard.visible(options);
    if (visible === 'nothing') {
      return { ...bounds, items: [], dearest: [], budgets: [] };
    }
    const seen = visible
      ? (rows: Parameters<typeof whereVisible>[0]) =>
          whereVisible(rows, visible)
      : undefined;
    const [items, dearest, budgets] = await Promise.all([
      this.#costs.byTeamAndModel(span, seen),
      this.#costs.dearest(span, seen),
      this.#budgetsOf(now, options, visible === undefined),
    ]);
    return { ...bounds, items, dearest, budgets };
  }

  /** Those of the caller's teams, and all to those who may read all jobs. */
  async #budgetsOf(
    now: Date,
    options: CallOptions,
    mayReadAll: boolean,
  ): Promise<BudgetUse[]> {
    if (this.#budgets.length === 0) return [];
    const claims = mayReadAll ? [] : await this.#claims.of(options.credentials);
    const mine = this.#budgets.filter(
      ({ team }) => mayReadAll || claims.includes(team),
    );
    if (mine.length === 0) return [];
    const costs = await this.#jobs.costSince(startOfMonth(now));
    return mine.map(({ team, amount, currency, stops }) => ({
      team,
      amount,
      currency,
      stops,
      spent:
        costs.find(cost => cost.team === team && cost.currency === currency)
          ?.amount ?? 0,
    }));
  }
}
