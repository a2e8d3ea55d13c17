import type { PlacementMode } from '@greenroom/plugin-ai-inference-common';
import type { Placement } from '../domain/Placement';
import type { MeasuredRun } from './cost/MeasuredRun';

/** Loading more would hold up all callers. */
export const MOST_INLINE_BYTES = 4 * 1024 * 1024;
/** A run that takes longer is worth a way to another thread and back. */
export const MOST_INLINE_MILLIS = 2;
/** Few bytes may become many when they are loaded, which holds up all callers once. */
export const MOST_INLINE_OPEN_MILLIS = 25;
const BYTES_PER_MEBIBYTE = 1024 * 1024;

/** Of a data plane that was started without the program of a thread, as a library or in a test. */
export const NO_THREADS: Placement = {
  where: 'inline',
  reason: 'this data plane was started without worker threads',
};

/**
 * Decides where a version runs. On the serving thread an answer costs least, and holds up all others meanwhile.
 *
 * @param options.sizeBytes - of all files of the version
 * @param options.openMillis - how long a thread was held to load it
 * @param options.runs - as they were measured in a thread, when it was warm
 */
export function decidePlacement(options: {
  wish: PlacementMode | undefined;
  sizeBytes: number;
  openMillis: number;
  runs: readonly MeasuredRun[];
}): Placement {
  const { wish = 'auto', sizeBytes, openMillis, runs } = options;
  if (wish !== 'auto') {
    return { where: wish, reason: 'its manifest says so' };
  }
  if (sizeBytes > MOST_INLINE_BYTES) {
    return {
      where: 'worker',
      reason: `its files have ${inMebibytes(
        sizeBytes,
      )} MiB, more than ${inMebibytes(MOST_INLINE_BYTES)}`,
    };
  }
  if (openMillis > MOST_INLINE_OPEN_MILLIS) {
    return {
      where: 'worker',
      reason: `loading it takes ${Math.round(
        openMillis,
      )} ms, more than ${MOST_INLINE_OPEN_MILLIS} ms`,
    };
  }
  const millis = medianOf(
    runs.flatMap(run => (run.rows === 1 ? run.millis : [])),
  );
  if (millis === undefined) {
    return {
      where: 'worker',
      reason:
        'it takes no made-up values, so that nobody knows how long it takes',
    };
  }
  const measured = `a row takes ${millis.toPrecision(2)} ms`;
  return millis > MOST_INLINE_MILLIS
    ? {
        where: 'worker',
        reason: `${measured}, more than ${MOST_INLINE_MILLIS} ms`,
      }
    : { where: 'inline', reason: `it is small, and ${measured}` };
}

function medianOf(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}

function inMebibytes(bytes: number): string {
  return (bytes / BYTES_PER_MEBIBYTE).toFixed(
    bytes < 10 * BYTES_PER_MEBIBYTE ? 1 : 0,
  );
}
