/**
 * Exponential moving average. The first values have nothing before them, which would draw them towards zero: the
 * average is divided by the weight that was given so far, so that a constant stays what it is. Holes stay holes,
 * and do not count.
 *
 * @param weight - of what came before, 0 (as measured) to below 1
 */
export function smooth(
  values: readonly (number | undefined)[],
  weight: number,
): (number | undefined)[] {
  if (!(weight > 0 && weight < 1)) return [...values];
  let average = 0;
  let given = 0;
  return values.map(value => {
    if (value === undefined) return undefined;
    average = average * weight + value * (1 - weight);
    given = given * weight + (1 - weight);
    return average / given;
  });
}
