/** State of a Page-Hinkley test; a plain object that can be stored. */
export interface PageHinkleyState {
  count: number;
  mean: number;
  rise: number;
  lowestRise: number;
  fall: number;
  highestFall: number;
}

export interface PageHinkleyOptions {
  /** Change of the mean that is tolerated, in the unit of the values, default 0.005. */
  delta?: number;
  /** Alarm when the cumulated deviation exceeds this, default 50. */
  lambda?: number;
  /** Forgetting factor of the cumulated deviation, default 0.9999. */
  alpha?: number;
  /** Values before the first possible alarm, default 30. */
  minValues?: number;
}

/** A test that has seen nothing. */
export function createPageHinkley(): PageHinkleyState {
  return {
    count: 0,
    mean: 0,
    rise: 0,
    lowestRise: Infinity,
    fall: 0,
    highestFall: -Infinity,
  };
}

/**
 * Adds a value in place, two-sided. True when the mean has changed; the test starts over then.
 * NaN and the infinities are left out. O(1).
 * Source: Page, Biometrika 41 (1954), with the forgetting factor of Gama et al. (2013).
 */
export function addToPageHinkley(
  state: PageHinkleyState,
  value: number,
  options: PageHinkleyOptions = {},
): boolean {
  const {
    delta = 0.005,
    lambda = 50,
    alpha = 0.9999,
    minValues = 30,
  } = options;
  if (!Number.isFinite(value)) return false;
  state.count++;
  state.mean += (value - state.mean) / state.count;
  const deviation = value - state.mean;
  state.rise = state.rise * alpha + deviation - delta;
  state.fall = state.fall * alpha + deviation + delta;
  // An empty state's infinities become null in JSON, so the first value always sets them.
  const isFirst = state.count === 1;
  state.lowestRise = isFirst
    ? state.rise
    : Math.min(state.lowestRise, state.rise);
  state.highestFall = isFirst
    ? state.fall
    : Math.max(state.highestFall, state.fall);
  const hasChanged =
    state.count >= minValues &&
    (state.rise - state.lowestRise > lambda ||
      state.highestFall - state.fall > lambda);
  if (hasChanged) Object.assign(state, createPageHinkley());
  return hasChanged;
}
