import { makeSeries } from '../__testUtils__/fixtures';
import { requestLines } from './requestLines';

function unreached(
  ...rates: { limitedRate?: number; serverErrorRate: number }[]
) {
  const series = makeSeries(0);
  const [point] = series.points;
  return {
    ...series,
    points: rates.map((rate, index) => ({
      ...point,
      at: `2026-05-03T10:0${index}:00Z`,
      requestsPerSecond: 8,
      clientErrorRate: 1 - rate.serverErrorRate,
      ...rate,
    })),
  };
}

const valuesOf = (lines: ReturnType<typeof requestLines>) =>
  lines.map(({ label, points }) => [label, points.map(({ value }) => value)]);

describe('requestLines', () => {
  it('names a version by its number', () => {
    expect(valuesOf(requestLines([makeSeries(1), makeSeries(2)]))).toEqual([
      ['v1', [1]],
      ['v2', [2]],
    ]);
  });

  it('tells requests that reached no version by what became of them', () => {
    const series = unreached(
      { limitedRate: 0.5, serverErrorRate: 0.25 },
      { serverErrorRate: 0 },
    );
    expect(valuesOf(requestLines([series]))).toEqual([
      ["over a key's limit", [4, 0]],
      ['refused before a version was chosen', [3, 8]],
      ['failed before a version was chosen', [1, 0]],
    ]);
  });

  it('draws nothing of what did not happen', () => {
    const limited = unreached({ limitedRate: 1, serverErrorRate: 0 });
    expect(valuesOf(requestLines([limited]))).toEqual([
      ["over a key's limit", [8]],
    ]);
  });
});
