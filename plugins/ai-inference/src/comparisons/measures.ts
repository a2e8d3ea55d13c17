import {
  formatDifference,
  formatMillis,
  formatNumber,
  formatShare,
} from '@greenroom/ai-react';
import type { ComparedMetric } from '@greenroom/plugin-ai-monitoring-common';
import type { Measure } from '@greenroom/plugin-ai-registry-common';

/** What a metric measures, in words. */
export function describeMeasure(
  measure: Measure,
  thresholdMillis?: number,
): string {
  switch (measure.kind) {
    case 'error-rate':
      return 'share of requests that fail';
    case 'latency':
      return thresholdMillis === undefined
        ? `p${measure.quantilePercent} of the latency`
        : `share of requests slower than ${formatMillis(thresholdMillis)}`;
    case 'outcome':
      return `mean of the outcome ${measure.outcome}`;
    default:
      return 'share of copies with the same answer';
  }
}

/** Whether a metric is a share; the others are in a unit of their own. */
export function isShare({ measure }: Pick<ComparedMetric, 'measure'>): boolean {
  return measure.kind !== 'outcome';
}

/**
 * The margin on the scale of the effect, 0 where it is on another one: that of a latency is a time,
 * and is in its threshold already.
 */
export function marginOnScale({
  measure,
  margin,
}: Pick<ComparedMetric, 'measure' | 'margin'>): number {
  return measure.kind === 'latency' ? 0 : margin;
}

/** A value of a metric as people read it. */
export function formatMeasured(
  metric: Pick<ComparedMetric, 'measure'>,
  value: number | undefined,
): string {
  if (value === undefined) return '–';
  return isShare(metric) ? formatShare(value) : formatNumber(value);
}

/** A difference, with its sign; of shares in percentage points. */
export function formatEffectOf(
  metric: Pick<ComparedMetric, 'measure'>,
  value: number | undefined,
): string {
  if (value === undefined) return '–';
  return isShare(metric)
    ? `${formatDifference(value * 100)} pp`
    : formatDifference(value);
}
