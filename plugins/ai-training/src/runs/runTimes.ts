import { isoOf } from '@greenroom/ai-react';
import type { Run } from '@greenroom/plugin-ai-training-common';

/** ISO 8601: when it started as its client says, or else when it was made here. */
export function startOf({ startedAt, createdAt }: Run): string {
  return isoOf(startedAt) ?? createdAt;
}

/** Seconds from start to end; undefined while it goes on, or where its client said neither. */
export function secondsOf({ startedAt, endedAt }: Run): number | undefined {
  return startedAt === undefined || endedAt === undefined
    ? undefined
    : Math.max(0, (endedAt - startedAt) / 1000);
}
