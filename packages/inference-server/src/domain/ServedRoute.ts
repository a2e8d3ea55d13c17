import { chooseByWeight, rendezvousArm, saltedHash } from '@greenroom/ml-kit';
import type {
  ManifestLanguageModel,
  ModelRoute,
  RouteComparison,
  RouteShadow,
} from '@greenroom/plugin-ai-inference-common';
import {
  OWN_UNIT,
  UNCOUNTED,
  type AssignedBy,
  type Assignment,
} from './Assignment';
import { DeprecationNotices } from './DeprecationNotices';
import type { ServedVersion } from './ServedVersion';
import { isSampled, percentOf, unitOf } from './unitOf';

export interface ServedVariant {
  served: ServedVersion;
  /** 0 for a version that answers only when it is asked for by name. */
  weightPercent: number;
}

/** A version that is wanted and not loaded: on its way, or failed. */
export interface PendingVersion {
  version: number;
  /** Its share once it is loaded. */
  weightPercent: number;
  /** Why the last attempt failed; undefined while there was none. */
  error: string | undefined;
}

/** What a route's snapshot says of it, apart from its variants. */
export type RouteFacts = Pick<
  ModelRoute,
  | 'model'
  | 'salt'
  | 'recordedRowsPerSecond'
  | 'languageModel'
  | 'comparison'
  | 'shadow'
  | 'outcomes'
  | 'deprecations'
>;

interface RouteParts {
  route: RouteFacts;
  variants: readonly ServedVariant[];
  pending: readonly PendingVersion[];
  /** Versions that answer only by name, whatever their shares are. */
  braked?: ReadonlySet<number>;
}

/** Variants with a share, in columns, as they are drawn from for each request. */
class Arms {
  readonly versions: readonly number[];
  readonly weights: readonly number[];
  readonly served: readonly (ServedVersion | undefined)[];

  constructor(
    arms: readonly {
      version: number;
      weightPercent: number;
      served: ServedVersion | undefined;
    }[],
  ) {
    this.versions = arms.map(({ version }) => version);
    this.weights = arms.map(({ weightPercent }) => weightPercent);
    this.served = arms.map(({ served }) => served);
  }
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
  readonly comparison: RouteComparison | undefined;
  readonly shadow: RouteShadow | undefined;
  /** Which requests can be given an outcome; undefined for none. */
  readonly outcomes: { samplePercent: number } | undefined;
  /** What callers are told of deprecated versions; undefined where none are. */
  readonly deprecated: DeprecationNotices | undefined;
  readonly salt: string;
  readonly #parts: RouteParts;
  /** Those with a share, loaded or not, by their versions. */
  readonly #arms: Arms;
  /** Those of them that answer. */
  readonly #answering: Arms;

  constructor(parts: RouteParts) {
    const { route, variants, pending, braked } = parts;
    this.#parts = parts;
    this.model = route.model;
    this.recordedRowsPerSecond = route.recordedRowsPerSecond;
    this.fallbacks = route.languageModel?.fallbacks ?? [];
    this.comparison = route.comparison;
    this.shadow = route.shadow;
    this.outcomes = route.outcomes;
    this.deprecated = DeprecationNotices.of(route.deprecations);
    this.variants = variants;
    this.pending = pending;
    this.versions = variants
      .map(variant => variant.served)
      .sort((a, b) => a.version - b.version);
    this.salt = route.salt;
    const withShare = variants.filter(variant => variant.weightPercent > 0);
    const arms = [
      ...withShare.map(({ served, weightPercent }) => ({
        version: served.version,
        weightPercent,
        served: braked?.has(served.version) ? undefined : served,
      })),
      ...pending
        .filter(({ weightPercent }) => weightPercent > 0)
        .map(({ version, weightPercent }) => ({
          version,
          weightPercent,
          served: undefined,
        })),
    ];
    const answering = arms.filter(({ served }) => served !== undefined);
    this.#arms = new Arms(arms);
    this.#answering =
      answering.length === arms.length ? this.#arms : new Arms(answering);
  }

  /** The rollout whose versions are compared; undefined where none are. */
  get rolloutId(): string | undefined {
    // `<rolloutId>.<n>`: each change of the shares is another comparison of the same rollout.
    return this.comparison?.id.replace(/\.[^.]*$/, '');
  }

  /** Whether requests that name no version are answered by one of several. */
  get isShared(): boolean {
    return this.#answering.versions.length > 1;
  }

