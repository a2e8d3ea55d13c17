import type { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import {
  createDdSketch,
  type DdSketch,
  mergeDdSketches,
} from '@greenroom/ml-kit';
import type {
  AiInferenceClient,
  Comparison,
} from '@greenroom/plugin-ai-inference-common';
import type { WindowStore } from '../windows/WindowStore';
import type { KnownBefore } from './comparedState';
import type { ComparisonStore, LearntComparison } from './ComparisonStore';
import {
  LEAST_FOR_THRESHOLD,
  lacksThresholds,
  setThresholdsBy,
} from './countRequests';

/** A batch waits for the answer. */
const TIMEOUT_MILLIS = 3_000;
/** Comparisons that run at the same time, and more. */
const MOST_REMEMBERED = 1_000;
/** How soon an id is asked for again that nobody knew, or that nobody could be asked for. */
const UNKNOWN_MILLIS = 60_000;
const UNREACHABLE_MILLIS = 5_000;
/** How soon it is looked again whether a shadow's control had enough requests. */
const FEW_REQUESTS_MILLIS = 10_000;
const HOUR_MILLIS = 3_600_000;
const DAY_MILLIS = 24 * HOUR_MILLIS;

/** Learns by which plans versions are compared, when records name a comparison that is not known. */
export class ComparisonSource {
  readonly #inference: Pick<AiInferenceClient, 'getComparison'>;
  readonly #auth: AuthService;
  readonly #store: Pick<
    ComparisonStore,
    'findPlan' | 'learn' | 'addThresholds'
  >;
  readonly #windows: Pick<WindowStore, 'listTraffic'>;
  readonly #logger: LoggerService;
  readonly #clock: () => Date;
  /** Ids whose plan the store has, with what is slow where windows say it. */
  readonly #learnt = new Set<string>();
  /** Ids that are not asked for before then. */
  readonly #restUntilMillis = new Map<string, number>();

  constructor(options: {
    inference: Pick<AiInferenceClient, 'getComparison'>;
    auth: AuthService;
    store: Pick<ComparisonStore, 'findPlan' | 'learn' | 'addThresholds'>;
    windows: Pick<WindowStore, 'listTraffic'>;
    logger: LoggerService;
    clock: () => Date;
  }) {
    this.#inference = options.inference;
    this.#auth = options.auth;
    this.#store = options.store;
    this.#windows = options.windows;
    this.#logger = options.logger;
    this.#clock = options.clock;
  }

  /**
   * Has the store know the plans of these comparisons, where they can be had.
   * Never throws for one that cannot: its records are counted as traffic all the same.
   */
  async learn(ids: Iterable<string>): Promise<void> {
    await Promise.all([...new Set(ids)].map(id => this.#learnOne(id)));
  }

  async #learnOne(id: string): Promise<void> {
    const nowMillis = this.#clock().getTime();
    if (this.#learnt.has(id)) return;
    if ((this.#restUntilMillis.get(id) ?? 0) > nowMillis) return;
    let learnt = await this.#store.findPlan(id);
    if (!learnt) {
      const comparison = await this.#ask(id);
      if (!comparison) return;
      const looked = await this.#lookBack(comparison);
      await this.#store.learn(looked, this.#clock());
      learnt = looked;
    }
    if (!(await this.#knowsWhatIsSlow(learnt))) {
      this.#rest(id, FEW_REQUESTS_MILLIS);
      return;
    }
    if (this.#learnt.size >= MOST_REMEMBERED) this.#learnt.clear();
    this.#learnt.add(id);
    this.#restUntilMillis.delete(id);
  }

  /**
   * Requests of a shadow's control are not told of as such, so that the first of them cannot say
   * what is slow, as they do otherwise: its windows say so, as soon as there are enough in them.
   */
  async #knowsWhatIsSlow(
    learnt: Omit<LearntComparison, 'knownBefore'>,
  ): Promise<boolean> {
    const { comparison } = learnt;
    if (!comparison.isShadow || !lacksThresholds(learnt)) return true;
    const windows = await this.#windows.listTraffic({
      environment: comparison.environment,
      model: comparison.model,
      version: comparison.control,
      fromMillis: Date.parse(comparison.startedAt) - DAY_MILLIS,
      toMillis: this.#clock().getTime(),
    });
    const sketch = windows.reduce(
      (all, { latencyMicros }) => mergeDdSketches(all, latencyMicros),
      createDdSketch(),
    );
    if (sketch.count < LEAST_FOR_THRESHOLD) return false;
    const thresholdsMicros: Record<string, number> = {};
    setThresholdsBy({ comparison, thresholdsMicros }, sketch);
    await this.#store.addThresholds(comparison.id, thresholdsMicros);
    return true;
  }

  async #ask(id: string): Promise<Comparison | undefined> {
    try {
      const { token } = await this.#auth.getPluginRequestToken({
        onBehalfOf: await this.#auth.getOwnServiceCredentials(),
        targetPluginId: 'ai-inference',
      });
      return await this.#inference.getComparison(id, {
        token,
        signal: AbortSignal.timeout(TIMEOUT_MILLIS),
      });
    } catch (cause) {
      const error = toError(cause) as Error & { statusCode?: number };
      const isUnknown = error.statusCode === 404;
      this.#rest(id, isUnknown ? UNKNOWN_MILLIS : UNREACHABLE_MILLIS);
      this.#logger.warn(
        `The plan of comparison '${id}' cannot be had: what data planes tell of it counts as traffic, but not for the comparison, until it can`,
        error,
      );
      return undefined;
    }
  }

  #rest(id: string, millis: number): void {
    if (this.#restUntilMillis.size >= MOST_REMEMBERED) {
      this.#restUntilMillis.clear();
    }
    this.#restUntilMillis.set(id, this.#clock().getTime() + millis);
  }

  /** The control in the day before the comparison: what is slow for it, and how much traffic there is. */
  async #lookBack(comparison: Comparison) {
    const { environment, model, control: version } = comparison;
    const toMillis = Math.min(
      Date.parse(comparison.startedAt),
      this.#clock().getTime(),
    );
    const windows = await this.#windows.listTraffic({
      environment,
      model,
      version,
      fromMillis: toMillis - DAY_MILLIS,
      toMillis,
    });
    const knownBefore: KnownBefore = {
      requests: 0,
      failures: 0,
      requestsInLastHour: 0,
    };
    let sketch: DdSketch | undefined;
    for (const window of windows) {
      const answered = window.requests - window.limited;
      knownBefore.requests += answered;
      knownBefore.failures += window.serverErrors;
      if (window.startMillis >= toMillis - HOUR_MILLIS) {
        knownBefore.requestsInLastHour += answered;
      }
      sketch = sketch
        ? mergeDdSketches(sketch, window.latencyMicros)
        : window.latencyMicros;
    }
    const thresholdsMicros: Record<string, number> = {};
    if (sketch) knownBefore.latencyMicros = sketch;
    if (sketch && sketch.count >= LEAST_FOR_THRESHOLD) {
      setThresholdsBy({ comparison, thresholdsMicros }, sketch);
    }
    return { comparison, knownBefore, thresholdsMicros };
  }
}
