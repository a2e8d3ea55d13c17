import {
  formatBytes,
  formatDifference,
  formatDuration,
  formatEffect,
  formatMetric,
  formatMillis,
  formatMoment,
  formatMoney,
  formatNumber,
  formatRate,
  formatShare,
  isoOf,
} from './format';

it('writes numbers, shares and sizes as people read them', () => {
  expect(formatNumber(1234.5678)).toBe('1,234.6');
  expect(formatNumber(0.00012)).toBe('1.2e-4');
  expect(formatNumber(Infinity)).toBe('Infinity');
  expect(formatShare(0.12345)).toBe('12.3 %');
  expect(formatShare(0.00001)).toBe('<0.01 %');
  expect(formatShare(0)).toBe('0 %');
  expect(formatRate(0.25)).toBe('0.25/s');
  expect(formatRate(1234.5)).toBe('1,235/s');
  expect(formatMillis(0.214)).toBe('0.21 ms');
  expect(formatMillis(1500)).toBe('1.5 s');
  expect(formatDuration(185)).toBe('3 min 5 s');
  expect(formatDuration(7800)).toBe('2 h 10 min');
  expect(formatDuration(-3)).toBe('0 s');
  expect(formatBytes(12_345)).toBe('12.3 kB');
});

describe('figures of models', () => {
  it('gives a metric four significant digits, always', () => {
    expect(formatMetric(0.972222)).toBe('0.9722');
    expect(formatMetric(53.21987)).toBe('53.22');
    expect(formatMetric(12345.6)).toBe('12,346');
    // The same metric has the same digits everywhere.
    expect(formatMetric(0.96)).toBe('0.9600');
    expect(formatMetric(1)).toBe('1');
    expect(formatMetric(undefined)).toBe('–');
  });

  it('always signs differences', () => {
    expect(formatDifference(0.0195)).toBe('+0.0195');
    expect(formatDifference(-2)).toBe('−2');
    expect(formatDifference(0)).toBe('±0');
    expect(formatDifference(undefined)).toBe('–');
  });

  it('spells moments with month names', () => {
    expect(formatMoment('2026-05-03T12:00:00Z')).toMatch(/3 May 2026/);
  });

  it('gives the strength of a drift three decimals', () => {
    expect(formatEffect(0.25)).toBe('0.250');
    expect(formatEffect(0.0004)).toBe('< 0.001');
    expect(formatEffect(0)).toBe('0.000');
  });

  it('gives money with its currency, and small amounts with their digits', () => {
    expect(formatMoney(2_937.6, 'USD')).toBe('USD 2,937.60');
    expect(formatMoney(0.0125, 'EUR')).toBe('EUR 0.0125');
    expect(formatMoney(0, 'USD')).toBe('USD 0.00');
  });
});

it('tells moments that there are, and no others', () => {
  expect(isoOf(0)).toBe('1970-01-01T00:00:00.000Z');
  expect(isoOf(8.64e15)).toBe('+275760-09-13T00:00:00.000Z');
  expect(isoOf(8.64e15 + 1)).toBeUndefined();
  expect(isoOf(NaN)).toBeUndefined();
  expect(isoOf(undefined)).toBeUndefined();
});