  /** Versions that answer requests which name none. */
  get answering(): readonly number[] {
    return this.#answering.versions;
  }

  /** Whether a version is to get requests that name none, be it loaded or not. */
  hasShare(version: number): boolean {
    return this.#arms.versions.includes(version);
  }

  /** The same route, without traffic for these versions; itself where nothing else could answer. */
  without(braked: ReadonlySet<number>): ServedRoute {
    const route = new ServedRoute({ ...this.#parts, braked });
    return route.ready ? route : this;
  }

  /** Whether a request that names no version can be answered. */
  get ready(): boolean {
    return this.#answering.served.length > 0;
  }

  /** What is wrong with the wanted versions, for those who may know; undefined when nothing is. */
  get failure(): string | undefined {
    const failed = this.pending.find(({ error }) => error !== undefined);
    return failed && describePending(failed);
  }

  /** The version that most requests get. */
  get main(): ServedVersion | undefined {
    const { served, weights } = this.#answering;
    return served[weights.indexOf(Math.max(...weights))];
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
   * The same id gets the same version as long as the weights stay, and moves only to one whose
   * share grows; without an id the choice is random.
   *
   * @param random - uniform in [0, 1)
   * @returns undefined when no variant with a weight is loaded.
   */
  assign(by: AssignedBy, random: () => number): Assignment | undefined {
    const { assignmentId } = by;
    const answering = this.#answering.served;
    if (answering.length === 0) return undefined;
    const outsider = this.#controlForOutsider(assignmentId);
    if (outsider) return { served: outsider, route: this, unit: UNCOUNTED };
    const arms = this.#arms;
    const own =
      arms.served.length === 1
        ? arms.served[0]
        : this.#draw(arms, assignmentId, random);
    if (own === undefined) {
      // Its own version does not answer: who is given another one says nothing about that.
      const served = this.#draw(this.#answering, assignmentId, random);
      return served && { served, route: this, unit: UNCOUNTED };
    }
    return {
      served: own,
      route: this,
      unit: this.#unitOf(by),
      copiedTo: this.#shadowOf(by, random),
    };
  }

  #draw(
    arms: Arms,
    assignmentId: string | undefined,
    random: () => number,
  ): ServedVersion | undefined {
    const index =
      assignmentId === undefined
        ? chooseByWeight(random(), arms.weights)
        : rendezvousArm(
            saltedHash(this.salt, assignmentId),
            arms.versions,
            arms.weights,
          );
    return arms.served[index];
  }

  /** The control, for a request whose caller takes no part in the comparison. */
  #controlForOutsider(
    assignmentId: string | undefined,
  ): ServedVersion | undefined {
    const { namespace, control } = this.comparison ?? {};
    if (namespace === undefined || control === undefined) return undefined;
    const { name, fromPercent, toPercent } = namespace;
    if (assignmentId !== undefined) {
      const percent = percentOf(`namespace/${name}`, assignmentId);
      if (percent >= fromPercent && percent < toPercent) return undefined;
    }
    const { versions, served } = this.#answering;
    // Where the control does not answer, another one has to; the request does not count for it.
    return served[versions.indexOf(control)] ?? served[0];
  }

  /** The shadow, for the requests of its sample: all of a caller's with an id, or none. */
  #shadowOf(
    { assignmentId, isUncounted }: AssignedBy,
    random: () => number,
  ): RouteShadow | undefined {
    const { shadow } = this;
    if (shadow === undefined || isUncounted) return undefined;
    const purpose = `shadow/${shadow.comparison}`;
    return isSampled(purpose, shadow.samplePercent, assignmentId, random)
      ? shadow
      : undefined;
  }

  /** Whether some compared version does not answer here: the others' callers alone would skew what is counted. */
  get #isPartial(): boolean {
    return this.comparison !== undefined && this.#answering !== this.#arms;
  }

  #unitOf({ assignmentId, isUncounted }: AssignedBy): number {
    if (isUncounted || this.#isPartial) return UNCOUNTED;
    if (assignmentId === undefined) return OWN_UNIT;
    const { comparison } = this;
    return comparison ? unitOf(comparison.id, assignmentId) : OWN_UNIT;
  }
}

/** Says why a version does not answer. */
export function describePending({
  version,
  error,
}: Pick<PendingVersion, 'version' | 'error'>): string {
  return error === undefined
    ? `version ${version} is being loaded`
    : `version ${version} could not be loaded: ${error}`;
}
