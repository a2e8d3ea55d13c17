import type {
  ComparedMetric,
  ComparedVersion,
  ComparisonReport,
  ComparisonVerdict,
} from '@greenroom/plugin-ai-monitoring-common';

export interface VerdictInput
  extends Pick<
    ComparisonReport,
    | 'versions'
    | 'metrics'
    | 'guardrails'
    | 'sampleRatio'
    | 'hasEnoughUnits'
    | 'chanceToBeBest'
  > {
  minUnits: number;
  /** How a metric of one treatment stands against that of another one. */
  rivals: (
    metric: string,
    version: number,
    other: number,
  ) => ComparedMetric['status'];
}

/** What should happen, by the numbers. */
export function verdictOf(input: VerdictInput): ComparisonVerdict {
  const { metrics, guardrails, sampleRatio, hasEnoughUnits } = input;
  const broken = guardrails.filter(({ status }) => status === 'worse');
  // More errors are no matter of who came to which version.
  const errors = broken.find(({ measure }) => measure.kind === 'error-rate');
  if (errors) return takeBack(errors);
  if (sampleRatio.isMismatch) {
    return undecided(`${mismatchOf(input)}: nothing can be concluded from it`);
  }
  if (broken.length > 0) return takeBack(broken[0]);
  if (!hasEnoughUnits) return undecided(tooFewOf(input));
  const worse = metrics.find(({ status }) => status === 'worse');
  if (worse) return takeBack(worse);
  if (metrics.length === 0) {
    return undecided(
      'The plan has no metric that decides, and no guardrail is broken',
    );
  }
  const winner = winnerOf(input);
  if (winner) {
    const { version, summary } = winner;
    return { kind: 'better', version, reason: summary };
  }
  const open = metrics.find(
    ({ status }) => status !== 'better' && status !== 'not-worse',
  );
  if (open) return undecided(open.summary);
  return {
    kind: 'not-worse',
    reason: metrics.map(({ summary }) => summary).join('. '),
  };
}

function takeBack({
  version,
  name,
  summary,
}: ComparedMetric): ComparisonVerdict {
  return { kind: 'take-back', version, metric: name, reason: summary };
}

function undecided(reason: string): ComparisonVerdict {
  return { kind: 'undecided', reason };
}

/** The version that is likeliest the best, if it is better than the control for sure, and not worse than any other for sure. */
function winnerOf({
  metrics,
  chanceToBeBest = [],
  rivals,
}: VerdictInput): ComparedMetric | undefined {
  const first = metrics.filter(({ name }) => name === metrics[0].name);
  const chanceOf = ({ version }: ComparedMetric) =>
    chanceToBeBest.find(chance => chance.version === version)?.probability ?? 0;
  const [best] = first
    .filter(({ status }) => status === 'better')
    .sort((a, b) => chanceOf(b) - chanceOf(a));
  if (!best) return undefined;
  const beatsAll = first
    .filter(({ version }) => version !== best.version)
    .every(({ name, version }) =>
      ['better', 'not-worse'].includes(rivals(name, best.version, version)),
    );
  return beatsAll ? best : undefined;
}

function mismatchOf({ versions, sampleRatio }: VerdictInput): string {
  const counts = versions.map(
    ({ version, units, sharePercent }) =>
      `version ${version} has ${units} at ${sharePercent} %`,
  );
  return `Callers did not come to the versions as planned (${counts.join(
    ', ',
  )}; p = ${sampleRatio.pValue?.toExponential(1)})`;
}

function tooFewOf({ versions, minUnits }: VerdictInput): string {
  const { version, units }: ComparedVersion = versions.reduce((least, each) =>
    each.units < least.units ? each : least,
  );
  return `Version ${version} has ${units} callers, and nothing is decided before each version has ${minUnits}`;
}
