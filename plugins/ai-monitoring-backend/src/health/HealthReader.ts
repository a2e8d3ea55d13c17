import { compareProfiles, type DriftReport } from '@greenroom/ml-kit';
import type { ModelHealth } from '@greenroom/plugin-ai-monitoring-common';
import type { BaselineSource } from '../baselines/BaselineSource';
import { mergeWindowProfiles } from '../drift/drift';
import type { RolloutSource } from '../markers/RolloutSource';
import type { TrafficWindow, WindowStore } from '../windows/WindowStore';
import {
  HEALTH_SPAN_MILLIS,
  type HealthThresholds,
  judgeHealth,
  mainVersion,
  SPARKLINE_SPAN_MILLIS,
} from './health';

/** A minute more than the sparkline, so that its first step is whole. */
const READ_SPAN_MILLIS = SPARKLINE_SPAN_MILLIS + 60_000;

export class HealthReader {
  readonly #windows: WindowStore;
  readonly #baselines: BaselineSource;
  readonly #rollouts: RolloutSource;
  readonly #thresholds: HealthThresholds;
  readonly #clock: () => Date;

  constructor(options: {
    windows: WindowStore;
    baselines: BaselineSource;
    rollouts: RolloutSource;
    thresholds: HealthThresholds;
    clock: () => Date;
  }) {
    this.#windows = options.windows;
    this.#baselines = options.baselines;
    this.#rollouts = options.rollouts;
    this.#thresholds = options.thresholds;
    this.#clock = options.clock;
  }

  async list(query: {
    environment?: string;
    model?: string;
  }): Promise<ModelHealth[]> {
    const now = this.#clock();
    const [deployed, windows, lastRecords] = await Promise.all([
      this.#rollouts.listDeployed(query),
      this.#windows.listRecentTraffic({
        ...query,
        fromMillis: now.getTime() - READ_SPAN_MILLIS,
        toMillis: now.getTime() + READ_SPAN_MILLIS,
      }),
      this.#windows.listLastRecords(query),
    ]);
    const byModel = new Map<string, TrafficWindow[]>(
      deployed.map(deployment => [keyOf(deployment), []]),
    );
    for (const window of windows) {
      const sameModel = byModel.get(keyOf(window)) ?? [];
      byModel.set(keyOf(window), [...sameModel, window]);
    }
    const lastRecordMillis = new Map(
      lastRecords.map(last => [keyOf(last), last.lastRecordMillis]),
    );
    return Promise.all(
      [...byModel].sort(byKey).map(async ([key, modelWindows]) => {
        const [environment, model] = key.split('/');
        const scope = { environment, model };
        return judgeHealth({
          ...scope,
          windows: modelWindows,
          drift: await this.#compare(scope, mainVersion(modelWindows, now)),
          lastRecordMillis: lastRecordMillis.get(key),
          thresholds: this.#thresholds,
          now,
        });
      }),
    );
  }

  async #compare(
    scope: { environment: string; model: string },
    version: number | undefined,
  ): Promise<DriftReport | undefined> {
    if (version === undefined) return undefined;
    const nowMillis = this.#clock().getTime();
    const [baseline, current] = await Promise.all([
      this.#baselines.find(scope.model, version),
      mergeWindowProfiles(
        this.#windows.readProfiles(
          {
            ...scope,
            version,
            fromMillis: nowMillis - HEALTH_SPAN_MILLIS,
            toMillis: nowMillis + HEALTH_SPAN_MILLIS,
          },
          10,
        ),
      ),
    ]);
    return baseline && current && compareProfiles(baseline, current);
  }
}

function keyOf(scope: { environment: string; model: string }): string {
  return `${scope.environment}/${scope.model}`;
}

function byKey([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}
