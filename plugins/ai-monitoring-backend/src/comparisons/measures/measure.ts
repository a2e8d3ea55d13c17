import type { ArmPosterior } from '@greenroom/ml-kit';
import type { Measure } from '@greenroom/plugin-ai-registry-common';
import type { PlannedMetric } from '../comparedPlan';
import type { UnitSums } from '../unitSums';

/** A request of a version, or a copy that it answered as a shadow. */
export interface ComparedRequest {
  isCopy: boolean;
  status: number;
  latencyMicros: number;
  /** Of a copy: 1 for the same answer as the caller's, 0 for another one, -1 where there is nothing to compare. */
  agrees: number;
  /** Of the measure; undefined while it is not known, or where it has none. */
  thresholdMicros?: number;
}

/** The sums of both versions, those of callers and of requests without one together. */
export interface ComparedArms {
  control: UnitSums;
  treatment: UnitSums;
}

/** What the numbers say. Everything is undefined where they say nothing yet. */
export interface Evidence {
  control?: number;
  treatment?: number;
  effect?: number;
  interval?: { lower?: number; upper?: number };
  pValue?: number;
  chanceToWin?: number;
  expectedLoss?: number;
  isAdjusted: boolean;
  status: 'not-enough-data' | 'undecided' | 'better' | 'worse' | 'not-worse';
}

/** One kind of what can be measured: everything that tells it from the others. */
export interface MeasureRule<Kind extends Measure['kind'] = Measure['kind']> {
  /** What its numbers are kept under: equal for measures that count the same. */
  keyOf(
    measure: Extract<Measure, { kind: Kind }>,
    marginOfPlan: number,
  ): string;
  /** Of a request or copy; undefined where it is not counted. */
  valueOfRequest?(request: ComparedRequest): number | undefined;
  /** What has to be known of the control before anything is counted. */
  threshold?(
    measure: Extract<Measure, { kind: Kind }>,
    marginOfPlan: number,
  ): { quantile: number; plusMicros: number };
  /** The versions against each other, at the level of the plan. */
  judge(arms: ComparedArms, planned: PlannedMetric): Evidence;
  /** What is known of a version, for the chance that it is the best. */
  posteriorOf(sums: UnitSums): ArmPosterior | undefined;
  /** `{value}` in the measure's unit. */
  format(value: number): string;
  /** What is compared, in words that follow the name of a version. */
  noun: string;
}
