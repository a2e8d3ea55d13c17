import type {
  RealisedQuality,
  TrafficSeries,
} from '@greenroom/plugin-ai-monitoring-common';

/** The window of a series with the highest p99; quantiles of windows cannot be added up. */
export interface SlowestWindow {
  windowSeconds: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
}

/** Undefined where nothing was asked. */
export function slowestWindow(
  series: TrafficSeries | undefined,
): SlowestWindow | undefined {
  let slowest: SlowestWindow | undefined;
  for (const { latencyMillis } of series?.points ?? []) {
    if (!latencyMillis) continue;
    const { p50, p99 } = latencyMillis;
    if (slowest && slowest.p99 >= p99) continue;
    slowest = { windowSeconds: series!.windowSeconds, p50, p99 };
  }
  return slowest;
}

/** A sentence for each way in which it is known how good a version is: as it turned out before what was expected. */
export function describeQuality(
  quality: RealisedQuality | undefined,
  format: {
    formatShare: (share: number) => string;
    formatNumber: (value: number) => string;
  },
): string[] {
  if (!quality) return ['not known yet'];
  const { formatShare, formatNumber } = format;
  const { accuracy, labels, heldOut, estimate } = quality;
  const sentences = [
    ...(accuracy === undefined
      ? []
      : [
          `${formatShare(accuracy)} right of ${formatNumber(
            labels,
          )} labels that callers told in 30 days`,
        ]),
    ...(estimate.isKnown
      ? [
          `${formatShare(estimate.accuracy)} expected of ${formatNumber(
            estimate.predictions,
          )} requests, by its own probabilities`,
        ]
      : []),
    ...(heldOut
      ? [
          `${heldOut.metric} ${formatNumber(heldOut.value)} on ${formatNumber(
            heldOut.rows,
          )} rows of ${heldOut.dataset}`,
        ]
      : []),
  ];
  return sentences.length > 0 ? sentences : ['not evaluated'];
}
