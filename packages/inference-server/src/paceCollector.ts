import { setFlagsFromString } from 'node:v8';

/**
 * Shares of the room that V8 gives the old generation until its next limit, in percent, at which it begins to mark:
 * by and by, and at once.
 */
export const COLLECTOR_FLAGS = [
  '--incremental-marking-soft-trigger=50',
  '--incremental-marking-hard-trigger=75',
];

/**
 * Has V8 begin its next full collection when the old generation has grown by half of its room.
 *
 * By itself V8 begins when the room left is less than the whole young generation may hold. Bodies of some hundred
 * kilobytes bring the young generation to its full size of 32 MiB, which is more than V8 ever gives an old generation
 * of 30 MiB: from then on it collects all of the time, some ten times a second, for 3 to 5 ms of CPU a request
 * (`IncrementalMarkingLimitReached` in V8's heap.cc; figures in bench/infer). V8's own bounds of memory stay.
 */
export function paceCollector(): void {
  for (const flag of COLLECTOR_FLAGS) setFlagsFromString(flag);
}
