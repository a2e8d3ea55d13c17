import type {
  BudgetUse,
  CostQuery,
  TrainingCosts,
} from '@greenroom/plugin-ai-training-common';
import type { OwnershipClaims } from '@greenroom/ai-node';
import type { CallOptions } from '../callOptions';
import type { ExperimentGuard } from '../experiments/ExperimentGuard';
import { whereVisible } from '../experiments/ExperimentStore';
import type { Budgets } from './Budgets';
import type { CostStore } from './CostStore';
import { readSpan } from './readSpan';

/** Tells what training has cost: of jobs, to those who may read them; of budgets, to the teams that have them. */
export class CostService {
  readonly #costs: CostStore;
  readonly #budgets: Pick<Budgets, 'listUse'>;
  readonly #guard: Pick<ExperimentGuard, 'visible'>;
  readonly #claims: Pick<OwnershipClaims, 'of'>;
  readonly #clock: () => Date;

  constructor(options: {
    costs: CostStore;
    budgets: Pick<Budgets, 'listUse'>;
    guard: Pick<ExperimentGuard, 'visible'>;
    claims: Pick<OwnershipClaims, 'of'>;
    clock: () => Date;
  }) {
    this.#costs = options.costs;
    this.#budgets = options.budgets;
    this.#guard = options.guard;
    this.#claims = options.claims;
    this.#clock = options.clock;
  }

  async get(query: CostQuery, options: CallOptions): Promise<TrainingCosts> {
    const span = readSpan(query, this.#clock());
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
      this.#budgetsOf(options, visible === undefined),
    ]);
    return { ...bounds, items, dearest, budgets };
  }

  /** Those of the caller's teams, and all to those who may read all jobs. */
  async #budgetsOf(
    { credentials }: CallOptions,
    mayReadAll: boolean,
  ): Promise<BudgetUse[]> {
    const all = await this.#budgets.listUse();
    if (mayReadAll || all.length === 0) return all;
    const claims = await this.#claims.of(credentials);
    return all.filter(({ team }) => claims.includes(team));
  }
}
