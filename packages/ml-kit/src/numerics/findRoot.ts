export interface FindRootOptions {
  /** Value and slope at y of a function that never falls. An infinite or NaN slope means "bisect here". */
  evaluate(y: number): { value: number; slope: number };
  /** Below the root. */
  low: number;
  /** Above the root. */
  high: number;
  guess: number;
}

/**
 * Root of a rising function by Newton's method, kept inside a bracket that
 * shrinks with every step, so it converges from any guess: to the last bits of y,
 * or to an end of the bracket when the root lies outside. At most 200 evaluations.
 */
export function findRoot(options: FindRootOptions): number {
  const { evaluate } = options;
  let { low, high } = options;
  let y = Math.min(high, Math.max(low, options.guess));
  for (let i = 0; i < 200; i++) {
    const { value, slope } = evaluate(y);
    if (value === 0) return y;
    if (value > 0) high = y;
    else low = y;
    const step = value / slope;
    const newton = y - step;
    const next =
      newton > low && newton < high ? newton : low + (high - low) / 2;
    if (Math.abs(next - y) <= 2e-16 * Math.abs(y) || next === y) return next;
    y = next;
  }
  return y;
}
