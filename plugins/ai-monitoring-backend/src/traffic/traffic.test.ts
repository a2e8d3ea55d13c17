import { rollUp } from '../records/rollUp';
import { NOON, recordBatch, recordGroup } from '../__testUtils__/fixtures';
import { mergeWindows } from '../windows/WindowCompactor';
import { toTrafficSeries } from './traffic';

function windowsOf(...options: Parameters<typeof recordGroup>[0][]) {
  const groups = options.map(option => recordGroup(option));
  return rollUp(recordBatch(groups), () => undefined);
}

const HOUR = { fromMillis: NOON, toMillis: NOON + 3_600_000 };
const LATER = new Date(NOON + 7_200_000);

describe('toTrafficSeries', () => {
  it('says how many tokens a second a language model had, and nothing of others', () => {
    const group = recordGroup({ count: 2 });
    const tokens = { inputTokens: [100, 300], outputTokens: [20, 30] };
    const windows = rollUp(
      recordBatch([
        { ...group, ...tokens },
        recordGroup({ count: 1, version: 2 }),
      ]),
      () => undefined,
    );
    const series = toTrafficSeries({
      model: 'bot',
      windows,
      range: HOUR,
      now: LATER,
    });
    expect(series.map(({ points }) => points[0].tokensPerSecond)).toEqual([
      { input: 40, output: 5 },
      undefined,
    ]);
  });

  it('says what share of the requests was for another model, where there was one', () => {
    const group = recordGroup({ count: 4 });
    const windows = rollUp(
      recordBatch([
        { ...group, fallbacks: [1, 0, 0, 0] },
        recordGroup({ count: 1, version: 2 }),
      ]),
      () => undefined,
    );
    const series = toTrafficSeries({
      model: 'bot',
      windows,
      range: HOUR,
      now: LATER,
    });
    expect(series.map(({ points }) => points[0].fallbackRate)).toEqual([
      0.25,
      undefined,
    ]);
  });

  it('says what share was refused for limits of keys, and what of the others failed', () => {
    const group = recordGroup({
      count: 4,
      status: index => [429, 429, 400, 200][index],
    });
    const windows = rollUp(
      recordBatch([
        { ...group, limited: [1, 1, 0, 0] },
        recordGroup({ count: 1, version: 2 }),
      ]),
      () => undefined,
    );
    const series = toTrafficSeries({
      model: 'bot',
      windows,
      range: HOUR,
      now: LATER,
    });
    expect(series[0].points[0]).toMatchObject({
      requests: 4,
      limitedRate: 0.5,
      clientErrorRate: 0.5,
      serverErrorRate: 0,
    });
    expect(series[1].points[0]).not.toHaveProperty('limitedRate');
  });

  it('leaves gaps where nothing was recorded', () => {
    const windows = windowsOf(
      { count: 10, startMillis: NOON },
      { count: 20, startMillis: NOON + 60_000 },
      { count: 5, startMillis: NOON, version: 2 },
    );
    const series = toTrafficSeries({
      model: 'diabetes',
      windows,
      range: HOUR,
      now: LATER,
    });
    expect(
      series.map(({ version, points }) => [
        version,
        points.map(({ at, requests }) => [at, requests]),
      ]),
    ).toEqual([
      [
        1,
        [
          ['2026-05-03T12:00:00.000Z', 10],
          ['2026-05-03T12:01:00.000Z', 20],
        ],
      ],
      [2, [['2026-05-03T12:00:00.000Z', 5]]],
    ]);
  });

  it('shows a range in one resolution when its older part was merged', () => {
    const old = mergeWindows(windowsOf({ count: 600, everyMillis: 100 }), 60);
    const young = windowsOf({
      count: 1_200,
      everyMillis: 50,
      startMillis: NOON + 60_000,
    });
    const [{ windowSeconds, points }] = toTrafficSeries({
      model: 'diabetes',
      windows: [...old, ...young],
      range: HOUR,
      now: LATER,
    });
    expect(windowSeconds).toBe(60);
    expect(points.map(({ requestsPerSecond }) => requestsPerSecond)).toEqual([
      10, 20,
    ]);
  });

  it('does not draw the window that is not over yet as a drop', () => {
    const windows = windowsOf({ count: 40, everyMillis: 100 });
    const [{ points }] = toTrafficSeries({
      model: 'diabetes',
      windows,
      range: HOUR,
      now: new Date(NOON + 4_500),
    });
    expect(points[0].requestsPerSecond).toBeCloseTo(10, 0);
  });
});
