/** Sums of a run of values: 2^level of them. */
interface Bucket {
  total: number;
  /** Sum of squared differences from the run's mean. */
  m2: number;
}

/**
 * State of an adaptive window: a history of values that forgets what is older
 * than the last change. A plain object that can be stored; O(log n) memory.
 */
export interface AdwinState {
  /** Buckets of 2^level values each, the oldest first. */
  levels: Bucket[][];
  /** Values in the window. */
  width: number;
  total: number;
  m2: number;
  /** Values seen in all. */
  seen: number;
}

export interface AdwinOptions {
  /** Bound on the probability of a false alarm at each check, default 0.002. */
  delta?: number;
  /** Look for a change every so many values, default 32. */
  clock?: number;
  /** Buckets of one size before two are joined, default 5. */
  maxBuckets?: number;
  /** Fewest values on either side of a cut, default 5. */
  minWindow?: number;
  /** Window widths that are not checked, default 10. */
  grace?: number;
}

/** A window that has seen nothing. */
export function createAdwin(): AdwinState {
  return { levels: [[]], width: 0, total: 0, m2: 0, seen: 0 };
}

/** Mean of the values since the last change; undefined when empty. */
export function adwinMean(state: AdwinState): number | undefined {
  return state.width > 0 ? state.total / state.width : undefined;
}

/** What joining two runs adds to their squared differences. */
function between(n1: number, mean1: number, n2: number, mean2: number) {
  return ((n1 * n2) / (n1 + n2)) * (mean1 - mean2) ** 2;
}

function insert(state: AdwinState, value: number, maxBuckets: number): void {
  if (state.width > 0) {
    state.m2 += between(state.width, state.total / state.width, 1, value);
  }
  state.width++;
  state.total += value;
  const { levels } = state;
  levels[0].push({ total: value, m2: 0 });
  for (let level = 0; levels[level].length > maxBuckets; level++) {
    const size = 2 ** level;
    const [a, b] = levels[level].splice(0, 2);
    if (level + 1 === levels.length) levels.push([]);
    levels[level + 1].push({
      total: a.total + b.total,
      m2: a.m2 + b.m2 + between(size, a.total / size, size, b.total / size),
    });
  }
}

function dropOldest(state: AdwinState): void {
  const { levels } = state;
  const size = 2 ** (levels.length - 1);
  const bucket = levels[levels.length - 1].shift();
  if (!bucket) return;
  state.width -= size;
  state.total -= bucket.total;
  if (state.width > 0) {
    const mean = state.total / state.width;
    const lost =
      bucket.m2 + between(size, bucket.total / size, state.width, mean);
    state.m2 = Math.max(0, state.m2 - lost);
  }
  while (levels.length > 1 && levels[levels.length - 1].length === 0) {
    levels.pop();
  }
}

/** Whether the window has two halves whose means differ by more than chance allows. */
function hasCut(state: AdwinState, delta: number, minWindow: number): boolean {
  const { levels, width, total, m2 } = state;
  const logTerm = Math.log((2 * Math.log(width)) / delta);
  let n = 0;
  let sum = 0;
  for (let level = levels.length - 1; level >= 0; level--) {
    for (const bucket of levels[level]) {
      n += 2 ** level;
      sum += bucket.total;
      const rest = width - n;
      if (rest < minWindow) return false;
      if (n < minWindow) continue;
      const harmonic = 1 / (n - minWindow + 1) + 1 / (rest - minWindow + 1);
      const bound =
        Math.sqrt(2 * harmonic * (m2 / width) * logTerm) +
        (2 / 3) * logTerm * harmonic;
      if (Math.abs(sum / n - (total - sum) / rest) > bound) return true;
    }
  }
  return false;
}

/**
 * Adds a value in place. True when the mean of the stream has changed: the window
 * has then dropped what came before. NaN and the infinities are left out.
 *
 * O(log width) amortized, and O(log width) more at every `clock`-th value.
 * Source: Bifet and Gavaldà, Learning from Time-Changing Data with Adaptive Windowing, SDM 2007.
 */
export function addToAdwin(
  state: AdwinState,
  value: number,
  options: AdwinOptions = {},
): boolean {
  const { delta = 0.002, clock = 32, maxBuckets = 5 } = options;
  const { minWindow = 5, grace = 10 } = options;
  if (!Number.isFinite(value)) return false;
  insert(state, value, maxBuckets);
  state.seen++;
  if (state.seen % clock !== 0 || state.width <= grace) return false;
  let hasChanged = false;
  while (state.width > grace && hasCut(state, delta, minWindow)) {
    hasChanged = true;
    dropOldest(state);
  }
  return hasChanged;
}
