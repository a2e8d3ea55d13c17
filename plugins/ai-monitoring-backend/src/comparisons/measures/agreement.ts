import {
  sequentialShareEvidence,
  sequentialShareInterval,
} from '@greenroom/ml-kit';
import { effectiveCounts } from '../effectiveCounts';
import { decide } from './decide';
import type { MeasureRule } from './measure';
import { formatShare, sharePosterior, toPValue } from './shares';

/** Share of copies that a shadow answers like the version that serves, which agrees with itself. */
export const agreement: MeasureRule<'agreement'> = {
  keyOf: () => 'agreement',
  valueOfRequest: ({ isCopy, agrees }) =>
    isCopy && agrees >= 0 ? agrees : undefined,
  judge({ treatment: sums }, planned) {
    const treatment = effectiveCounts(sums);
    if (treatment.n === 0) {
      return { isAdjusted: false, status: 'not-enough-data' };
    }
    const { alpha, margin, role } = planned;
    const share = Math.max(0, 1 - margin);
    const own = sequentialShareInterval(treatment, { alpha });
    const interval = { lower: own.lower - 1, upper: own.upper - 1 };
    return {
      control: 1,
      treatment: treatment.events / treatment.n,
      effect: treatment.events / treatment.n - 1,
      interval: role === 'guardrail' ? { upper: interval.upper } : interval,
      pValue: toPValue(
        sequentialShareEvidence(treatment, { hypothesis: 'at-least', share }),
      ),
      isAdjusted: false,
      status: decide(interval, { ...planned, direction: 'higher-is-better' }),
    };
  },
  posteriorOf: sharePosterior,
  format: formatShare,
  noun: 'answers like those of the control',
};
