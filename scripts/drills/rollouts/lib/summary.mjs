// @ts-check

/** The middle one of some numbers, with the least and the largest where they differ. */
export function summaryOf(numbers) {
  if (numbers.length === 0) return 'none';
  const sorted = numbers
    .map(number => Number(number.toPrecision(3)))
    .sort((a, b) => a - b);
  const [least, most] = [sorted[0], sorted[sorted.length - 1]];
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  return least === most ? String(middle) : `${middle} (${least} to ${most})`;
}
