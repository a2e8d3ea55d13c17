import { loadProgress, type SeenDataPlane } from '../dataPlanes/loadProgress';
import type { TrafficSplit } from './trafficSplit';

/**
 * The split that data planes serve: of the versions with traffic those that some data plane runs,
 * since each data plane divides its traffic among what it has loaded.
 */
export function servedSplit(options: {
  model: string;
  split: TrafficSplit;
  /** Whether some version of the model was ever seen to serve. */
  hasServed: boolean;
  dataPlanes: SeenDataPlane[];
}): TrafficSplit {
  const { model, split, hasServed, dataPlanes } = options;
  const isOneOnline = dataPlanes.some(({ online }) => online);
  // Data planes that are out of sight go on from their last snapshot.
  if (!isOneOnline && hasServed) return split;
  const isReady = ({ version, digest }: { version: number; digest: string }) =>
    loadProgress(dataPlanes, { model, version, digest }).ready > 0;
  const ready = split.filter(
    variant => variant.weightPercent > 0 && isReady(variant),
  );
  const missing =
    100 - ready.reduce((sum, { weightPercent }) => sum + weightPercent, 0);
  return split.map(variant => {
    if (!ready.includes(variant)) return { ...variant, weightPercent: 0 };
    return variant === ready[0]
      ? { ...variant, weightPercent: variant.weightPercent + missing }
      : variant;
  });
}
