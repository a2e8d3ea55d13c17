import {
  formatDifference,
  formatMetric,
  formatMoment,
  formatShape,
} from './format';

describe('format', () => {
  it('keeps four significant digits of metrics', () => {
    expect(formatMetric(0.972222)).toBe('0.9722');
    expect(formatMetric(53.21987)).toBe('53.22');
    expect(formatMetric(12345.6)).toBe('12,346');
    expect(formatMetric(undefined)).toBe('–');
  });

  it('always signs differences', () => {
    expect(formatDifference(0.0195)).toBe('+0.0195');
    expect(formatDifference(-2)).toBe('−2');
    expect(formatDifference(0)).toBe('±0');
    expect(formatDifference(undefined)).toBe('–');
  });

  it('stars free dimensions', () => {
    expect(formatShape([-1, 64])).toBe('[* × 64]');
    expect(formatShape([])).toBe('[]');
  });

  it('spells moments with month names', () => {
    expect(formatMoment('2026-05-03T12:00:00Z')).toMatch(/3 May 2026/);
  });
});
