import { parseRange, rangeEndingAt } from './timeRange';

describe('time ranges', () => {
  it('takes the range of the address, or an hour', () => {
    expect(parseRange('6h')).toBe('6h');
    expect(parseRange('a year')).toBe('1h');
    expect(parseRange(null)).toBe('1h');
  });

  it('ends now', () => {
    const now = Date.parse('2026-05-03T10:00:00Z');
    expect(rangeEndingAt('15m', now)).toEqual({
      from: '2026-05-03T09:45:00.000Z',
      to: '2026-05-03T10:00:00.000Z',
    });
  });
});
