import {
  alignSeries,
  colorIndexOf,
  hasValues,
  splitUnfinished,
} from './timeSeries';

const at = (second: number) =>
  new Date(Date.UTC(2026, 4, 3, 10, 0, second)).toISOString();
const start = Date.parse(at(0)) / 1000;

describe('alignSeries', () => {
  it('puts series on one axis and marks what is missing as a gap', () => {
    const [times, first, second] = alignSeries([
      {
        label: 'v1',
        points: [
          { at: at(0), value: 1 },
          { at: at(10), value: undefined },
          { at: at(20), value: 0 },
        ],
      },
      { label: 'v2', points: [{ at: at(20), value: 5 }] },
    ]);
    expect(times.map(time => time - start)).toEqual([0, 10, 20]);
    expect(first).toEqual([1, null, 0]);
    expect(second).toEqual([null, null, 5]);
  });

  it('draws no line over windows in which nothing was recorded', () => {
    const [times, values] = alignSeries([
      {
        label: 'v1',
        points: [0, 10, 20, 60, 70].map(second => ({
          at: at(second),
          value: second,
        })),
      },
    ]);
    expect(times.map(time => time - start)).toEqual([0, 10, 20, 30, 60, 70]);
    expect(values).toEqual([0, 10, 20, null, 60, 70]);
  });
});

describe('splitUnfinished', () => {
  it('ends the finished line before the last window, and joins the lighter one to it', () => {
    expect(
      splitUnfinished([
        [1, 2, 3],
        [10, 20, 30],
        [null, 5, 6],
      ]),
    ).toEqual([
      [1, 2, 3],
      [10, 20, null],
      [null, 5, null],
      [null, 20, 30],
      [null, 5, 6],
    ]);
  });
});

describe('colorIndexOf', () => {
  it('follows from the label alone', () => {
    expect(colorIndexOf('v2')).toBe(1);
    expect(colorIndexOf('errors')).toBe(colorIndexOf('errors'));
    expect(colorIndexOf('errors')).not.toBe(colorIndexOf('requests'));
  });
});

describe('hasValues', () => {
  it('takes zero for a value', () => {
    expect(hasValues([{ label: 'a', points: [{ at: at(0), value: 0 }] }])).toBe(
      true,
    );
    expect(
      hasValues([{ label: 'a', points: [{ at: at(0), value: undefined }] }]),
    ).toBe(false);
  });
});
