import {
  RARE_SHARE,
  sequentialShareEvidence,
  sequentialShareInterval,
} from '@greenroom/ml-kit';
import type { Measure } from '@greenroom/plugin-ai-registry-common';
import type { PlannedMetric } from '../comparedPlan';
import { effectiveCounts } from '../effectiveCounts';
import type { Evidence, MeasureRule } from './measure';
import { formatShare, judgeShares, sharePosterior, toPValue } from './shares';

/**
 * A quantile of the latency, as the share of requests slower than the control's quantile and the
 * margin: the quantile is worse by more than the margin when that share is above 1 less the
 * quantile. It has to be above the control's too, which is slower itself when everything is.
 */
export const latency: MeasureRule<'latency'> = {
  keyOf: ({ quantilePercent }, margin) =>
    `latency/${quantilePercent}/${margin}`,
  threshold: ({ quantilePercent }, margin) => ({
    quantile: quantilePercent / 100,
    plusMicros: margin * 1_000,
  }),
  valueOfRequest({ latencyMicros, thresholdMicros }) {
    if (thresholdMicros === undefined) return undefined;
    return latencyMicros > thresholdMicros ? 1 : 0;
  },
  judge(arms, planned) {
    const share = slowShareOf(planned.measure);
    const againstControl = judgeShares(
      arms,
      withoutMargin(planned),
      RARE_SHARE,
    );
    const treatment = effectiveCounts(arms.treatment);
    if (againstControl.status === 'not-enough-data') return againstControl;
    const own = sequentialShareInterval(treatment, {
      alpha: planned.alpha,
      prior: RARE_SHARE,
    });
    const ownPValue = toPValue(
      sequentialShareEvidence(treatment, {
        hypothesis: 'at-most',
        share,
        prior: RARE_SHARE,
      }),
    );
    return {
      ...againstControl,
      ...(planned.role === 'guardrail' && {
        pValue: Math.max(againstControl.pValue ?? 1, ownPValue),
      }),
      status: statusOf(againstControl.status, own, share),
    };
  },
  posteriorOf: sharePosterior,
  format: formatShare,
  noun: 'slow requests',
};

/** The margin is in the threshold already. */
function withoutMargin(planned: PlannedMetric): PlannedMetric {
  return { ...planned, margin: 0, direction: 'lower-is-better' };
}

/** Requests that are slower than the quantile itself. */
export function slowShareOf(measure: Measure): number {
  return measure.kind === 'latency' ? 1 - measure.quantilePercent / 100 : 0;
}

function statusOf(
  againstControl: Evidence['status'],
  own: { lower: number; upper: number },
  share: number,
): Evidence['status'] {
  if (againstControl === 'worse') {
    return own.lower > share ? 'worse' : 'undecided';
  }
  if (againstControl === 'undecided' && own.upper < share) return 'not-worse';
  return againstControl;
}
