import vectors from '../../fixtures/monitoring-vectors.json';
import { studentTCdf } from '../distributions/studentT';
import { sampleStatistic } from './armStatistic';
import { welchTest } from './effect';
import { mannWhitneyTest } from './mannWhitney';

describe('two samples of eight', () => {
  const { A, B, ...expected } = vectors.AB_8v8;

  it("Student's t with pooled variance", () => {
    // With equal sizes t is Welch's; only the degrees of freedom differ.
    const result = welchTest(sampleStatistic(A), sampleStatistic(B), {
      kind: 'absolute',
    });
    const t = result.estimate / result.standardError;
    expect(2 * studentTCdf(-Math.abs(t), 14)).toBeCloseTo(
      expected.t_test_p,
      13,
    );
    expect(result.pValue).toBeGreaterThan(expected.t_test_p);
  });

  it('Mann-Whitney exact, two-sided and one-sided', () => {
    expect(mannWhitneyTest(A, B).pValue).toBeCloseTo(
      expected.mannwhitney_two_sided_p,
      13,
    );
    expect(mannWhitneyTest(A, B, 'less').pValue).toBeCloseTo(
      expected['mannwhitney_less_p(evidently)'],
      13,
    );
  });

  it('Mann-Whitney with ties is normal with corrections (scipy 1.17)', () => {
    const result = mannWhitneyTest([1, 2, 2, 3, 5], [2, 3, 4, 4, 6, 7]);
    expect(result).toMatchObject({ statistic: 6.5, method: 'asymptotic' });
    expect(result.pValue).toBeCloseTo(0.13862587987892763, 12);
    expect(mannWhitneyTest([1, 1], [1, 1]).pValue).toBe(1);
    expect(mannWhitneyTest([], [1]).pValue).toBeNaN();
  });
});
