import type { AuthService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type { BaselineProfile } from '@greenroom/ml-kit';
import type {
  AiRegistryClient,
  Evaluation,
  ModelSchema,
} from '@greenroom/plugin-ai-registry-common';
import type { AnswerKind } from '../outcomes/estimate';
import { uncoveredInputs } from './coverage';

/** Each feature takes about a kilobyte. */
const MAX_REMEMBERED_FEATURES = 100_000;
/** What a version weighs beside its features. */
const VERSION_WEIGHT = 10;
const REGISTRY_TIMEOUT_MILLIS = 10_000;

/** What is watched of a version. */
export interface WatchedVersion {
  /** undefined when the version was registered without reference rows. */
  baseline?: BaselineProfile;
  /** What of its input nobody watches, in words. */
  uncovered: string[];
  answers: AnswerKind;
  /** Its quality on rows that training did not see. */
  heldOut?: { metric: string; value: number; dataset: string; rows: number };
}

/**
 * What the registry knows of versions, asked once: a version never changes. What was used last is
 * remembered, by its size.
 */
export class BaselineSource {
  readonly #registry: AiRegistryClient;
  readonly #auth: AuthService;
  /** In the order of their last use. */
  readonly #remembered = new Map<string, WatchedVersion>();
  #weight = 0;

  constructor(options: { registry: AiRegistryClient; auth: AuthService }) {
    this.#registry = options.registry;
    this.#auth = options.auth;
  }

  /**
   * @returns undefined when the version has no baseline, or does not exist
   * @throws when the registry could not answer
   */
  async find(
    model: string,
    version: number,
  ): Promise<BaselineProfile | undefined> {
    return (await this.findWatched(model, version))?.baseline;
  }

  /**
   * @returns undefined when the version does not exist
   * @throws when the registry could not answer
   */
  async findWatched(
    model: string,
    version: number,
  ): Promise<WatchedVersion | undefined> {
    const key = `${model}/${version}`;
    const watched =
      this.#remembered.get(key) ?? (await this.#fetch(model, version));
    // What does not exist yet may be registered in a moment.
    if (!watched) return undefined;
    this.#forget(key);
    this.#remembered.set(key, watched);
    this.#weight += weightOf(watched);
    while (
      this.#weight > MAX_REMEMBERED_FEATURES &&
      this.#remembered.size > 1
    ) {
      const [oldest] = this.#remembered.keys();
      this.#forget(oldest);
    }
    return watched;
  }

  #forget(key: string): void {
    const watched = this.#remembered.get(key);
    if (watched && this.#remembered.delete(key)) {
      this.#weight -= weightOf(watched);
    }
  }

  async #fetch(
    model: string,
    version: number,
  ): Promise<WatchedVersion | undefined> {
    const { token } = await this.#auth.getPluginRequestToken({
      onBehalfOf: await this.#auth.getOwnServiceCredentials(),
      targetPluginId: 'ai-registry',
    });
    try {
      const detail = await this.#registry.getVersion(model, version, {
        token,
        signal: AbortSignal.timeout(REGISTRY_TIMEOUT_MILLIS),
      });
      return {
        baseline: detail.baseline,
        uncovered: uncoveredInputs(detail),
        answers: answersOf(detail.schema),
        ...heldOutOf(detail.evaluation),
      };
    } catch (error) {
      const { statusCode } = toError(error) as { statusCode?: number };
      if (statusCode === 404) return undefined;
      throw error;
    }
  }
}

function answersOf(schema: ModelSchema | undefined): AnswerKind {
  if (!schema) return 'undescribed';
  if (schema.task === 'regression') return 'values';
  return schema.prediction.probabilityTensor ? 'probabilities' : 'classes';
}

function heldOutOf(
  evaluation: Evaluation | undefined,
): Pick<WatchedVersion, 'heldOut'> {
  if (!evaluation) return {};
  const { dataset, metrics, primary } = evaluation;
  const value = metrics[primary.name];
  if (value === undefined) return {};
  const { name, rows } = dataset;
  return { heldOut: { metric: primary.name, value, dataset: name, rows } };
}

function weightOf({ baseline }: WatchedVersion): number {
  return VERSION_WEIGHT + (baseline?.features.length ?? 0);
}
