import {
  type Evaluation,
  type GateEvidence,
  metricInterval,
  metricSpread,
  newestEvaluations,
} from '@greenroom/plugin-ai-registry-common';

type OwnEvidence = Extract<GateEvidence, { kind: 'evaluation' }>;

/**
 * What is known of a version where nothing runs that it could be compared with. It passes, unless
 * all of its scores are 0: that is mostly a fault of what was asked, and nothing to serve.
 *
 * @param evaluations - newest first
 */
export function describeEvaluations(
  evaluations: readonly Evaluation[],
  environment: string,
): {
  outcome: 'passed' | 'cannot-tell';
  summary: string;
  evidence: OwnEvidence;
} {
  const newest = newestEvaluations(evaluations);
  const nothing = `${environment} has no running version to be compared with.`;
  if (newest.length === 0) {
    return {
      outcome: 'passed',
      summary: nothing,
      evidence: { kind: 'evaluation' },
    };
  }
  const own = newest.map(toOwn);
  const isWorthless = newest.every(
    ({ primary, metrics }) =>
      primary.higherIsBetter && metrics[primary.name] === 0,
  );
  const summary = `${nothing} This version has ${own
    .map(describe)
    .join('; ')}, on ${own[0].dataset}.`;
  return {
    outcome: isWorthless ? 'cannot-tell' : 'passed',
    summary: isWorthless
      ? `${summary} Nothing is right by any score: see why, and evaluate it again; or a reviewer decides.`
      : summary,
    evidence: { kind: 'evaluation', own },
  };
}

function toOwn({ dataset, primary, metrics, perRow }: Evaluation) {
  const interval = perRow && metricInterval(metricSpread(perRow));
  return {
    metric: primary.name,
    value: metrics[primary.name],
    ...(interval && { interval }),
    dataset: dataset.name,
    rows: dataset.rows,
  };
}

function describe(one: NonNullable<OwnEvidence['own']>[number]): string {
  const { metric, value, interval, rows } = one;
  const confidence =
    interval &&
    `95 % confidence: ${show(interval[0])} to ${show(interval[1])}, `;
  return `${metric} ${show(value)} (${confidence ?? ''}${rows} rows)`;
}

function show(value: number): string {
  return String(Number(value.toPrecision(3)));
}
