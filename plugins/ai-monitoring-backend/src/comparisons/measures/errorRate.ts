import { RARE_SHARE } from '@greenroom/ml-kit';
import { isFailure } from '../../records/isFailure';
import type { MeasureRule } from './measure';
import { formatShare, judgeShares, sharePosterior } from './shares';

/** Share of requests that fail, as charts have it: a 5xx, or a provider's limit. */
export const errorRate: MeasureRule<'error-rate'> = {
  keyOf: () => 'error-rate',
  valueOfRequest: ({ status }) => (isFailure(status) ? 1 : 0),
  judge: (arms, planned) => judgeShares(arms, planned, RARE_SHARE),
  posteriorOf: sharePosterior,
  format: formatShare,
  noun: 'failed requests',
};
