import { formatNumber } from '@greenroom/ai-react';
import type { FeatureHistogram } from '@greenroom/ml-kit';

/** One bar of a baseline, in shares of the drawing's width and height (0 to 1). */
export interface BaselineBar {
  left: number;
  width: number;
  height: number;
  /** Share of the rows. */
  share: number;
  /** The bin's range, or the category. */
  label: string;
}

/**
 * A frozen histogram as bars. The bins of a number are as wide as their range
 * and as high as the rows are dense in it: bins hold about equally many rows
 * by design, so that their counts alone would show no shape.
 */
export function baselineBars(histogram: FeatureHistogram): BaselineBar[] {
  const { counts } = histogram;
  const rows = counts.reduce((sum, count) => sum + count, 0);
  if (rows === 0) return [];
  const bins =
    histogram.kind === 'numeric'
      ? numericBins(histogram.edges)
      : histogram.categories.map((label, i, { length }) => ({
          left: i / length,
          width: 1 / length,
          label,
        }));
  const densities = counts.map((count, i) => count / rows / bins[i].width);
  const highest = Math.max(...densities);
  return bins.map((bin, i) => ({
    ...bin,
    height: densities[i] / highest,
    share: counts[i] / rows,
  }));
}

function numericBins(edges: number[]) {
  const start = edges[0];
  const range = edges[edges.length - 1] - start || 1;
  return edges.slice(1).map((end, i) => ({
    left: (edges[i] - start) / range,
    // A bin without width, of a value that is very common, would be infinitely high.
    width: Math.max((end - edges[i]) / range, 0.01),
    label: `${formatNumber(edges[i])} to ${formatNumber(end)}`,
  }));
}
