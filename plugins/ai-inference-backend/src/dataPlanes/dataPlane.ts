import type { DataPlaneStatus } from '@greenroom/plugin-ai-inference-common';

/** How long a data plane that is gone is still listed. */
export const LISTED_AFTER_LAST_SEEN_MILLIS = 10 * 60 * 1_000;

/** Whether a data plane spoke recently enough to be counted on. */
export function isOnline(
  lastSeenAt: Date,
  options: { now: Date; offlineAfterMillis: number },
): boolean {
  const silentMillis = options.now.getTime() - lastSeenAt.getTime();
  return silentMillis < options.offlineAfterMillis;
}

/** Whether a data plane runs every version of a split, with the right bytes. */
export function runsAll(
  { models }: Pick<DataPlaneStatus, 'models'>,
  model: string,
  split: { version: number; digest: string }[],
): boolean {
  return split.every(variant =>
    models.some(
      loaded =>
        loaded.model === model &&
        loaded.version === variant.version &&
        loaded.digest === variant.digest &&
        loaded.state === 'ready',
    ),
  );
}
