import {
  formatBytes,
  formatDuration,
  formatMillis,
  formatNumber,
  formatRate,
  formatShare,
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
