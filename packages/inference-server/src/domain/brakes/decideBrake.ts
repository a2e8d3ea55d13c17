/** How requests of one version went within the window. */
export interface VersionCounts {
  version: number;
  requests: number;
  /** Of those, how many the version is to blame for. */
  failures: number;
}

/** When a version loses its traffic. */
export interface BrakeSettings {
  /** How far back requests count. */
  windowSeconds: number;
  /** Fewest requests of the version by which it is judged; 0: nothing is ever braked. */
  minRequests: number;
  /** From which share of failures on. */
  minFailurePercent: number;
}

/** How often the others may fail, at most, beside a version that is to blame by itself: half as often. */
const OTHERS_FAIL_AT_MOST = 0.5;

/**
 * Decides whether a version has to lose its traffic: when it fails often, by enough requests, and
 * at least twice as often as the others. Those are given one failure and one success more than they had, so that
 * few requests of theirs prove little: where they had none, the version is to blame only when all of its own failed.
 *
 * @param counts - of all versions that answer for a model, each with a share of its traffic
 * @returns the worst of them and what the others did; undefined for none
 */
export function decideBrake(
  counts: readonly VersionCounts[],
  settings: BrakeSettings,
): { version: VersionCounts; others: VersionCountsOfMany } | undefined {
  const { minRequests, minFailurePercent } = settings;
  // Who else would answer?
  if (minRequests === 0 || counts.length < 2) return undefined;
  let worst: VersionCounts | undefined;
  for (const each of counts) {
    if (each.requests < minRequests) continue;
    if (shareOf(each) * 100 < minFailurePercent) continue;
    if (!worst || shareOf(each) > shareOf(worst)) worst = each;
  }
  if (!worst) return undefined;
  const others = { requests: 0, failures: 0 };
  for (const each of counts) {
    if (each === worst) continue;
    others.requests += each.requests;
    others.failures += each.failures;
  }
  const ofOthers = (others.failures + 1) / (others.requests + 2);
  if (ofOthers > shareOf(worst) * OTHERS_FAIL_AT_MOST) return undefined;
  return { version: worst, others };
}

export type VersionCountsOfMany = Omit<VersionCounts, 'version'>;

function shareOf({ requests, failures }: VersionCounts): number {
  return failures / requests;
}
