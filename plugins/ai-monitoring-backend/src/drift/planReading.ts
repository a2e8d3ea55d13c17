import { InputError } from '@backstage/errors';

/** Histograms of features that an answer is made of at most; each has about ten bins. */
const MOST_HISTOGRAMS = 2_000_000;
/** Histograms that are in memory at the same time. */
const HISTOGRAMS_A_PAGE = 20_000;

/**
 * How many windows of a version are read at a time.
 *
 * @throws InputError when there are more than can be compared in one answer
 */
export function planReading(size: { windows: number; features: number }): {
  pageSize: number;
} {
  const features = Math.max(1, size.features);
  if (size.windows * features > MOST_HISTOGRAMS) {
    throw new InputError(
      `The range has ${size.windows} windows with profiles of ${features} features, which is too much to compare: ask for a shorter range`,
    );
  }
  return { pageSize: Math.ceil(HISTOGRAMS_A_PAGE / features) };
}
