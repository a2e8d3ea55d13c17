import { chooseByWeight, stickyBucket } from '@greenroom/ml-kit';
import type {
  ManifestLanguageModel,
  ModelRoute,
} from '@greenroom/plugin-ai-inference-common';
import type { ServedVersion } from './ServedVersion';

export interface ServedVariant {
  served: ServedVersion;
  /** 0 for a version that answers only when it is asked for by name. */
  weightPercent: number;
}

/** A version that is wanted and not loaded: on its way, or failed. */
export interface PendingVersion {
  version: number;
  /** Why the last attempt failed; undefined while there was none. */
  error: string | undefined;
}

/** The variants that answer for one model right now. */
export class ServedRoute {
  readonly model: string;
  readonly recordedRowsPerSecond: number;
  /** Loaded versions, ascending, including those that answer only by name. */
  readonly versions: readonly ServedVersion[];
  readonly variants: readonly ServedVariant[];
  /** Versions that are wanted and not loaded. */
  readonly pending: readonly PendingVersion[];
  /** Models that answer in its place, in this order, and for which reasons each does. */
  readonly fallbacks: NonNullable<ManifestLanguageModel['fallbacks']>;
  readonly #salt: string;
  readonly #weighted: readonly ServedVersion[];
  readonly #weightsPercent: number[];

  constructor(options: {
    route: Pick<
      ModelRoute,
      'model' | 'salt' | 'recordedRowsPerSecond' | 'languageModel'
    >;
    /** In the order of the snapshot, on which sticky assignment depends. */
    variants: readonly ServedVariant[];
    pending: readonly PendingVersion[];
  }) {
    const { route, variants } = options;
    this.model = route.model;
    this.recordedRowsPerSecond = route.recordedRowsPerSecond;
    this.fallbacks = route.languageModel?.fallbacks ?? [];
    this.variants = variants;
    this.pending = options.pending;
    this.versions = variants
      .map(variant => variant.served)
      .sort((a, b) => a.version - b.version);
    this.#salt = route.salt;
    const weighted = variants.filter(variant => variant.weightPercent > 0);
    const total = weighted.reduce((sum, v) => sum + v.weightPercent, 0);
    this.#weighted = weighted.map(variant => variant.served);
    this.#weightsPercent = weighted.map(v => (v.weightPercent * 100) / total);
  }

  /** Whether a request that names no version can be answered. */
  get ready(): boolean {
    return this.#weighted.length > 0;
  }

  /** What is wrong with the wanted versions, for those who may know; undefined when nothing is. */
  get failure(): string | undefined {
    const failed = this.pending.find(({ error }) => error !== undefined);
    return failed && describePending(failed);
  }

  /** The version that most requests get. */
  get main(): ServedVersion | undefined {
    return this.variants.reduce<ServedVariant | undefined>(
      (best, variant) =>
        variant.weightPercent > (best?.weightPercent ?? 0) ? variant : best,
      undefined,
    )?.served;
  }

  find(version: number): ServedVersion | undefined {
    for (let i = 0; i < this.versions.length; i++) {
      if (this.versions[i].version === version) return this.versions[i];
    }
    return undefined;
  }

  /**
   * Chooses the version for a request that names none.
   *
   * @param assignmentId - the same id gets the same version as long as the weights
   *   stay, and moves at most once while they ramp; without one the choice is random
   * @param random - uniform in [0, 1)
   * @returns undefined when no variant with a weight is loaded.
   */
  choose(
    assignmentId: string | undefined,
    random: () => number,
  ): ServedVersion | undefined {
    const weighted = this.#weighted;
    if (weighted.length < 2) return weighted[0];
    const bucket =
      assignmentId === undefined
        ? random()
        : stickyBucket(this.#salt, assignmentId);
    return weighted[chooseByWeight(bucket, this.#weightsPercent)];
  }
}

/** Says why a version does not answer. */
export function describePending({ version, error }: PendingVersion): string {
  return error === undefined
    ? `version ${version} is being loaded`
    : `version ${version} could not be loaded: ${error}`;
}
