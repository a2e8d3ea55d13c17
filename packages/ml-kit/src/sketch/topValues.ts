import { assertFormatVersion } from '../numerics/assertFormatVersion';
import { assertIntegerAtLeast } from '../numerics/assertIntegerAtLeast';
import { InvalidArgumentError } from '../numerics/InvalidArgumentError';

export interface TopValue {
  value: string;
  /** Never below the true count. */
  count: number;
  /** The count is too high by at most this. */
  error: number;
}

/**
 * The most frequent values of a stream in bounded memory. Every value with more
 * than total / capacity occurrences is in it, and no count is off by more than that. A plain object.
 */
export interface TopValues {
  formatVersion: 1;
  capacity: number;
  /** All values counted. */
  total: number;
  /** Value to its count and error; at most `capacity` of them. */
  entries: Record<string, { count: number; error: number }>;
  /** Number of entries. */
  size: number;
}

/** Counter of no values. Throws InvalidArgumentError unless capacity is a positive integer. */
export function createTopValues(capacity = 100): TopValues {
  if (!(Number.isInteger(capacity) && capacity > 0)) {
    throw new InvalidArgumentError(
      `capacity must be a positive integer, got ${capacity}`,
    );
  }
  return { formatVersion: 1, capacity, total: 0, entries: {}, size: 0 };
}

function smallest(entries: TopValues['entries']): string {
  let found = '';
  let least = Infinity;
  for (const key of Object.keys(entries)) {
    const { count } = entries[key];
    // Ties go by name, so that the result does not depend on the order of keys.
    if (count < least || (count === least && key > found)) {
      found = key;
      least = count;
    }
  }
  return found;
}

/**
 * Counts a value in place. Throws InvalidArgumentError, and changes nothing, unless count is an integer of at least 0. O(1) for a known value, O(capacity) when it displaces another.
 * Source: Metwally, Agrawal and El Abbadi, Space-Saving, ICDT 2005.
 */
export function addToTopValues(
  top: TopValues,
  value: string | number,
  count = 1,
): void {
  assertFormatVersion('counter of top values', top);
  assertIntegerAtLeast('count', count, 0);
  if (count === 0) return;
  const key = String(value);
  top.total += count;
  if (Object.hasOwn(top.entries, key)) {
    top.entries[key].count += count;
    return;
  }
  if (top.size < top.capacity) {
    define(top.entries, key, { count, error: 0 });
    top.size++;
    return;
  }
  const displaced = smallest(top.entries);
  const floor = top.entries[displaced].count;
  delete top.entries[displaced];
  define(top.entries, key, { count: floor + count, error: floor });
}

/** Plain assignment would change the prototype for a value that is called `__proto__`. */
function define(
  entries: TopValues['entries'],
  key: string,
  entry: { count: number; error: number },
): void {
  Object.defineProperty(entries, key, {
    value: entry,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

/** Most a value that is not listed can have occurred. */
function unlistedBound(top: TopValues): number {
  return top.size < top.capacity ? 0 : top.entries[smallest(top.entries)].count;
}

/**
 * Counter of the values of both, as a new object. Commutative; associative up to the error bound
 * total / capacity, which holds after any merges. The smaller capacity is kept.
 * O(capacity log capacity). Source: Agarwal et al., Mergeable Summaries, PODS 2012.
 */
export function mergeTopValues(a: TopValues, b: TopValues): TopValues {
  assertFormatVersion('counter of top values', b);
  assertFormatVersion('counter of top values', a);
  const capacity = Math.min(a.capacity, b.capacity);
  const boundA = unlistedBound(a);
  const boundB = unlistedBound(b);
  const keys = new Set([...Object.keys(a.entries), ...Object.keys(b.entries)]);
  const listed = (top: TopValues, key: string, bound: number) =>
    Object.hasOwn(top.entries, key)
      ? top.entries[key]
      : { count: bound, error: bound };
  const all = [...keys]
    .map(value => {
      const one = listed(a, value, boundA);
      const other = listed(b, value, boundB);
      return {
        value,
        count: one.count + other.count,
        error: one.error + other.error,
      };
    })
    .sort(byCount)
    .slice(0, capacity);
  const merged = createTopValues(capacity);
  merged.total = a.total + b.total;
  merged.size = all.length;
  for (const { value, count, error } of all) {
    define(merged.entries, value, { count, error });
  }
  return merged;
}

function byCount(a: TopValue, b: TopValue): number {
  return b.count - a.count || (a.value < b.value ? -1 : 1);
}

/** The values by falling count, `limit` at most. O(capacity log capacity). */
export function listTopValues(
  top: TopValues,
  limit = top.capacity,
): TopValue[] {
  assertFormatVersion('counter of top values', top);
  return Object.keys(top.entries)
    .map(value => ({ value, ...top.entries[value] }))
    .sort(byCount)
    .slice(0, limit);
}
