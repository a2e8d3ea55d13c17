import { rowsText } from './rowsText';

it.each<[number, string]>([
  [0, '0 rows'],
  [1, '1 row'],
  [1_200, '1,200 rows'],
])('writes %d rows as %s', (count, text) => {
  expect(rowsText(count)).toBe(text);
});
