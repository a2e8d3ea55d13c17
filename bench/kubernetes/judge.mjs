// @ts-check
import { median } from '../control-plane/judge.mjs';

/** From a merge that is known until all pods have their nodes. */
export const MAX_PODS_MILLIS = 2_000;
/** While nothing changes. */
export const MAX_WRITES_PER_SECOND = 2;

/**
 * @param {import('./measure.mjs').Measured} measured
 * @returns {{ lines: string[], broken: string[] }} what to print, and a sentence for each bound that does not hold
 */
export function judgeKubernetes(measured) {
  const {
    environments,
    firstSeconds,
    quiet,
    podsMillis,
    lagMillis,
    megabytes,
  } = measured;
  const worst = Math.max(...podsMillis);
  return {
    lines: [
      `${environments} environments, two pods each, were there after ${firstSeconds.toFixed(
        0,
      )} s.`,
      `While nothing changed, for ${quiet.seconds.toFixed(
        0,
      )} s: ${quiet.writes.toFixed(2)} writes and ${quiet.reads.toFixed(
        1,
      )} reads a second.`,
      `From a wish to pods with nodes: ${millis(
        median(podsMillis),
      )} in the middle, ${millis(worst)} at most, of ${podsMillis.length}.`,
      `A change of a pod is known after ${millis(
        median(lagMillis),
      )} in the middle, ${millis(Math.max(...lagMillis))} at most, of ${
        lagMillis.length
      }.`,
      `The deployer and what it knows of the cluster take ${megabytes.toFixed(
        0,
      )} MB.`,
    ],
    broken: [
      ...(worst > MAX_PODS_MILLIS
        ? [
            `pods had their nodes ${millis(
              worst,
            )} after they were wanted, expected at most ${MAX_PODS_MILLIS} ms`,
          ]
        : []),
      ...(quiet.writes > MAX_WRITES_PER_SECOND
        ? [
            `${quiet.writes.toFixed(
              2,
            )} writes a second while nothing changed, expected at most ${MAX_WRITES_PER_SECOND}`,
          ]
        : []),
    ],
  };
}

function millis(value) {
  return `${value.toFixed(0)} ms`;
}
