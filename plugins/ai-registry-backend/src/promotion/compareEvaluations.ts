import { pairedBootstrap } from '@greenroom/ml-kit';
import type {
  Evaluation,
  GateEvidence,
} from '@greenroom/plugin-ai-registry-common';

type EvaluationEvidence = Extract<GateEvidence, { kind: 'evaluation' }>;

export interface EvaluationVerdict {
  passed: boolean;
  /** One or two sentences for people. */
  summary: string;
  evidence: EvaluationEvidence;
}

/**
 * Whether a candidate is not worse than what runs by more than a margin. It passes
 * when even the lower end of the improvement's 95 % confidence interval lies above
 * minus the margin; that needs both to have been evaluated on the same rows.
 */
export function compareEvaluations(options: {
  base: { version: number; evaluation?: Evaluation };
  candidate: { version: number; evaluation?: Evaluation };
  /** Share of the base's metric that may be lost, from 0 to 1. */
  marginShare: number;
}): EvaluationVerdict {
  const { base, candidate, marginShare } = options;
  const evidence: EvaluationEvidence = {
    kind: 'evaluation',
    comparedWith: base.version,
  };
  const missing = whatIsMissing(base, candidate);
  if (missing) return { passed: false, summary: missing, evidence };

  const { primary, metrics, perRow = [] } = base.evaluation!;
  const baseValue = metrics[primary.name] ?? mean(perRow);
  const candidateRows = candidate.evaluation!.perRow!;
  const candidateValue =
    candidate.evaluation!.metrics[primary.name] ?? mean(candidateRows);
  const margin = marginShare * Math.abs(baseValue);
  const { improvement, interval, method } = pairedBootstrap({
    base: perRow,
    candidate: candidateRows,
    higherIsBetter: primary.higherIsBetter,
  });
  const passed = interval[0] > -margin || (margin === 0 && interval[0] === 0);
  const range = `between ${show(interval[0])} and ${show(interval[1])}`;
  const of = `${primary.name} (95 % confidence, ${perRow.length} rows)`;
  return {
    passed,
    summary: passed
      ? `Compared with version ${
          base.version
        } the gain lies ${range} of ${of}; up to ${show(margin)} may be lost.`
      : `Compared with version ${
          base.version
        } the gain lies ${range} of ${of}: more than ${show(
          margin,
        )} may be lost.`,
    evidence: {
      ...evidence,
      metric: primary.name,
      base: baseValue,
      candidate: candidateValue,
      margin,
      paired: {
        metric: primary.name,
        rows: perRow.length,
        improvement,
        interval,
        method,
      },
    },
  };
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
