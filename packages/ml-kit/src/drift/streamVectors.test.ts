import vectors from '../../fixtures/monitoring-vectors.json';
import { addToAdwin, createAdwin } from './adwin';
import {
  cusumRunLength,
  cusumRunLengthOneSided,
  cusumThreshold,
} from './cusumRunLength';
import {
  addToConfidenceSums,
  emptyConfidenceSums,
  estimatePerformance,
} from './estimatedPerformance';
import { maximumMeanDiscrepancySquared } from './maximumMeanDiscrepancy';
import { addToPageHinkley, createPageHinkley } from './pageHinkley';

describe('maximum mean discrepancy', () => {
  it('unbiased square with the kernel exp(-d^2 / (2 sigma^2))', () => {
    const { x, y, sigma, mmd2_unbiased } = vectors.mmd;
    const rows = (values: number[]) => values.map(value => [value]);
    expect(maximumMeanDiscrepancySquared(rows(x), rows(y), sigma)).toBeCloseTo(
      mmd2_unbiased,
      12,
    );
  });
});

describe('the stream whose mean jumps at 1000', () => {
  const stream = Array.from(vectors.page_hinkley.digits, Number);
  const firstAlarm = (add: (value: number) => boolean): [number, number] => {
    const index = stream.findIndex(add);
    return [index, stream[index]];
  };

  it('is the one of the vectors', () => {
    expect(stream.slice(1000, 1030)).toEqual(
      vectors.page_hinkley.first10_of_second_half,
    );
    expect(stream.slice(0, 1000).reduce((a, b) => a + b)).toBe(
      vectors.page_hinkley.sum_first_1000,
    );
  });

  it('Page-Hinkley with delta .005, lambda 50, alpha .9999, 30 values first', () => {
    const state = createPageHinkley();
    expect(firstAlarm(value => addToPageHinkley(state, value))).toEqual(
      vectors.page_hinkley.first_detection_index_value,
    );
  });

  it('ADWIN with delta .002, clock 32, 5 buckets, window 5, grace 10', () => {
    const state = createAdwin();
    expect(firstAlarm(value => addToAdwin(state, value))).toEqual(
      vectors.adwin.first_detection,
    );
  });
});

describe('CUSUM average run lengths by a Markov chain of 200 states', () => {
  const {
    k: slack,
    h: threshold,
    one_sided_ARL,
    ...twoSided
  } = vectors.cusum_arl;

  it.each([
    [0, one_sided_ARL.mu0],
    [0.5, one_sided_ARL['mu0.5']],
    [1, one_sided_ARL.mu1],
    [2, one_sided_ARL.mu2],
  ])('one-sided at a shift of %s standard deviations', (shift, expected) => {
    expect(
      cusumRunLengthOneSided({ slack, threshold, shift }) / expected,
    ).toBeCloseTo(1, 3);
  });

  it('two-sided without drift, h = 5 and h = 4', () => {
    expect(cusumRunLength({ slack, threshold })).toBeCloseTo(
      twoSided.two_sided_ARL0,
      1,
    );
    expect(cusumRunLength({ slack, threshold: 4 })).toBeCloseTo(
      twoSided.h4_two_sided_ARL0,
      0,
    );
  });

  it('threshold for an accepted rate of false alarms', () => {
    expect(cusumThreshold(465.4)).toBeCloseTo(5, 2);
  });
});

describe('confidence-based performance estimation', () => {
  it('of ten rows at threshold 0.5', () => {
    const { p, TP, FP, FN, TN, roc_auc, ...measures } = vectors.cbpe;
    const sums = emptyConfidenceSums();
    for (const probability of p) {
      addToConfidenceSums(sums, {
        probability,
        predictedPositive: probability >= 0.5,
      });
    }
    expect(sums.truePositives).toBeCloseTo(TP, 12);
    expect(sums.falsePositives).toBeCloseTo(FP, 12);
    expect(sums.falseNegatives).toBeCloseTo(FN, 12);
    expect(sums.trueNegatives).toBeCloseTo(TN, 12);
    const estimate = estimatePerformance(sums);
    expect(estimate.rocAuc).toBeCloseTo(roc_auc, 12);
    for (const name of Object.keys(measures) as (keyof typeof measures)[]) {
      expect(estimate[name]).toBeCloseTo(measures[name], 12);
    }
  });
});
