import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import type {
  CategoricalHistogram,
  FeatureHistogram,
  FeatureValue,
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

/** The number that a value of a numeric feature stands for; NaN for a text that is none. */
export function numberOf(value: FeatureValue): number | null | undefined {
  if (typeof value === 'number' || value === null || value === undefined) {
    return value;
  }
  // An empty text would otherwise be 0.
  return typeof value === 'string' && value.trim() === ''
    ? null
    : Number(value);
}

const MOST_CATEGORY_CHARACTERS = 100;

/**
 * The name that a value is counted by: the text of a number or boolean, the first 100 characters of a longer text.
 * undefined for a missing one. So long texts neither fill a profile nor are counted apart by their ends.
 */
export function categoryOf(value: FeatureValue): string | undefined {
  if (isMissing(value)) return undefined;
  const text = String(value);
  return text.length > MOST_CATEGORY_CHARACTERS
    ? `${text.slice(0, MOST_CATEGORY_CHARACTERS)}…`
    : text;
}

function isMissing(value: FeatureValue): value is null | undefined {
  return value === null || value === undefined || Number.isNaN(value);
}

/** Counts one value in place under its name, see {@link categoryOf}. O(categories). */
export function addToCategoricalHistogram(
  histogram: CategoricalHistogram,
  value: FeatureValue,
): void {
  const category = categoryOf(value);
  if (category === undefined) {
    histogram.nulls++;
    return;
  }
  const index = histogram.categories.indexOf(category);
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

/** Counts of the values in their order: what lies below all bins, the bins, what lies above. Missing ones have no place. */
export function orderedCells(histogram: NumericHistogram): number[] {
  return [histogram.underflow, ...histogram.counts, histogram.overflow];
}

/** Values that are missing: null, undefined and NaN. */
export function histogramMissing(histogram: FeatureHistogram): number {
  return histogram.kind === 'numeric'
    ? histogram.nulls + histogram.nans
    : histogram.nulls;
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
