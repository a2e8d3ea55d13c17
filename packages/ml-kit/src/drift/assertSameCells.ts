import { assertCounts } from '../numerics/assertCounts';
import { assertSameLength } from '../numerics/assertSameLength';

/** Throws InvalidArgumentError unless both sides have the same cells, with finite counts of at least 0. */
export function assertSameCells(
  baseline: ArrayLike<number>,
  current: ArrayLike<number>,
): void {
  assertSameLength('baseline and current', baseline, current);
  assertCounts('baseline counts', baseline);
  assertCounts('current counts', current);
}
