import type { PulledBrake } from '@greenroom/plugin-ai-inference-common';
import type { SeenDataPlane } from './loadProgress';

/** A brake with the data plane that pulled it. */
export interface SeenBrake {
  publicUrl: string;
  brake: PulledBrake;
}

/** What an online data plane says of a version that it has taken the traffic from; the first that does. */
export function findBrake(
  dataPlanes: SeenDataPlane[],
  braked: { model: string; version: number; digest: string },
): SeenBrake | undefined {
  for (const { online, publicUrl, brakes = [] } of dataPlanes) {
    const brake = brakes.find(
      ({ model, version, digest }) =>
        model === braked.model &&
        version === braked.version &&
        digest === braked.digest,
    );
    if (online && brake) return { publicUrl, brake };
  }
  return undefined;
}

/** In words, with the numbers. */
export function describeBrake({ publicUrl, brake }: SeenBrake): string {
  const { since, requests, failures, otherRequests, otherFailures } = brake;
  const others =
    otherRequests > 0
      ? `, of the others ${otherFailures} of ${otherRequests}`
      : '';
  return `the data plane at ${publicUrl} took its traffic away at ${since.slice(
    11,
    19,
  )} UTC, when ${failures} of its last ${requests} requests failed${others}: ${brake.reason
    .trim()
    .replace(/\.$/, '')}`;
}
