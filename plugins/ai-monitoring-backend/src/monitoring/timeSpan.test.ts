import { parseTimeSpan } from './timeSpan';

const NOW = new Date('2026-05-03T12:00:00Z');

describe('parseTimeSpan', () => {
  it('reads days and moments', () => {
    expect(
      parseTimeSpan(
        { from: '2026-05-01', to: '2026-05-03T14:00:00+02:00' },
        NOW,
      ),
    ).toEqual({
      fromMillis: Date.UTC(2026, 4, 1),
      toMillis: NOW.getTime(),
    });
  });

  it.each([
    ['2026-02-30T00:00:00Z', '2026-05-03', 'must be ISO 8601 times'],
    ['2026-05-01', '1', 'must be ISO 8601 times'],
    ['2026-05-03', '2026-05-03', 'is not before to'],
    ['2025-01-01', '2026-05-03', 'are more than 366 days'],
    ['2026-05-01', '2026-05-04T12:00:01Z', 'more than a day in the future'],
  ])('refuses %s to %s', (from, to, message) =>
    expect(() => parseTimeSpan({ from, to }, NOW)).toThrow(message),
  );
});
