import { describeBrake, findBrake } from '../dataPlanes/brake';
import { loadProgress, type LoadProgress } from '../dataPlanes/loadProgress';
import type { ConvergenceQuestion } from './convergence';

/** Time for a data plane to fetch and take over new routes; it waits for them and reports every two seconds. */
const TAKE_OVER_MILLIS = 20_000;

/**
 * Data planes that do not serve as they should. Before the version is ready anywhere only those
 * that got stuck are named: the others are simply on their way.
 */
export function findDegraded(
  question: ConvergenceQuestion,
  progress: LoadProgress,
): { publicUrl: string; reason: string }[] {
  const { rollout, split, dataPlanes } = question;
  const loading = rollout.state.phase === 'loading' || progress.ready === 0;
  const wanted = progress.behind.filter(
    ({ state }) => state === 'stuck' || !loading,
  );
  const others = split
    .filter(
      ({ version, weightPercent }) =>
        version !== rollout.toVersion && weightPercent > 0,
    )
    .flatMap(
      ({ version, digest }) =>
        loadProgress(dataPlanes, { model: rollout.model, version, digest })
          .behind,
    )
    .filter(({ state }) => state === 'stuck');
  const braked = split.flatMap(({ version, digest }) => {
    const pulled = findBrake(dataPlanes, {
      model: rollout.model,
      version,
      digest,
    });
    return pulled
      ? {
          publicUrl: pulled.publicUrl,
          reason: `Version ${version}: ${describeBrake(pulled)}`,
        }
      : [];
  });
  const reasons = new Map<string, string[]>();
  for (const { publicUrl, reason } of [
    ...wanted,
    ...others,
    ...braked,
    ...findStale(question),
  ]) {
    reasons.set(publicUrl, [...(reasons.get(publicUrl) ?? []), reason]);
  }
  return [...reasons].map(([publicUrl, all]) => ({
    publicUrl,
    reason: all.join('; '),
  }));
}

/** Data planes that are online and should have taken over the latest split by now, but have not. */
function findStale({ dataPlanes, changedAt, now }: ConvergenceQuestion) {
  return dataPlanes
    .filter(
      ({ online, firstSeenAt, snapshotAsOf = '' }) =>
        online &&
        snapshotAsOf < changedAt &&
        [changedAt, firstSeenAt].every(
          at => now.getTime() - Date.parse(at) > TAKE_OVER_MILLIS,
        ),
    )
    .map(({ publicUrl, snapshotAsOf }) => ({
      publicUrl,
      reason: `The data plane at ${publicUrl} ${
        snapshotAsOf === undefined
          ? 'serves no snapshot that was sent to it yet'
          : `still serves the snapshot of ${toSecond(snapshotAsOf)}`
      }, and the split was changed at ${toSecond(changedAt)}`,
    }));
}

function toSecond(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 19)} UTC`;
}

export function describeDegraded(degraded: { reason: string }[]): string {
  const [first, ...others] = degraded;
  return others.length === 0
    ? first.reason
    : `${first.reason} (${degraded.length} data planes are degraded)`;
}
