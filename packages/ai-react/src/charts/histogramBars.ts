import type { FeatureHistogram } from '@greenroom/ml-kit';
import { formatNumber } from '../format';

/** One slot of a histogram; shares are 0 to 1 of all values of their side. */
export interface HistogramBar {
  label: string;
  /** Longer form of the label, e.g. the whole interval. */
  description: string;
  baseline: number;
  current: number;
  baselineCount: number;
  currentCount: number;
  /** A slot for values outside of the bins; shown only when one side has any. */
  outside: boolean;
}

/** Bins of both histograms side by side, with the slots outside of them that hold anything. */
export function histogramBars(
  baseline: FeatureHistogram,
  current?: FeatureHistogram,
): HistogramBar[] {
  const ours = slotsOf(baseline);
  const theirs = new Map(
    current ? slotsOf(current).map(slot => [slot.key, slot.count]) : [],
  );
  const baselineTotal = sum(ours.map(slot => slot.count));
  const currentTotal = sum([...theirs.values()]);
  return ours
    .map(slot => {
      const currentCount = theirs.get(slot.key) ?? 0;
      return {
        label: slot.label,
        description: slot.description,
        outside: slot.outside,
        baselineCount: slot.count,
        currentCount,
        baseline: baselineTotal > 0 ? slot.count / baselineTotal : 0,
        current: currentTotal > 0 ? currentCount / currentTotal : 0,
      };
    })
    .filter(
      bar => !bar.outside || bar.baselineCount > 0 || bar.currentCount > 0,
    );
}

interface Slot {
  key: string;
  label: string;
  description: string;
  count: number;
  outside: boolean;
}

function slotsOf(histogram: FeatureHistogram): Slot[] {
  if (histogram.kind === 'categorical') {
    return [
      ...histogram.categories.map((category, i) => ({
        key: `category:${category}`,
        label: category,
        description: category,
        count: histogram.counts[i],
        outside: false,
      })),
      outside('unseen', 'not in the baseline', histogram.unseen),
      outside('null', 'missing', histogram.nulls),
    ];
  }
  const { edges, counts } = histogram;
  const first = formatNumber(edges[0]);
  const last = formatNumber(edges[edges.length - 1]);
  return [
    outside(`< ${first}`, `below ${first}`, histogram.underflow, 'underflow'),
    ...counts.map((count, i) => ({
      key: `bin:${i}`,
      label: formatNumber(edges[i]),
      description: `${formatNumber(edges[i])} to ${formatNumber(edges[i + 1])}`,
      count,
      outside: false,
    })),
    outside(`> ${last}`, `above ${last}`, histogram.overflow, 'overflow'),
    outside('null', 'missing', histogram.nulls),
    outside('NaN', 'not a number', histogram.nans),
  ];
}

function outside(
  label: string,
  description: string,
  count: number,
  key = label,
): Slot {
  return { key, label, description, count, outside: true };
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
