/** Says that a model, or one of its versions, should not be used any more. It goes on answering until somebody stops it. */
export interface Deprecation {
  /** When it was deprecated, ISO 8601; it stays when something else of it is changed. */
  since: string;
  /** When it may stop answering, ISO 8601; undefined while that is not decided. */
  sunsetAt?: string;
  /** What to call instead. */
  replacement?: Replacement;
  /** Why, and what callers have to do; for people. */
  message: string;
  /** Entity ref of who deprecated it. */
  deprecatedBy: string;
}

export interface Replacement {
  model: string;
  /** Undefined for whichever version answers callers who name none. */
  version?: number;
}

export type NewDeprecation = Pick<
  Deprecation,
  'sunsetAt' | 'replacement' | 'message'
>;

/** A model as a whole, or one of its versions. */
export interface DeprecatedThing {
  model: string;
  /** Undefined for the model as a whole. */
  version?: number;
}

/** A deprecation with what it is about. */
export type ListedDeprecation = DeprecatedThing & Deprecation;

/**
 * What callers of a version are told: of its own deprecation and that of its model, the one whose
 * sunset comes first; where neither does, its own.
 */
export function deprecationInForce<T extends Pick<Deprecation, 'sunsetAt'>>(
  ofVersion: T | undefined,
  ofModel: T | undefined,
): T | undefined {
  if (!ofVersion || !ofModel) return ofVersion ?? ofModel;
  return sunsetMillis(ofModel) < sunsetMillis(ofVersion) ? ofModel : ofVersion;
}

function sunsetMillis({ sunsetAt }: Pick<Deprecation, 'sunsetAt'>): number {
  return sunsetAt === undefined ? Infinity : Date.parse(sunsetAt);
}

/** "model 'x'", or "version 3 of model 'x'". */
export function describeDeprecated({
  model,
  version,
}: DeprecatedThing): string {
  return version === undefined
    ? `model '${model}'`
    : `version ${version} of model '${model}'`;
}

const DAY_MILLIS = 24 * 60 * 60_000;

/** Whole days that are left until a sunset, rounded up; 0 on and after it. */
export function daysUntil(sunsetAt: string, now: Date): number {
  return Math.max(
    0,
    Math.ceil((Date.parse(sunsetAt) - now.getTime()) / DAY_MILLIS),
  );
}
