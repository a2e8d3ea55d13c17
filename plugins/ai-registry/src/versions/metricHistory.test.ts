import { metricHistory } from './metricHistory';
import { makeVersion } from '../__testUtils__/fixtures';

describe('metricHistory', () => {
  it('follows the newest primary metric, oldest version first', () => {
    const history = metricHistory(
      [
        makeVersion({ version: 3 }, { accuracy: 0.97 }),
        makeVersion({ version: 1 }, { f1: 0.5 }),
        makeVersion(
          { version: 2, aliases: ['production'] },
          { accuracy: 0.95 },
        ),
        makeVersion({ version: 4, evaluation: undefined }),
      ],
      [{ version: 3, interval: [0.96, 0.98] }],
    );
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
    expect(history?.points.map(({ interval }) => interval)).toEqual([
      undefined,
      [0.96, 0.98],
    ]);
  });

  it('is undefined when no version was evaluated', () => {
    expect(
      metricHistory([makeVersion({ evaluation: undefined })]),
    ).toBeUndefined();
  });
});
