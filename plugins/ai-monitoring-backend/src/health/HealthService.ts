import type {
  HealthPage,
  HealthQuery,
  HealthStatus,
} from '@greenroom/plugin-ai-monitoring-common';
import { HEALTH_STATUSES } from '@greenroom/plugin-ai-monitoring-common';
import type { RolloutSource } from '../markers/RolloutSource';
import { mergeModels } from './HealthJudge';
import type { HealthReader } from './HealthReader';
import type { VerdictStore } from './VerdictStore';

const DEFAULT_LIMIT = 100;

/** How models do: one judged for the answer, or a page of the last verdicts on all. */
export class HealthService {
  readonly #reader: HealthReader;
  readonly #verdicts: VerdictStore;
  readonly #rollouts: RolloutSource;

  constructor(options: {
    reader: HealthReader;
    verdicts: VerdictStore;
    rollouts: RolloutSource;
  }) {
    this.#reader = options.reader;
    this.#verdicts = options.verdicts;
    this.#rollouts = options.rollouts;
  }

  async list(query: HealthQuery): Promise<HealthPage> {
    const { environment, model, limit = DEFAULT_LIMIT, cursor } = query;
    if (model === undefined) {
      return this.#verdicts.list({ environment, limit, cursor });
    }
    const scope = { environment, model };
    const [deployed, active] = await Promise.all([
      this.#rollouts.listDeployed(scope),
      this.#reader.listActive(scope),
    ]);
    // In each environment at most one.
    const models = [...mergeModels(deployed, active).values()];
    const judged = await this.#reader.judge(models);
    const items = judged
      .map(({ health }) => health)
      .sort((a, b) => rank(a.status) - rank(b.status));
    const counts = Object.fromEntries(
      HEALTH_STATUSES.map(status => [
        status,
        items.filter(item => item.status === status).length,
      ]),
    ) as HealthPage['counts'];
    return { items, counts };
  }
}

function rank(status: HealthStatus): number {
  return HEALTH_STATUSES.indexOf(status);
}
