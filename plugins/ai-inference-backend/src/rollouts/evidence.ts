import type { DecisionEvidence } from '@greenroom/plugin-ai-inference-common';
import type { ComparisonReport } from '@greenroom/plugin-ai-monitoring-common';
import type { RolloutSituation } from './situation';

/**
 * The report on what is being compared now; one on what was compared before says nothing of it.
 */
export function reportOf({
  analysis,
  rollout: { comparison },
}: RolloutSituation): ComparisonReport | undefined {
  return analysis?.kind === 'report' && analysis.report.id === comparison?.id
    ? analysis.report
    : undefined;
}

/**
 * Whether a decision by the analysis has to be put off: what is compared was not asked for in
 * this pass, or whoever counts cannot be asked.
 */
export function isUnread(situation: RolloutSituation): boolean {
  const { analysis, rollout } = situation;
  const { comparison } = rollout;
  if (!comparison || comparison.endedAt !== undefined) return false;
  return analysis?.kind !== 'nothing-counted' && !reportOf(situation);
}

/** The numbers of a report, as they are kept with a decision. */
export function evidenceOf(report: ComparisonReport): DecisionEvidence {
  return {
    kind: 'comparison',
    comparison: report.id,
    units: report.versions.map(({ version, units }) => ({ version, units })),
    metrics: [...report.metrics, ...report.guardrails].map(
      ({ name, version, effect, interval, chanceToWin, status }) => ({
        name,
        version,
        ...(effect !== undefined && { effect }),
        ...(interval && { interval }),
        ...(chanceToWin !== undefined && { chanceToWin }),
        status,
      }),
    ),
  };
}

/** Why nothing was decided, in a sentence without its full stop. */
export function reasonOf(report: ComparisonReport | undefined): string {
  return report
    ? withoutStop(report.verdict.reason)
    : 'nothing was counted of its versions';
}

/** What was found out about a version, one sentence for each metric. */
export function findingsOf(
  report: ComparisonReport | undefined,
  version: number,
): string {
  const found = [...(report?.metrics ?? []), ...(report?.guardrails ?? [])]
    .filter(metric => metric.version === version)
    .map(({ summary }) => withoutStop(summary));
  return found.length === 0 ? reasonOf(report) : found.join('. ');
}

/** Sentences of others are put into sentences of ours. */
export function withoutStop(sentence: string): string {
  return sentence.trim().replace(/\.$/, '');
}
