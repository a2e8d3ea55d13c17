import type {
  JobState,
  QueueReason,
} from '@greenroom/plugin-ai-training-common';
import type { OpenJob } from './JobStore';

/** Whose position is told at once: nobody counts the others. */
const NEAR = 50;
/** How often the positions of the others are told. */
const FAR_MILLIS = 30_000;

/**
 * Says which queued jobs are to be told that they wait for something else than before. When one starts, all behind it
 * move up: where thousands wait, those far behind are told now and then.
 */
export class PositionTeller {
  readonly #nowMillis: () => number;
  #toldFarMillis = -Infinity;

  constructor(options: { nowMillis?: () => number } = {}) {
    this.#nowMillis = options.nowMillis ?? (() => performance.now());
  }

  changesOf(
    jobs: readonly OpenJob[],
    reasons: ReadonlyMap<string, QueueReason>,
  ): { id: string; state: JobState; isNews: boolean }[] {
    const nowMillis = this.#nowMillis();
    const isFarDue = nowMillis - this.#toldFarMillis >= FAR_MILLIS;
    if (isFarDue) this.#toldFarMillis = nowMillis;
    return jobs.flatMap(({ id, state }) => {
      const reason = reasons.get(id);
      if (state.phase !== 'queued' || !reason) return [];
      const isNews = reason.kind !== state.reason.kind;
      if (!isNews && isSame(reason, state.reason)) return [];
      const isNear = !('position' in reason) || reason.position <= NEAR;
      if (!isNews && !isNear && !isFarDue) return [];
      return [{ id, state: { ...state, reason }, isNews }];
    });
  }
}

/** The keys may have another order: the database's. */
function isSame(one: QueueReason, other: QueueReason): boolean {
  const entries = Object.entries(one);
  const others = new Map(Object.entries(other));
  return (
    entries.length === others.size &&
    entries.every(([key, value]) => others.get(key) === value)
  );
}
