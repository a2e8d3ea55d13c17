import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type {
  ExpectedAccuracy,
  OutcomeCounts,
  OutcomeLosses,
  RealisedQuality,
  TimeRange,
} from '@greenroom/plugin-ai-monitoring-common';
import type { Knex } from 'knex';
import type { BaselineSource } from '../baselines/BaselineSource';
import { parseTimeSpan } from '../monitoring/timeSpan';
import type { DeployedSettings } from './DeployedSettings';
import { estimateOf } from './estimate';
import {
  expectedByDay,
  listPredictionDays,
  type PredictionSums,
  sumByVersion,
} from './expected';
import { dayOf } from './outcome';
import { listDays, sumLabels, sumLosses } from './sums';

/** What callers said of requests, and what their answers said of themselves. */
export class OutcomeService {
  readonly #knex: Knex;
  readonly #baselines: Pick<BaselineSource, 'findWatched'>;
  readonly #settings: Pick<DeployedSettings, 'find' | 'refresh'>;
  readonly #logger: LoggerService;
  readonly #clock: () => Date;

  constructor(options: {
    knex: Knex;
    baselines: Pick<BaselineSource, 'findWatched'>;
    settings: Pick<DeployedSettings, 'find' | 'refresh'>;
    logger: LoggerService;
    clock: () => Date;
  }) {
    this.#knex = options.knex;
    this.#baselines = options.baselines;
    this.#settings = options.settings;
    this.#logger = options.logger;
    this.#clock = options.clock;
  }

  /** Of whole days (UTC): those that a range touches. */
  async list({
    environment,
    model,
    ...times
  }: { environment: string; model: string } & TimeRange): Promise<{
    items: OutcomeCounts[];
    lost: OutcomeLosses;
    quality: RealisedQuality[];
    expected: ExpectedAccuracy[];
  }> {
    const { fromMillis, toMillis } = parseTimeSpan(times, this.#clock());
    const query = {
      environment,
      model,
      fromDay: dayOf(new Date(fromMillis)),
      // The end itself is not included.
      toDay: dayOf(new Date(toMillis - 1)),
    };
    const [items, lost, labels, days] = await Promise.all([
      listDays(this.#knex, query),
      sumLosses(this.#knex, query),
      sumLabels(this.#knex, query),
      listPredictionDays(this.#knex, query),
      this.#settings.refresh(),
    ]);
    const told = new Map(labels.map(each => [each.version, each]));
    const kept = sumByVersion(days);
    const deployed = this.#settings.find(environment, model)?.version ?? [];
    const versions = [
      ...new Set([...told.keys(), ...kept.keys()].concat(deployed)),
    ];
    const quality = await Promise.all(
      versions
        .sort((a, b) => a - b)
        .map(version =>
          this.#toQuality(
            { environment, model, version },
            { labels: 0, predicted: 0, ...told.get(version) },
            kept.get(version),
          ),
        ),
    );
    return { items, lost, quality, expected: expectedByDay(days) };
  }

  async #toQuality(
    of: { environment: string; model: string; version: number },
    { labels, predicted }: { labels: number; predicted: number },
    sums: PredictionSums | undefined,
  ): Promise<RealisedQuality> {
    const { environment, model, version } = of;
    const watched = await this.#findWatched(model, version);
    return {
      version,
      labels,
      ...(labels > 0 && { accuracy: predicted / labels }),
      ...(watched?.heldOut && { heldOut: watched.heldOut }),
      estimate: estimateOf({
        sums,
        answers: watched?.answers ?? 'unknown',
        takesOutcomes: this.#settings.find(environment, model)?.takesOutcomes,
      }),
    };
  }

  /** What was counted is shown also while the registry cannot be asked. */
  async #findWatched(model: string, version: number) {
    try {
      return await this.#baselines.findWatched(model, version);
    } catch (error) {
      this.#logger.warn(
        `The registry does not say what version ${version} of ${model} is`,
        toError(error),
      );
      return undefined;
    }
  }
}
