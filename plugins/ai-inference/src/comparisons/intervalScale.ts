import type { ComparedMetric } from '@greenroom/plugin-ai-monitoring-common';
import { marginOnScale } from './measures';

/** Where things are on the bar of an interval, in percent of its width. */
export interface IntervalScale {
  zero: number;
  effect: number;
  from: number;
  to: number;
  /** Where the difference is as large as the margin, on the side that is worse. */
  margin?: number;
  /** Ends that are beyond the bar, or that there are none of. */
  isOpenAtStart: boolean;
  isOpenAtEnd: boolean;
}

/** Room at each end for what is beyond it. */
const PADDING = 1.15;

/**
 * The places on a bar that has no effect in its middle and reaches as far as the interval, the
 * effect or the margin, whichever is farthest.
 *
 * @returns undefined where there is no effect yet
 */
export function intervalScale(
  metric: Pick<
    ComparedMetric,
    'effect' | 'interval' | 'margin' | 'direction' | 'measure'
  >,
): IntervalScale | undefined {
  const { effect, interval, direction } = metric;
  const margin = marginOnScale(metric);
  if (effect === undefined) return undefined;
  const worse = direction === 'higher-is-better' ? -margin : margin;
  const ends = [interval?.lower, interval?.upper].filter(
    (end): end is number => end !== undefined,
  );
  // A wide interval of few callers must not shrink everything else to a dot.
  const reach =
    PADDING * Math.max(...ends.map(Math.abs), Math.abs(effect), margin, 1e-12);
  const place = (value: number) =>
    Math.min(100, Math.max(0, 50 + (value / reach) * 50));
  return {
    zero: 50,
    effect: place(effect),
    from: place(interval?.lower ?? -Infinity),
    to: place(interval?.upper ?? Infinity),
    ...(margin > 0 && { margin: place(worse) }),
    isOpenAtStart: interval?.lower === undefined,
    isOpenAtEnd: interval?.upper === undefined,
  };
}
