import { isPointDue, MOST_POINTS, toCsv } from './historyPoints';

const DAY_MILLIS = 24 * 3_600_000;

describe('isPointDue', () => {
  it('makes at most 500 points in 90 days, close ones first', () => {
    const startMillis = 1_000_000;
    let lastMillis: number | undefined;
    let points = 0;
    const distances: number[] = [];
    for (
      let nowMillis = startMillis;
      nowMillis < startMillis + 90 * DAY_MILLIS;
      nowMillis += 5_000
    ) {
      if (!isPointDue({ startMillis, lastMillis, nowMillis })) continue;
      if (lastMillis !== undefined) distances.push(nowMillis - lastMillis);
      lastMillis = nowMillis;
      points += 1;
    }
    expect(points).toBeLessThanOrEqual(MOST_POINTS);
    expect(distances.slice(0, 10)).toEqual(new Array(10).fill(10_000));
    expect(distances.at(-1)).toBeGreaterThan(DAY_MILLIS);
  });
});

describe('toCsv', () => {
  it('has a line a moment, metric and version, and leaves out what is not known', () => {
    const at = '2026-05-03T12:00:00.000Z';
    const csv = toCsv([
      {
        at,
        metrics: [
          {
            name: 'errors',
            version: 2,
            effect: 0.5,
            interval: { lower: 0.25 },
            chanceToWin: 0.1,
          },
          { name: 'clicks', version: 2 },
        ],
        units: [
          { version: 1, units: 90 },
          { version: 2, units: 10 },
        ],
      },
    ]);
    expect(csv.split('\r\n')).toEqual([
      'at,metric,version,callers,effect,lower,upper,chance_to_win',
      `${at},errors,2,10,0.5,0.25,,0.1`,
      `${at},clicks,2,10,,,,`,
      '',
    ]);
  });
});
