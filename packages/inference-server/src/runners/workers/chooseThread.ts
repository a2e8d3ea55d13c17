/** Opening a larger model takes so long that no other one should wait for it. */
export const LARGE_BYTES = 64 * 1024 * 1024;

/** Shares that differ by less say nothing. */
const STEPS_OF_SHARE = 20;

/** How a thread is that could take a model. */
export interface ThreadLoad {
  /** Models that are open there, or being opened. */
  models: number;
  /** Part of the last minute in which it had something to do, between 0 and 1. */
  busyShare: number;
}

/**
 * Chooses where a model is opened: where there is none yet, else in a new thread as long as there may be more, else
 * where there is least to do. A large one never stands in the way of others: it may have a thread beyond the limit.
 *
 * @returns position of a thread, or `new`
 */
export function chooseThread(
  threads: readonly ThreadLoad[],
  options: { maxThreads: number; sizeBytes: number },
): number | 'new' {
  const empty = threads.findIndex(({ models }) => models === 0);
  if (empty >= 0) return empty;
  const { maxThreads, sizeBytes } = options;
  if (threads.length < maxThreads || sizeBytes > LARGE_BYTES) return 'new';
  const [least] = threads
    .map(({ models, busyShare }, at) => ({
      at,
      models,
      step: Math.round(busyShare * STEPS_OF_SHARE),
    }))
    .sort((a, b) => a.step - b.step || a.models - b.models);
  return least.at;
}
