import type { PromotionStep } from '@greenroom/plugin-ai-registry-common';

export interface StepLog {
  /** Those that ended well before the first that did not, in order. */
  past: PromotionStep[];
  /** That one and what comes after it. */
  ahead: PromotionStep[];
  /** "12 of 14 steps are done, 2 were not needed". */
  summary: string;
  /** From the first start to the last end, in seconds; undefined where that was not written down. */
  tookSeconds?: number;
}

/** Splits the steps of a promotion into what went well, which few want to read, and the rest. */
export function stepLog(steps: PromotionStep[]): StepLog {
  const first = steps.findIndex(
    ({ status, error }) =>
      (status !== 'done' && status !== 'skipped') || error !== undefined,
  );
  const past = first === -1 ? steps : steps.slice(0, first);
  const skipped = past.filter(({ status }) => status === 'skipped').length;
  const tookSeconds = duration(past);
  return {
    past,
    ahead: steps.slice(past.length),
    summary: [
      past.length === steps.length
        ? 'All steps are done'
        : `${past.length} of ${steps.length} steps ${
            past.length === 1 ? 'is' : 'are'
          } done`,
      ...(skipped === 0
        ? []
        : [`${skipped} ${skipped === 1 ? 'was' : 'were'} not needed`]),
    ].join(', '),
    ...(tookSeconds !== undefined && { tookSeconds }),
  };
}

function duration(steps: PromotionStep[]): number | undefined {
  const starts = steps.flatMap(({ startedAt }) => startedAt ?? []);
  const ends = steps.flatMap(({ finishedAt }) => finishedAt ?? []);
  if (starts.length === 0 || ends.length === 0) return undefined;
  const millis =
    Math.max(...ends.map(at => Date.parse(at))) -
    Math.min(...starts.map(at => Date.parse(at)));
  return millis < 0 ? undefined : millis / 1_000;
}
