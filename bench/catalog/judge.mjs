// @ts-check
import { median } from '../control-plane/judge.mjs';

/** From a change in the registry until the catalog shows it. */
export const MAX_CHANGE_MILLIS = 5_000;

/**
 * @param {{ quiet: number[], busy: number[], comparisons: import('./ComparisonWatch.mjs').Comparison[] }} measured
 * @returns {{ lines: string[], broken: string[] }} what to print, and a sentence for each bound that does not hold
 */
export function judgeCatalog({ quiet, busy, comparisons }) {
  const halves = [
    { when: 'while nothing else is compared', millis: quiet },
    { when: 'while all models are compared', millis: busy },
  ];
  const middle = key => seconds(median(comparisons.map(one => one[key])));
  return {
    lines: [
      ...halves.map(
        ({ when, millis }) =>
          `A change is in the catalog, ${when}: ${seconds(
            median(millis),
          )} in the middle, ${seconds(Math.max(...millis))} at most, of ${
            millis.length
          }.`,
      ),
      `A comparison of all models takes ${middle('millis')}, and ${middle(
        'controlPlaneCpuMillis',
      )} of a core in the control plane and ${middle(
        'databaseCpuMillis',
      )} in the database, in the middle of ${comparisons.length}.`,
    ],
    broken: halves.flatMap(({ when, millis }) => {
      const worst = Math.max(...millis);
      return worst > MAX_CHANGE_MILLIS
        ? [
            `a change was in the catalog after ${worst.toFixed(
              0,
            )} ms ${when}, expected at most ${MAX_CHANGE_MILLIS}`,
          ]
        : [];
    }),
  };
}

function seconds(millis) {
  return `${(millis / 1_000).toFixed(2)} s`;
}
