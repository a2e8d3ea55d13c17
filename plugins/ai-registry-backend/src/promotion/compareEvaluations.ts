import { pairedBootstrap } from '@greenroom/ml-kit';
import type {
  Evaluation,
  GateEvidence,
} from '@greenroom/plugin-ai-registry-common';

type EvaluationEvidence = Extract<GateEvidence, { kind: 'evaluation' }>;

/**
 * passed: not worse than what runs by more than the margin, with 95 % confidence.
 * failed: worse, with the same confidence, and perhaps by more than the margin.
 * cannot-tell: the evaluations are missing, are not of the same rows, or have too few rows for either;
 * a question for people, not for arithmetic.
 */
export type EvaluationOutcome = 'passed' | 'failed' | 'cannot-tell';

export interface EvaluationVerdict {
  outcome: EvaluationOutcome;
  /** One or two sentences for people. */
  summary: string;
  evidence: EvaluationEvidence;
}

/** Fewer rows never pass: what a row can lose is then little more than a guess. */
export const LEAST_ROWS = 20;

/**
 * No number of rows proves that nothing at all is lost. At a margin of 0 a version passes that no row tells from the
 * other, when a loss of this share of the score's range would have shown itself: 0.02 takes 184 rows.
 */
const UNSEEN_LOSS_SHARE = 0.02;

/**
 * Whether a candidate is not worse than what runs by more than a margin. It passes
 * when even the lower end of the improvement's 95 % confidence interval lies above
 * minus the margin, and there are at least {@link LEAST_ROWS} rows; that needs both
 * to have been evaluated on the same rows.
 */
export function compareEvaluations(options: {
  base: { version: number; evaluation?: Evaluation };
  candidate: { version: number; evaluation?: Evaluation };
  /** Share of the base's metric that may be lost, from 0 to 1. */
  marginShare: number;
  /**
   * Whether the metric is a share of right answers: what may be lost are points then, a share of what the metric can
   * move over. A share of the base's would be nothing where the base has nothing right.
   */
  isShare?: boolean;
}): EvaluationVerdict {
  const { base, candidate, marginShare, isShare = false } = options;
  const evidence: EvaluationEvidence = {
    kind: 'evaluation',
    comparedWith: base.version,
  };
  const missing = whatIsMissing(base, candidate);
  if (missing) return { outcome: 'cannot-tell', summary: missing, evidence };

  const { primary, metrics, perRow = [] } = base.evaluation!;
  const baseValue = metrics[primary.name] ?? mean(perRow);
  const candidateRows = candidate.evaluation!.perRow!;
  const candidateValue =
    candidate.evaluation!.metrics[primary.name] ?? mean(candidateRows);
  const margin = isShare ? marginShare : marginShare * Math.abs(baseValue);
  const { differingRows, ...paired } = pairedBootstrap({
    base: perRow,
    candidate: candidateRows,
    higherIsBetter: primary.higherIsBetter,
  });
  const comparison: Comparison = {
    rows: perRow.length,
    margin,
    isShare,
    isShareOfNothing: margin === 0 && marginShare > 0,
    improvement: paired.improvement,
    interval: paired.interval,
    accepted:
      differingRows === 0 && margin === 0
        ? UNSEEN_LOSS_SHARE * scoreRange(perRow)
        : margin,
  };
  const outcome = outcomeOf(comparison);
  const measured = {
    base: base.evaluation!.measured !== undefined,
    candidate: candidate.evaluation!.measured !== undefined,
  };
  return {
    outcome,
    summary: `${summaryOf(
      outcome,
      comparison,
      base.version,
      primary.name,
    )}${howKnown(measured, {
      base: base.version,
      candidate: candidate.version,
    })}`,
    evidence: {
      ...evidence,
      measured,
      metric: primary.name,
      base: baseValue,
      candidate: candidateValue,
      margin,
      paired: { metric: primary.name, rows: perRow.length, ...paired },
    },
  };
}

/** Nothing where all of it is claimed, as it is where nobody measures. */
function howKnown(
  measured: { base: boolean; candidate: boolean },
  versions: { base: number; candidate: number },
): string {
  if (measured.base && measured.candidate) return ' Both were measured here.';
  if (!measured.base && !measured.candidate) return '';
  const [here, claimed] = measured.candidate
    ? [versions.candidate, versions.base]
    : [versions.base, versions.candidate];
  return ` Version ${here} was measured here; of version ${claimed} it is what somebody claims.`;
}

