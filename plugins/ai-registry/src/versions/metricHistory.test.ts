import { metricHistory, metricInterval } from './metricHistory';
import { makeVersion } from '../__testUtils__/fixtures';

describe('metricInterval', () => {
  it("is Wilson's interval for right and wrong answers", () => {
    const perRow = [...Array(8).fill(1), ...Array(2).fill(0)];
    const [low, high] = metricInterval(perRow)!;
    // Values of R's binom::binom.wilson(8, 10).
    expect(low).toBeCloseTo(0.4901625, 5);
    expect(high).toBeCloseTo(0.9433178, 5);
  });

  it('is the normal interval of the mean for other values', () => {
    const [low, high] = metricInterval([1, 2, 3, 4])!;
    expect((low + high) / 2).toBeCloseTo(2.5, 10);
    expect(high - low).toBeCloseTo(2 * 1.959964 * (1.2909944 / 2), 5);
  });

  it('needs two rows', () => {
    expect(metricInterval(undefined)).toBeUndefined();
    expect(metricInterval([1])).toBeUndefined();
  });
});

describe('metricHistory', () => {
  it('follows the newest primary metric, oldest version first', () => {
    const history = metricHistory([
      makeVersion({ version: 3 }, { accuracy: 0.97 }),
      makeVersion({ version: 1 }, { f1: 0.5 }),
      makeVersion({ version: 2, aliases: ['production'] }, { accuracy: 0.95 }),
      makeVersion({ version: 4, evaluation: undefined }),
    ]);
    expect(history).toMatchObject({
      metric: 'accuracy',
      higherIsBetter: true,
      sameRows: true,
    });
    expect(
      history?.points.map(({ version, value }) => [version, value]),
    ).toEqual([
      [2, 0.95],
      [3, 0.97],
    ]);
  });

  it('is undefined when no version was evaluated', () => {
    expect(
      metricHistory([makeVersion({ evaluation: undefined })]),
    ).toBeUndefined();
  });
});
