import type { Rollout } from '@greenroom/plugin-ai-inference-common';
import type { Marker } from '@greenroom/plugin-ai-monitoring-common';

const START_KINDS: Record<Rollout['kind'], Marker['kind']> = {
  promotion: 'promotion',
  rollback: 'rollback',
  push: 'rollout-started',
};

const START_WORDS: Record<Rollout['kind'], string> = {
  promotion: 'Promotion of',
  rollback: 'Rollback to',
  push: 'Rollout of',
};

/** More lines cannot be told apart in a chart. */
const MOST_MARKERS = 1_000;

/** What happened to a model within a time, the newest 1,000, oldest first, out of the histories of its rollouts. */
export function toMarkers(
  rollouts: Rollout[],
  span: { from: string; to: string },
): Marker[] {
  const from = new Date(span.from).toISOString();
  const to = new Date(span.to).toISOString();
  return rollouts
    .flatMap(markersOf)
    .filter(({ at }) => at >= from && at < to)
    .sort((a, b) => (a.at < b.at ? -1 : 1))
    .slice(-MOST_MARKERS);
}

function markersOf(rollout: Rollout): Marker[] {
  const { kind, state, history, toVersion: version } = rollout;
  return history.flatMap(({ at, weightPercent }, index): Marker[] => {
    if (index === 0) {
      const title = `${START_WORDS[kind]} version ${version}`;
      return [{ at, kind: START_KINDS[kind], title, version }];
    }
    const isLast = index === history.length - 1;
    if (isLast && state.phase === 'completed') {
      const title = `Version ${version} gets all traffic`;
      return [{ at, kind: 'rollout-completed', title, version }];
    }
    if (
      isLast &&
      (state.phase === 'rejected' || state.phase === 'superseded')
    ) {
      const title = `Rollout of version ${version} ${state.phase}`;
      return [{ at, kind: 'rollout-step', title, version }];
    }
    // That it was held, or goes on, moved no traffic.
    if (weightPercent === history[index - 1].weightPercent) return [];
    const title = `Version ${version} gets ${weightPercent} %`;
    return [{ at, kind: 'rollout-step', title, version }];
  });
}
