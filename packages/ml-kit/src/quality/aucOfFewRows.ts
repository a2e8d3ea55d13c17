import { normalQuantile } from '../distributions/normal';
import { createRandom, nextUint32 } from '../random/random';
import type { BinaryLabels } from './binaryRows';
import { midranks } from './midranks';

/**
 * Score interval of an area under the ROC curve from the area alone, with the variance that it has for exponential
 * scores. Never without width. NaN without rows of both classes.
 * Source: Newcombe, Statistics in Medicine 25 (2006), method 5; Hanley and McNeil (1982) for the variance.
 */
export function newcombeInterval(
  auc: number,
  positives: number,
  negatives: number,
  confidence: number,
): [number, number] {
  if (Number.isNaN(auc)) return [NaN, NaN];
  const z = normalQuantile((1 + confidence) / 2);
  const rows = (positives + negatives) / 2 - 1;
  const variance = (area: number) =>
    (area *
      (1 - area) *
      (1 + rows * ((1 - area) / (2 - area) + area / (1 + area)))) /
    (positives * negatives);
  /** The area between the estimate and an end at which the estimate is z errors away. */
  const search = (end: number) => {
    let [near, far] = [auc, end];
    for (let i = 0; i < 60; i++) {
      const middle = (near + far) / 2;
      if ((auc - middle) ** 2 < z * z * variance(middle)) near = middle;
      else far = middle;
    }
    return (near + far) / 2;
  };
  return [auc > 0 ? search(0) : 0, auc < 1 ? search(1) : 1];
}

/** All ways to exchange up to this number of rows are counted. */
const MOST_EXACT_ROWS = 12;
const DRAWS = 2000;
const MOST_STEPS = 4_000_000;

/** Positives' mean rank, which rises with the area under the curve. */
function rankSum(labels: BinaryLabels, values: Float64Array): number {
  const ranks = midranks(values);
  return labels.reduce<number>(
    (sum, label, i) => (label ? sum + ranks[i] : sum),
    0,
  );
}

/**
 * Two-sided p-value of the difference of two areas under the curve when in each row the two ranks may change places.
 * Exact up to 12 rows, by seeded draws beyond.
 */
export function exchangeTest(
  labels: BinaryLabels,
  base: Float64Array,
  candidate: Float64Array,
): number {
  const rows = labels.length;
  const first = new Float64Array(rows);
  const second = new Float64Array(rows);
  const differenceWhere = (isExchanged: (row: number) => boolean) => {
    for (let row = 0; row < rows; row++) {
      const exchanged = isExchanged(row);
      first[row] = exchanged ? candidate[row] : base[row];
      second[row] = exchanged ? base[row] : candidate[row];
    }
    return Math.abs(rankSum(labels, second) - rankSum(labels, first));
  };
  const observed = differenceWhere(() => false) - 1e-9;
  if (rows <= MOST_EXACT_ROWS) {
    let extreme = 0;
    for (let way = 0; way < 2 ** rows; way++) {
      if (differenceWhere(row => ((way >> row) & 1) === 1) >= observed) {
        extreme++;
      }
    }
    return extreme / 2 ** rows;
  }
  const random = createRandom(1);
  const draws = Math.max(100, Math.min(DRAWS, Math.floor(MOST_STEPS / rows)));
  let extreme = 1;
  for (let draw = 0; draw < draws; draw++) {
    if (differenceWhere(() => nextUint32(random) >= 2 ** 31) >= observed) {
      extreme++;
    }
  }
  return extreme / (draws + 1);
}
