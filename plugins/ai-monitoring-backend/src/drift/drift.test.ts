import { rollUp } from '../records/rollUp';
import {
  BASELINE,
  NOON,
  recordBatch,
  recordGroup,
} from '../__testUtils__/fixtures';
import type { ProfileWindow } from '../windows/WindowStore';
import { chooseBucketSeconds, toDriftResponse, toDriftTimeline } from './drift';

function profiles(
  ...options: Parameters<typeof recordGroup>[0][]
): ProfileWindow[] {
  const groups = options.map(option => recordGroup(option));
  return rollUp(recordBatch(groups), () => BASELINE).flatMap(
    ({ profile, ...window }) => (profile ? [{ ...window, profile }] : []),
  );
}

const span = { fromMillis: NOON, toMillis: NOON + 15 * 60_000 };
const subject = { model: 'diabetes', version: 1, span, baseline: BASELINE };

describe('toDriftResponse', () => {
  it('compares all windows together', async () => {
    const windows = profiles(
      { count: 300, startMillis: NOON },
      { count: 300, startMillis: NOON + 60_000 },
    );
    const drift = await toDriftResponse({ ...subject, windows });
    expect(drift.rows).toBe(600);
    expect(drift.report?.status).toBe('ok');
    expect(Object.keys(drift.histograms)).toEqual(['age', 'dose']);
  });

  it('does not call few rows healthy', async () => {
    const windows = profiles({ count: 30, shift: 5 });
    const { report } = await toDriftResponse({ ...subject, windows });
    expect(report?.status).toBe('not-enough-data');
  });
});

describe('toDriftTimeline', () => {
  it('has one cell a feature and bucket, and none where rows are missing', async () => {
    const windows = profiles(
      { count: 300, startMillis: NOON },
      { count: 300, startMillis: NOON + 2 * 60_000, shift: 4 },
      { count: 10, startMillis: NOON + 3 * 60_000 },
    );
    const { at, features } = await toDriftTimeline({
      ...subject,
      coarsestSeconds: 10,
      windows,
    });
    expect(at).toHaveLength(15);
    expect(at[2]).toBe('2026-05-03T12:02:00.000Z');
    const [age, dose] = features;
    expect(age.status.slice(0, 4)).toEqual([
      'ok',
      'not-enough-data',
      'ok',
      'not-enough-data',
    ]);
    expect(dose.status.slice(0, 4)).toEqual([
      'ok',
      'not-enough-data',
      'alert',
      'not-enough-data',
    ]);
    expect(dose.effect[2]).toBeGreaterThan(0.1);
    expect(dose.effect[1]).toBeNull();
    expect(dose.effect[3]).toBeNull();
  });

  it('has no features without a baseline', async () => {
    const { features } = await toDriftTimeline({
      ...subject,
      baseline: undefined,
      coarsestSeconds: 0,
      windows: [],
    });
    expect(features).toEqual([]);
  });
});

describe('chooseBucketSeconds', () => {
  it.each([
    [15, 60],
    [48, 60],
    [60, 300],
    [24 * 60, 1_800],
    [90 * 24 * 60, 604_800],
    [366 * 24 * 60, 604_800],
  ])('divides %i minutes into buckets of %i s', (minutes, seconds) => {
    expect(
      chooseBucketSeconds(
        { fromMillis: NOON, toMillis: NOON + minutes * 60_000 },
        0,
      ),
    ).toBe(seconds);
  });

  it('is not finer than the windows', () => {
    expect(chooseBucketSeconds(span, 3_600)).toBe(3_600);
  });
});
