// @ts-check
import { median } from '../control-plane/judge.mjs';

/** From a merge on the Git host to the first answer of the new version. */
export const MAX_MERGE_MILLIS = 5_000;
/** No promotion that has a step to take waits longer until it is begun. */
export const MAX_WAIT_MILLIS = 10_000;

/** @param {number[]} millis - of each round */
export function judgeMerges(millis) {
  const worst = Math.max(...millis);
  return {
    lines: [
      `From the merge to the first answer of the new version: ${median(
        millis,
      ).toFixed(0)} ms in the middle, ${worst.toFixed(0)} ms at most, of ${
        millis.length
      }.`,
    ],
    broken:
      worst > MAX_MERGE_MILLIS
        ? [
            `a merge was answered after ${worst.toFixed(
              0,
            )} ms, expected at most ${MAX_MERGE_MILLIS}`,
          ]
        : [],
  };
}

/**
 * @param {{ openedMillis: number, inReviewMillis: number, longestMillis: number, mostWaiting: number, steps: number }} measured
 */
export function judgeInFlight(measured) {
  const { openedMillis, inReviewMillis, longestMillis, mostWaiting, steps } =
    measured;
  const seconds = millis => `${(millis / 1_000).toFixed(1)} s`;
  return {
    lines: [
      `All promotions were opened after ${seconds(
        openedMillis,
      )} and waited for a review after ${seconds(inReviewMillis)}: ${(
        steps /
        (inReviewMillis / 1_000)
      ).toFixed(1)} steps a second.`,
      `The longest wait for a step: ${seconds(
        longestMillis,
      )}; at most ${mostWaiting} waited at the same time.`,
    ],
    broken:
      longestMillis > MAX_WAIT_MILLIS
        ? [
            `a promotion waited ${longestMillis.toFixed(
              0,
            )} ms for its next step, expected at most ${MAX_WAIT_MILLIS}`,
          ]
        : [],
  };
}
