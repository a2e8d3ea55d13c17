import { NotFoundError } from '@backstage/errors';
import type {
  ComparisonHistory,
  ComparisonReport,
} from '@greenroom/plugin-ai-monitoring-common';
import type { WindowStore } from '../windows/WindowStore';
import { analyse } from './analyse';
import type { ComparedState } from './comparedState';
import type { ComparisonSource } from './ComparisonSource';
import type { ComparisonStore } from './ComparisonStore';
import type { PointStore } from './PointStore';
import { withShadowControl } from './shadowControl';

/** How versions that are compared stand, and stood. */
export class ComparisonService {
  readonly #store: ComparisonStore;
  readonly #points: PointStore;
  readonly #source: ComparisonSource;
  readonly #windows: WindowStore;
  readonly #clock: () => Date;

  constructor(options: {
    store: ComparisonStore;
    points: PointStore;
    source: ComparisonSource;
    windows: WindowStore;
    clock: () => Date;
  }) {
    this.#store = options.store;
    this.#points = options.points;
    this.#source = options.source;
    this.#windows = options.windows;
    this.#clock = options.clock;
  }

  /** @throws NotFoundError for one that nobody knows */
  async getReport(id: string): Promise<ComparisonReport> {
    const state = await this.#find(id);
    const now = this.#clock();
    const { comparison } = state;
    if (!comparison.isShadow) {
      return analyse(state, {
        now,
        // They add up for the chance of two versions by a metric alone.
        others:
          comparison.analysis.metrics.length > 0 &&
          comparison.variants.length === 2
            ? await this.#store.listOthers(state)
            : [],
      });
    }
    const windows = await this.#windows.listTraffic({
      environment: comparison.environment,
      model: comparison.model,
      version: comparison.control,
      fromMillis: Date.parse(comparison.startedAt),
      toMillis: Math.min(
        now.getTime(),
        Date.parse(comparison.endedAt ?? now.toISOString()),
      ),
    });
    return analyse(withShadowControl(state, windows), { now });
  }

  /** @throws NotFoundError for one that nobody knows */
  async getHistory(id: string): Promise<ComparisonHistory> {
    await this.#find(id);
    return { id, points: await this.#points.list(id) };
  }

  async #find(id: string): Promise<ComparedState> {
    let state = await this.#store.find(id);
    if (!state) {
      // It may have begun just now, before anything was told of it.
      await this.#source.learn([id]);
      state = await this.#store.find(id);
    }
    if (!state) {
      throw new NotFoundError(
        `There is no comparison '${id}' whose plan is known: it has the id that a rollout names as its comparison`,
      );
    }
    return state;
  }
}
