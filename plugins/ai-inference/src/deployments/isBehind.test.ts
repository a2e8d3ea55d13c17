import { isBehind } from './isBehind';

const seen = (snapshotId: string, snapshotAsOf: string, changes = {}) => ({
  environment: 'production',
  online: true,
  snapshotId,
  snapshotAsOf,
  ...changes,
});

describe('isBehind', () => {
  const older = seen('a', '2026-05-03T10:00:00Z');
  const newer = seen('b', '2026-05-03T10:01:00Z');

  it('is the one with the older snapshot of an environment', () => {
    expect(isBehind(older, [older, newer])).toBe(true);
    expect(isBehind(newer, [older, newer])).toBe(false);
  });

  it('is none that serves the same, is elsewhere, or is gone', () => {
    const same = seen('a', '2026-05-03T10:01:00Z');
    const elsewhere = { ...newer, environment: 'dev' };
    const gone = { ...newer, online: false };
    expect(isBehind(older, [same, elsewhere, gone])).toBe(false);
    expect(isBehind({ ...older, online: false }, [newer])).toBe(false);
  });
});
