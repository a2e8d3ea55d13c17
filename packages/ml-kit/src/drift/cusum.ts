/** State of a two-sided cumulative sum chart; a plain object that can be stored. */
export interface CusumState {
  /** Sum of excesses above the target. */
  high: number;
  /** Sum of excesses below the target. */
  low: number;
}

export interface CusumOptions {
  /** Value without drift. */
  target: number;
  /** Of one value, without drift. */
  standardDeviation: number;
  /** Half the shift worth finding, in standard deviations, default 0.5. */
  slack?: number;
  /** Alarm when a sum exceeds this, in standard deviations, default 5: a false alarm every 465 values. */
  threshold?: number;
}

/** A chart that has seen nothing. */
export function createCusum(): CusumState {
  return { high: 0, low: 0 };
}

/**
 * Adds a value in place. Returns where it drifted, and starts over after an alarm.
 * NaN and the infinities are left out. O(1). Source: Page, Biometrika 41 (1954).
 */
export function addToCusum(
  state: CusumState,
  value: number,
  options: CusumOptions,
): 'up' | 'down' | undefined {
  const { target, standardDeviation, slack = 0.5, threshold = 5 } = options;
  if (!Number.isFinite(value)) return undefined;
  const z = (value - target) / standardDeviation;
  state.high = Math.max(0, state.high + z - slack);
  state.low = Math.max(0, state.low - z - slack);
  if (state.high <= threshold && state.low <= threshold) return undefined;
  const direction = state.high > threshold ? 'up' : 'down';
  state.high = 0;
  state.low = 0;
  return direction;
}
