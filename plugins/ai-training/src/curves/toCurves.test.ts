import { makeRun, makeSeries } from '../__testUtils__/fixtures';
import { lookOf, MOST_DRAWN, toCurves } from './toCurves';

const run = makeRun();
const series = [makeSeries(run.id, 'loss', [3, 'NaN', 1])];
const look = { axis: 'step', smoothing: 0 } as const;

describe('toCurves', () => {
  it('has a line for each run that measured the metric, with holes for what is no number', () => {
    const other = makeRun({ id: 'b' });
    const curves = toCurves(series, 'loss', [run, other], look);
    expect(curves).toHaveLength(1);
    expect(curves[0].points).toEqual([
      { x: 0, y: 3 },
      { x: 1, y: undefined },
      { x: 2, y: 1 },
    ]);
  });

  it('goes over the seconds since the run started', () => {
    const started = makeRun({ startedAt: series[0].points[0].at - 500 });
    const [{ points }] = toCurves(series, 'loss', [started], {
      ...look,
      axis: 'seconds',
    });
    expect(points.map(({ x }) => x)).toEqual([0.5, 1.5, 2.5]);
  });

  it('begins with the first point where clocks disagree', () => {
    const late = makeRun({ startedAt: series[0].points[0].at + 9_000 });
    const [{ points }] = toCurves(series, 'loss', [late], {
      ...look,
      axis: 'seconds',
    });
    expect(points[0].x).toBe(0);
  });

  it('draws what was measured behind a smooth line', () => {
    const [behind, line] = toCurves(series, 'loss', [run], {
      ...look,
      smoothing: 0.5,
    });
    expect(behind.faint).toBe(true);
    expect(line.faint).toBeUndefined();
    expect(line.points[2].y).toBeGreaterThan(1);
  });

  it('tells all lines of a chart apart', () => {
    const looks = Array.from({ length: MOST_DRAWN }, (_, i) =>
      JSON.stringify(lookOf(i)),
    );
    expect(new Set(looks).size).toBe(MOST_DRAWN);
  });
});
