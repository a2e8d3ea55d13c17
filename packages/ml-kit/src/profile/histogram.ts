import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import type {
  CategoricalHistogram,
  FeatureHistogram,
  NumericHistogram,
} from './types';

/** Histogram over the given edges with no values. */
export function emptyNumericHistogram(edges: number[]): NumericHistogram {
  return {
    kind: 'numeric',
    edges,
    counts: new Array<number>(edges.length - 1).fill(0),
    underflow: 0,
    overflow: 0,
    nulls: 0,
    nans: 0,
  };
}

/** Histogram over the given categories with no values. */
export function emptyCategoricalHistogram(
  categories: string[],
): CategoricalHistogram {
  return {
    kind: 'categorical',
    categories,
    counts: new Array<number>(categories.length).fill(0),
    unseen: 0,
    nulls: 0,
  };
}

/**
 * Counts one value in place. Every value has its place: -Infinity is an
 * underflow, Infinity an overflow, null and undefined a null.
 * O(log bins), no allocation.
 */
export function addToNumericHistogram(
  histogram: NumericHistogram,
  value: number | null | undefined,
): void {
  if (value === null || value === undefined) {
    histogram.nulls++;
    return;
  }
  const { edges, counts } = histogram;
  const last = counts.length;
  if (value >= edges[0] && value <= edges[last]) {
    let low = 0;
    let high = last;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (value >= edges[middle]) low = middle;
      else high = middle;
    }
    counts[low]++;
  } else if (value < edges[0]) {
    histogram.underflow++;
  } else if (value > edges[last]) {
    histogram.overflow++;
  } else {
    histogram.nans++;
  }
}

/** Counts one value in place; numbers are compared by their decimal text. O(categories). */
export function addToCategoricalHistogram(
  histogram: CategoricalHistogram,
  value: string | number | null | undefined,
): void {
  if (value === null || value === undefined) {
    histogram.nulls++;
    return;
  }
  const index = histogram.categories.indexOf(String(value));
  if (index < 0) histogram.unseen++;
  else histogram.counts[index]++;
}

/** All values that a histogram counted, the missing ones included. */
export function histogramTotal(histogram: FeatureHistogram): number {
  let total = histogram.nulls;
  for (const count of histogram.counts) total += count;
  return histogram.kind === 'numeric'
    ? total + histogram.underflow + histogram.overflow + histogram.nans
    : total + histogram.unseen;
}

/**
 * Counts of all cells: the bins, then what fell outside of them (numeric:
 * underflow, overflow, nulls, NaNs; categorical: unseen, nulls).
 */
export function histogramCells(histogram: FeatureHistogram): number[] {
  return histogram.kind === 'numeric'
    ? [
        ...histogram.counts,
        histogram.underflow,
        histogram.overflow,
        histogram.nulls,
        histogram.nans,
      ]
    : [...histogram.counts, histogram.unseen, histogram.nulls];
}

function sameValues<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

/** Throws unless both count the same things over the same bins. */
export function assertSameBins(
  name: string,
  a: FeatureHistogram,
  b: FeatureHistogram,
): void {
  const same =
    (a.kind === 'numeric' &&
      b.kind === 'numeric' &&
      sameValues(a.edges, b.edges)) ||
    (a.kind === 'categorical' &&
      b.kind === 'categorical' &&
      sameValues(a.categories, b.categories));
  if (!same) {
    throw new InvalidArgumentError(
      `The histograms of '${name}' have different bins; both must come from the same baseline`,
    );
  }
}

/** Histogram of the values of both; `name` is for the error message. Exact: counts are added. */
export function mergeHistograms<T extends FeatureHistogram>(
  name: string,
  a: T,
  b: T,
): T {
  assertSameBins(name, a, b);
  const counts = a.counts.map((count, i) => count + b.counts[i]);
  const nulls = a.nulls + b.nulls;
  if (a.kind === 'numeric' && b.kind === 'numeric') {
    return {
      ...a,
      counts,
      nulls,
      underflow: a.underflow + b.underflow,
      overflow: a.overflow + b.overflow,
      nans: a.nans + b.nans,
    };
  }
  if (a.kind === 'categorical' && b.kind === 'categorical') {
    return { ...a, counts, nulls, unseen: a.unseen + b.unseen };
  }
  return a;
}
