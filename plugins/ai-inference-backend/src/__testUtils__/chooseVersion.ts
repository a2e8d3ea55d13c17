import { stickyBucket } from '@greenroom/ml-kit';
import type { TrafficSplit } from '../deployments/trafficSplit';

/** The version that a caller gets, by weighted rendezvous hashing as data planes do it. */
export function chooseVersion(split: TrafficSplit, caller: string): number {
  const scored = split
    .filter(({ weightPercent }) => weightPercent > 0)
    .map(({ version, weightPercent }) => ({
      version,
      score:
        -Math.log(1 - stickyBucket(`salt/${version}`, caller)) / weightPercent,
    }))
    .sort((a, b) => a.score - b.score);
  if (scored.length === 0) throw new Error('No version has any traffic');
  return scored[0].version;
}
