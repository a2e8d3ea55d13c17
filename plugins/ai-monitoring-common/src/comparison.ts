import type { Measure } from '@greenroom/plugin-ai-registry-common';

/** What was counted of one version in a comparison. */
export interface ComparedVersion {
  version: number;
  isControl: boolean;
  /** Planned share, in percent. */
  sharePercent: number;
  /** Callers; requests without an assignment id are one each. */
  units: number;
  requests: number;
  /** Quantiles of the latency in milliseconds; absent without a request. */
  latencyMillis?: { p50: number; p95: number; p99: number };
}

/** A metric of one version against the control. Numbers are in the unit of the measure, absent where nothing can be said yet. */
export interface ComparedMetric {
  name: string;
  measure: Measure;
  direction: 'higher-is-better' | 'lower-is-better';
  margin: number;
  /** As it was divided among everything that may decide. */
  alpha: number;
  version: number;
  /** For a latency both are shares of requests slower than `thresholdMillis`. */
  control?: number;
  treatment?: number;
  thresholdMillis?: number;
  /** Treatment less control. */
  effect?: number;
  /** Always valid: it may be looked at as often as one likes. One end is absent for a one-sided one. */
  interval?: { lower?: number; upper?: number };
  /** Always valid. */
  pValue?: number;
  /** Bayesian: chance that the version is better, 0 to 1, and what is lost on average by choosing it although it is worse. */
  chanceToWin?: number;
  expectedLoss?: number;
  /** Whether what was known of callers beforehand was taken out (CUPED). */
  isAdjusted: boolean;
  status:
    | 'not-enough-data'
    | 'undecided'
    /** A metric: better for sure. */
    | 'better'
    /** A metric: worse by more than the margin for sure. A guardrail: it is broken. */
    | 'worse'
    /** Not worse by more than the margin for sure. */
    | 'not-worse';
  /** What that means, in a sentence with its numbers. */
  summary: string;
}

/** What a comparison says should happen. */
export type ComparisonVerdict =
  /** A guardrail is broken, or a metric is worse for sure: the version is to be taken back. */
  | { kind: 'take-back'; version: number; metric: string; reason: string }
  /** The first metric says that this version is the best for sure. */
  | { kind: 'better'; version: number; reason: string }
  /** Every metric is at least not worse for sure, with enough callers. */
  | { kind: 'not-worse'; reason: string }
  | { kind: 'undecided'; reason: string };

/** What is planned, before anything is known. */
export interface ComparisonExpectation {
  name: string;
  /** What it says, e.g. within how many requests of the version a rate of 5 % errors is seen with the power. */
  sentence: string;
  /** Requests of the version for a guardrail, its callers for a metric; absent where what is known does not tell. */
  units?: number;
  /** With the traffic of the last hour; absent without any. */
  seconds?: number;
}

/** How a comparison stands. */
export interface ComparisonReport {
  id: string;
  environment: string;
  model: string;
  /** ISO 8601. */
  startedAt: string;
  asOf: string;
  versions: ComparedVersion[];
  /** Whether callers came to the versions as planned; a mismatch means that no result can be trusted. */
  sampleRatio: { pValue?: number; isMismatch: boolean };
  metrics: ComparedMetric[];
  guardrails: ComparedMetric[];
  /** Whether each version has the callers that the plan asks for. */
  hasEnoughUnits: boolean;
  verdict: ComparisonVerdict;
  expectations: ComparisonExpectation[];
  /** Probability that each version is the best by the first metric; absent without one. */
  chanceToBeBest?: { version: number; probability: number }[];
  /** Records that could not be counted, for whatever reason. */
  uncounted: number;
  /** Copies that a shadow has left out, since too many were on their way. */
  copiesLeftOut: number;
  /** Share of the callers with an assignment id that are counted, chosen by their hash, 0 to 1; absent while all are. */
  countedUnitsShare?: number;
}

/** How a metric of a comparison went over time, oldest first. */
export interface ComparisonHistory {
  id: string;
  points: {
    /** ISO 8601. */
    at: string;
    metrics: Pick<
      ComparedMetric,
      'name' | 'version' | 'effect' | 'interval' | 'chanceToWin'
    >[];
    units: { version: number; units: number }[];
  }[];
}

/** What callers said of the requests of a version on a day. */
export interface OutcomeCounts {
  /** ISO 8601; the day of the requests, UTC. */
  day: string;
  model: string;
  version: number;
  name: string;
  /** Joined with their request. */
  matched: number;
  /** Mean of the values, true as 1; absent for labels. */
  mean?: number;
  /** Share of labels that were predicted, 0 to 1; absent where there are none. */
  accuracy?: number;
}

/** How good a version is by what callers said, beside what was known of it before. */
export interface RealisedQuality {
  version: number;
  /** Share of labels that were predicted, over the time; absent where there are none. */
  accuracy?: number;
  labels: number;
  /** Quality on rows that training did not see, from the registration; absent where there is none. */
  heldOut?: { metric: string; value: number; dataset: string; rows: number };
  estimate: QualityEstimate;
}

/**
 * What is known of a classification without labels: the share of its answers that would be right
 * if its own probabilities are, which is their mean over the predicted classes.
 */
export type QualityEstimate =
  | {
      isKnown: true;
      /** 0 to 1. */
      accuracy: number;
      /** Requests that it is the mean of. */
      predictions: number;
    }
  | { isKnown: false; reason: string };

/** What a version is expected to be right in on a day, as {@link QualityEstimate} has it. */
export interface ExpectedAccuracy {
  /** ISO 8601; the day of the requests, UTC. */
  day: string;
  version: number;
  /** 0 to 1. */
  accuracy: number;
  /** Requests that it is the mean of. */
  predictions: number;
}

/** Outcomes that could not be joined. */
export interface OutcomeLosses {
  model: string;
  /** Came a second time. */
  duplicate: number;
  /** Their request was not sampled, is not known, or its outcome is of another kind. */
  unmatched: number;
  /** Came after the days that their request is kept, before it was forgotten; later they are unmatched. */
  late: number;
  /** Requests that were not kept, so that they cannot be given one: too many in a second or a day, or at no known time. */
  shed: number;
}
