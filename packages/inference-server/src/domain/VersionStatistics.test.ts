import { VersionStatistics } from './VersionStatistics';

describe('VersionStatistics', () => {
  it('says where the time of answered requests went', () => {
    const statistics = new VersionStatistics();
    statistics.observeRun(3, 4);
    statistics.observeRun(3, 6);
    statistics.observeRun(1, 2);
    statistics.observeRequest({
      startedMillis: 100,
      endedMillis: 120,
      times: { startedMillis: 105, endedMillis: 118, computeMillis: 6 },
      rows: 3,
    });
    expect(statistics).toMatchObject({
      rows: 3,
      executions: 3,
      success: { count: 1, millis: 20 },
      input: { count: 1, millis: 5 },
      queue: { count: 1, millis: 7 },
      compute: { count: 1, millis: 6 },
      output: { count: 1, millis: 2 },
      fail: { count: 0, millis: 0 },
    });
    expect(statistics.batches).toEqual(
      new Map([
        [3, { count: 2, millis: 10 }],
        [1, { count: 1, millis: 2 }],
      ]),
    );
    expect(statistics.lastAtMillis).toBeGreaterThan(0);
  });

  it('counts what was not answered by itself', () => {
    const statistics = new VersionStatistics();
    statistics.observeRequest({
      startedMillis: 1,
      endedMillis: 3,
      times: undefined,
      rows: 1,
    });
    expect(statistics).toMatchObject({
      rows: 0,
      fail: { count: 1, millis: 2 },
      success: { count: 0, millis: 0 },
    });
  });
});
