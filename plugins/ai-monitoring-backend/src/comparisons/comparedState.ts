import { createDdSketch, type DdSketch } from '@greenroom/ml-kit';
import type { Comparison } from '@greenroom/plugin-ai-inference-common';
import { addSums, emptySums, type UnitSums } from './unitSums';

/** Hashes of assignment ids are below this. */
export const UNIT_LIMIT = 2 ** 48;

/** What was counted of one version. */
export interface ComparedArm {
  version: number;
  requests: number;
  /** Callers with an assignment id, of those that are counted. */
  unitsWithId: number;
  /** Requests without one. */
  unitsWithoutId: number;
  latencyMicros: DdSketch;
  /** By key of what is measured. */
  withId: Record<string, UnitSums>;
  withoutId: Record<string, UnitSums>;
}

/** What was known of the control before: of the last 24 hours. */
export interface KnownBefore {
  requests: number;
  failures: number;
  /** Undefined without a request. */
  latencyMicros?: DdSketch;
  requestsInLastHour: number;
}

/** Everything that is known of a comparison. */
export interface ComparedState {
  comparison: Comparison;
  knownBefore: KnownBefore;
  /** By key of what is measured; those that wait for requests of the control are missing. */
  thresholdsMicros: Record<string, number>;
  /** Callers whose hash is not below this are not counted: {@link UNIT_LIMIT} while all are. */
  unitLimit: number;
  arms: ComparedArm[];
  /** Records that could not be counted. */
  uncounted: number;
  copiesLeftOut: number;
}

export function emptyArm(version: number): ComparedArm {
  return {
    version,
    requests: 0,
    unitsWithId: 0,
    unitsWithoutId: 0,
    latencyMicros: createDdSketch(),
    withId: {},
    withoutId: {},
  };
}

/** Of callers and of requests without one. */
export function sumsOf(arm: ComparedArm, key: string): UnitSums {
  return addSums(
    arm.withId[key] ?? emptySums(),
    arm.withoutId[key] ?? emptySums(),
  );
}
