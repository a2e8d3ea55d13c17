import type { DataPlaneStatus } from '@greenroom/plugin-ai-inference-common';

/** How long a data plane that is gone is still listed. */
export const LISTED_AFTER_LAST_SEEN_MILLIS = 10 * 60 * 1_000;

/** Whether a data plane can be counted on: it spoke lately, and not to say that it stops. */
export function isOnline(
  seen: { lastSeenAt: Date; stoppedAt: Date | undefined },
  options: { now: Date; offlineAfterMillis: number },
): boolean {
  const silentMillis = options.now.getTime() - seen.lastSeenAt.getTime();
  return (
    seen.stoppedAt === undefined && silentMillis < options.offlineAfterMillis
  );
}

/** Whether a data plane tells of a version of the model that it could not load. */
export function hasFailed(
  { models }: Pick<DataPlaneStatus, 'models'>,
  model: string,
): boolean {
  return models.some(
    loaded =>
      loaded.model === model &&
      (loaded.state === 'failed' || loaded.error !== undefined),
  );
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
