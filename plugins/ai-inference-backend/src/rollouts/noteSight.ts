import type { RolloutRecord } from './rollout';
import type { RolloutSituation } from './situation';

/** How exact it is kept when an analysis was seen last: it is written each time. */
const SEEN_MILLIS = 60_000;

/** Notes whether the analysis can be read. That is no history: what it held up is. */
export function noteSight(
  rollout: RolloutRecord,
  { analysis, now }: Pick<RolloutSituation, 'analysis' | 'now'>,
): RolloutRecord {
  const { state, comparison, analysisSeenAt } = rollout;
  if (state.phase !== 'progressing') return rollout;
  const { unseen, ...seen } = state;
  const isCompared = comparison && comparison.endedAt === undefined;
  if (!isCompared) return unseen ? { ...rollout, state: seen } : rollout;
  if (!analysis) return rollout;
  if (analysis.kind === 'away') {
    const { reason } = analysis;
    return unseen?.reason === reason
      ? rollout
      : {
          ...rollout,
          state: {
            ...state,
            unseen: { since: unseen?.since ?? now.toISOString(), reason },
          },
        };
  }
  const isStale =
    now.getTime() - Date.parse(analysisSeenAt ?? '1970-01-01') >= SEEN_MILLIS;
  if (!unseen && !isStale) return rollout;
  return {
    ...rollout,
    state: seen,
    ...(isStale && { analysisSeenAt: now.toISOString() }),
  };
}
