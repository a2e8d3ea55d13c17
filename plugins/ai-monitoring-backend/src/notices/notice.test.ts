import type { HealthStatus } from '@greenroom/plugin-ai-monitoring-common';
import type { Verdict } from '../health/health';
import { nextNotice, type NoticeState } from './notice';

const RULES = { worseMillis: 60_000, betterMillis: 300_000 };
const NOON = Date.parse('2026-05-03T12:00:00Z');

function verdict(status: HealthStatus, sure = true): Verdict {
  const at = new Date(NOON).toISOString();
  return {
    sure,
    measured: { status, reasons: [] },
    health: {
      model: 'digits',
      environment: 'production',
      status,
      span: { from: at, to: at },
      reasons: [],
      unwatched: [],
      requestsPerSecond: 1,
      errorRate: 0,
      sparkline: [],
    },
  };
}

/** What is told of verdicts that are ten seconds apart, and when, in seconds. */
function tell(verdicts: Verdict[]): [number, string][] {
  const told: [number, string][] = [];
  let state: NoticeState = { told: 'healthy' };
  verdicts.forEach((each, index) => {
    const seconds = index * 10;
    const next = nextNotice({
      state,
      verdict: each,
      now: new Date(NOON + seconds * 1_000),
      rules: RULES,
    });
    // What is stored comes back as JSON.
    state = JSON.parse(JSON.stringify(next.state));
    if (next.notice)
      told.push([seconds, `${next.notice.from}>${next.notice.to}`]);
  });
  return told;
}

const times = (count: number, each: Verdict) =>
  new Array<Verdict>(count).fill(each);

describe('nextNotice', () => {
  it('tells of an alert once, when it lasts, and once that it is over', () => {
    expect(
      tell([...times(30, verdict('alert')), ...times(60, verdict('healthy'))]),
    ).toEqual([
      [60, 'healthy>alert'],
      [600, 'alert>healthy'],
    ]);
  });

  it('tells nothing of what flaps', () => {
    const flapping = Array.from({ length: 200 }, (_, index) =>
      verdict(index % 5 === 0 ? 'healthy' : 'warning'),
    );
    expect(tell(flapping)).toEqual([]);
  });

  it('does not tell again while it flaps between alert and healthy', () => {
    const flapping = Array.from({ length: 300 }, (_, index) =>
      verdict(index % 40 < 20 ? 'alert' : 'healthy'),
    );
    expect(tell(flapping)).toEqual([[60, 'healthy>alert']]);
  });

  it('tells that a warning became an alert, and that an alert is only a warning by now', () => {
    expect(
      tell([
        ...times(20, verdict('warning')),
        ...times(20, verdict('alert')),
        ...times(40, verdict('warning')),
      ]),
    ).toEqual([
      [60, 'healthy>warning'],
      [260, 'warning>alert'],
      [700, 'alert>warning'],
    ]);
  });

  it.each<[string, Verdict]>([
    ['without traffic', verdict('no-data', false)],
    ['with too few rows for a moment', verdict('partly-watched', false)],
  ])('does not call a model well that is %s', (_what, unseen) => {
    expect(
      tell([...times(10, verdict('alert')), ...times(200, unseen)]),
    ).toEqual([[60, 'healthy>alert']]);
  });

  it('calls a model well that is never seen wholly', () => {
    expect(
      tell([
        ...times(10, verdict('alert')),
        ...times(40, verdict('partly-watched')),
      ]),
    ).toEqual([
      [60, 'healthy>alert'],
      [400, 'alert>healthy'],
    ]);
  });
});
