import { multiplyQuantity, readQuantity, readUsage } from './quantity';

it.each([
  ['2', 2],
  ['500m', 0.5],
  ['1.5', 1.5],
  ['1.5Gi', 1.5 * 2 ** 30],
  ['2G', 2e9],
  ['3k', 3_000],
  ['1e3', undefined],
  ['', undefined],
  ['-1', undefined],
  ['2 Gi', undefined],
  ['much', undefined],
  [undefined, undefined],
])('reads %p as %p', (text, amount) => {
  expect(readQuantity(text)).toBe(amount);
});

it.each([
  ['500m', 3, '1500m'],
  ['32Gi', 8, '256Gi'],
  ['0.1', 3, '0.3'],
  ['1', 1, '1'],
])('takes %s %i times', (text, times, expected) => {
  expect(multiplyQuantity(text, times)).toBe(expected);
});

it('reads what metrics say', () => {
  expect(readUsage('1500000000n')).toBe(1.5);
  expect(readUsage('250u')).toBe(0.00025);
  expect(readUsage('12Ki')).toBe(12 * 1024);
});
