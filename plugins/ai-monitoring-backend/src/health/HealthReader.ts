import { compareProfiles, type Profile } from '@greenroom/ml-kit';
import type { Deployment } from '@greenroom/plugin-ai-inference-common';
import type { BaselineSource } from '../baselines/BaselineSource';
import { mergeOptionalProfiles, type Traffic } from '../windows/window';
import {
  type DriftSight,
  HEALTH_SPAN_MILLIS,
  type HealthThresholds,
  judgeHealth,
  mainVersion,
  type RequestCount,
  SPARKLINE_SPAN_MILLIS,
  type Verdict,
} from './health';
import { modelKey, type ModelPlace, type RecentStore } from './RecentStore';

/** A minute more than the sparkline, so that its first step is whole. */
const READ_SPAN_MILLIS = SPARKLINE_SPAN_MILLIS + 60_000;
/** Features whose profiles are read at the same time; each model has up to 30 of its own. */
const FEATURES_A_QUERY = 1_000;

/** A model to judge; where it is not deployed, for the traffic that it has all the same. */
export interface JudgedModel extends ModelPlace {
  deployment?: Deployment;
}

/** Judges models, a fixed number of queries for any number of them but for their profiles. */
export class HealthReader {
  readonly #recent: RecentStore;
  readonly #baselines: BaselineSource;
  readonly #thresholds: HealthThresholds;
  readonly #clock: () => Date;

  constructor(options: {
    recent: RecentStore;
    baselines: BaselineSource;
    thresholds: HealthThresholds;
    clock: () => Date;
  }) {
    this.#recent = options.recent;
    this.#baselines = options.baselines;
    this.#thresholds = options.thresholds;
    this.#clock = options.clock;
  }

  /** Models that had traffic in the last half hour. */
  listActive(query: Partial<ModelPlace>): Promise<ModelPlace[]> {
    return this.#recent.listActive({
      ...query,
      ...this.#since(READ_SPAN_MILLIS),
    });
  }

  /** In the order of the models. */
  async judge(models: JudgedModel[]): Promise<Verdict[]> {
    if (models.length === 0) return [];
    const now = this.#clock();
    const [counts, traffic, lastRecords] = await Promise.all([
      this.#recent.countRequests(models, this.#since(READ_SPAN_MILLIS)),
      this.#recent.sumTraffic(models, this.#since(HEALTH_SPAN_MILLIS)),
      this.#recent.findLastRecords(models),
    ]);
    const drifts = await this.#compare(models, counts, now);
    return models.map((model, index) => {
      const key = modelKey(model);
      return judgeHealth({
        ...model,
        counts: counts.get(key) ?? [],
        traffic: traffic.get(key) as Traffic | undefined,
        drift: drifts[index],
        lastRecordMillis: lastRecords.get(key),
        thresholds: this.#thresholds,
        now,
      });
    });
  }

  async #compare(
    models: JudgedModel[],
    counts: Map<string, RequestCount[]>,
    now: Date,
  ): Promise<DriftSight[]> {
    const sights: DriftSight[] = [];
    const wanted: { at: number; place: ModelPlace & { version: number } }[] =
      [];
    let features = 0;
    const profiles = new Map<number, Profile>();
    const readWanted = async () => {
      const found = await this.#recent.readProfiles(
        wanted.map(({ place }) => place),
        this.#since(HEALTH_SPAN_MILLIS),
        mergeOptionalProfiles,
      );
      for (const { at, place } of wanted) {
        const profile = found.get(modelKey(place));
        if (profile) profiles.set(at, profile);
      }
      wanted.length = 0;
      features = 0;
    };
    const baselines: (Profile | undefined)[] = [];
    for (const [at, { environment, model }] of models.entries()) {
      const version = mainVersion(
        counts.get(modelKey({ environment, model })) ?? [],
        now,
      );
      const sight = await this.#findSight(model, version);
      sights.push(sight.sight);
      baselines.push(sight.baseline);
      if (version === undefined || !sight.baseline) continue;
      wanted.push({ at, place: { environment, model, version } });
      features += sight.baseline.features.length;
      if (features >= FEATURES_A_QUERY) await readWanted();
    }
    if (wanted.length > 0) await readWanted();
    return sights.map((sight, at) => {
      const [baseline, current] = [baselines[at], profiles.get(at)];
      return sight.state === 'compared' && baseline && current
        ? { ...sight, report: compareProfiles(baseline, current) }
        : sight;
    });
  }

  async #findSight(
    model: string,
    version: number | undefined,
  ): Promise<{ sight: DriftSight; baseline?: Profile }> {
    if (version === undefined) return { sight: { state: 'nothing' } };
    try {
      const watched = await this.#baselines.findWatched(model, version);
      const { uncovered = [], baseline } = watched ?? {};
      return baseline
        ? { sight: { state: 'compared', version, uncovered }, baseline }
        : { sight: { state: 'no-baseline', version, uncovered } };
    } catch {
      // A verdict on errors is better than none; that drift is not seen is part of it.
      return { sight: { state: 'unknown', version } };
    }
  }

  #since(spanMillis: number): { fromMillis: number; toMillis: number } {
    const nowMillis = this.#clock().getTime();
    return {
      fromMillis: nowMillis - spanMillis,
      toMillis: nowMillis + spanMillis,
    };
  }
}