interface Comparison {
  rows: number;
  improvement: number;
  interval: [number, number];
  /** Largest loss that is let through. */
  margin: number;
  isShare: boolean;
  /** Whether nothing may be lost only since the base's metric is 0. */
  isShareOfNothing: boolean;
  /** The loss that must be ruled out: the margin, or more when it is 0 and no row differs. */
  accepted: number;
}

function outcomeOf(comparison: Comparison): EvaluationOutcome {
  const { rows, interval, accepted } = comparison;
  if (interval[0] > -accepted && rows >= LEAST_ROWS) return 'passed';
  return interval[1] < 0 ? 'failed' : 'cannot-tell';
}

function summaryOf(
  outcome: EvaluationOutcome,
  comparison: Comparison,
  baseVersion: number,
  metric: string,
): string {
  const { rows, margin, interval, isShare } = comparison;
  const number = (value: number) => show(isShare ? value * 100 : value);
  const unit = isShare ? ' percentage points' : '';
  const limit =
    isShare && margin === 0.01
      ? '1 percentage point'
      : `${number(margin)}${unit}`;
  const gain = `Compared with version ${baseVersion} the gain lies between ${number(
    interval[0],
  )} and ${number(
    interval[1],
  )}${unit} of ${metric} (95 % confidence, ${rows} rows)`;
  if (outcome === 'passed') return `${gain}; up to ${limit} may be lost.`;
  if (outcome === 'failed') {
    return `${gain}: it is worse, and more than ${limit} may be lost.`;
  }
  return `${gain}: these rows cannot tell whether more than ${limit} is lost. ${howToTell(
    comparison,
    baseVersion,
  )}`;
}

function howToTell(comparison: Comparison, baseVersion: number): string {
  const needed = rowsNeeded(comparison);
  if (needed !== undefined) {
    return `About ${needed} rows that turn out alike would.`;
  }
  return comparison.isShareOfNothing
    ? `Nothing may be lost, since what may is a share of what version ${baseVersion} has, which is 0.`
    : 'More rows that turn out alike would not show that it is good enough.';
}

/** Rows from which the same improvement with the same spread would pass; undefined when no number would, or too many. */
function rowsNeeded(comparison: Comparison): number | undefined {
  const { rows, improvement, interval, accepted } = comparison;
  const distance = improvement + accepted;
  if (!(distance > 0)) return undefined;
  const needed = Math.max(
    LEAST_ROWS,
    rows * ((improvement - interval[0]) / distance) ** 2,
  );
  return needed < 1e7 ? Number(needed.toPrecision(1)) : undefined;
}

/** What the score of a row can move over, where no two scores differ. */
function scoreRange(scores: number[]): number {
  if (scores.every(score => score === 0 || score === 1)) return 1;
  const [least, most] = scores.reduce(
    ([low, high], score) => [Math.min(low, score), Math.max(high, score)],
    [0, 0],
  );
  return most - least;
}

interface Evaluated {
  version: number;
  evaluation?: Evaluation;
}

function whatIsMissing(
  base: Evaluated,
  candidate: Evaluated,
): string | undefined {
  for (const { version, evaluation } of [candidate, base]) {
    if (!evaluation) {
      return `Version ${version} has no evaluation: register one that was evaluated on held-out rows.`;
    }
    if (!evaluation.perRow?.length) {
      return `The evaluation of version ${version} has no value per row: without them the uncertainty cannot be told.`;
    }
  }
  const [one, other] = [base.evaluation!, candidate.evaluation!];
  if (one.dataset.digest !== other.dataset.digest) {
    return `Version ${candidate.version} was evaluated on '${
      other.dataset.name
    }' (${short(other.dataset.digest)}) and version ${base.version} on '${
      one.dataset.name
    }' (${short(one.dataset.digest)}): evaluate both on the same rows.`;
  }
  if (
    one.primary.name !== other.primary.name ||
    one.primary.higherIsBetter !== other.primary.higherIsBetter
  ) {
    return `The primary metric of version ${candidate.version} is ${other.primary.name}, that of version ${base.version} is ${one.primary.name}: evaluate both with the same.`;
  }
  if (one.perRow!.length !== other.perRow!.length) {
    return `The evaluations have ${other.perRow!.length} and ${
      one.perRow!.length
    } rows although their data set is the same: register the missing ones.`;
  }
  return undefined;
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function short(digest: string): string {
  return digest.slice(0, 19);
}

function show(value: number): string {
  return String(Number(value.toPrecision(3)));
}
