import type { Run } from '@greenroom/plugin-ai-training-common';
import { numberText, pairsText } from '../output/words';

/** The newest value of each metric. */
export function metricsText(
  { metrics }: Pick<Run, 'metrics'>,
  { isWhole = false } = {},
): string {
  return pairsText(
    Object.fromEntries(
      metrics.map(({ key, value }) => [
        key,
        typeof value === 'number' && !isWhole ? numberText(value) : value,
      ]),
    ),
  );
}

/** @param millis - since 1970, as a client says: it may be no moment at all */
export function isoOf(millis: number | undefined): string | undefined {
  if (millis === undefined) return undefined;
  const moment = new Date(millis);
  return Number.isNaN(moment.getTime()) ? undefined : moment.toISOString();
}

/** Such as 4.2s, 3m 20s or 5h 10m; undefined while it goes on. */
export function durationText({
  startedAt,
  endedAt,
}: Pick<Run, 'startedAt' | 'endedAt'>): string | undefined {
  if (startedAt === undefined || endedAt === undefined) return undefined;
  const seconds = (endedAt - startedAt) / 1_000;
  if (seconds < 0) return undefined;
  if (seconds < 59.95) return `${seconds.toFixed(1)}s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes}m ${Math.floor(seconds % 60)}s`
    : `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
}
