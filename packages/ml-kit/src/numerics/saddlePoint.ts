/**
 * Deviance part of Loader's saddle-point expansion: x log(x / mean) + mean - x,
 * without the cancellation of the plain formula when x is near the mean.
 *
 * Domain x > 0, mean > 0. Never negative.
 * Source: Loader, Fast and Accurate Computation of Binomial Probabilities (2000).
 */
export function deviance(x: number, mean: number): number {
  const difference = x - mean;
  const total = x + mean;
  if (Math.abs(difference) < 0.5 * total) {
    const v = difference / total;
    const vSquared = v * v;
    let sum = difference * v;
    let term = 2 * x * v;
    for (let k = 1; k < 1000; k++) {
      term *= vSquared;
      const next = sum + term / (2 * k + 1);
      if (next === sum) break;
      sum = next;
    }
    return sum;
  }
  return x * Math.log(x / mean) + mean - x;
}
