/** A version with its share of the traffic, in percent. */
export interface VersionShare {
  version: number;
  sharePercent: number;
}

/** One version inside a deployment, as the control plane remembers it. */
export interface SplitVariant {
  version: number;
  digest: string;
  /** Percent of requests, 0 to 100. */
  weightPercent: number;
  /** ISO 8601. Set while a version without traffic is kept for the requests still under way. */
  retainUntil?: string;
}

/**
 * The variants of a deployment. Weights add up to 100 when there is any variant.
 *
 * Their order means nothing to callers: data planes give each the version that scores best for
 * it (weighted rendezvous hashing). Whether somebody moves depends on the ratio of two weights.
 */
export type TrafficSplit = SplitVariant[];

/** Adds a version without traffic, or keeps the one that is there. The first version of all gets all traffic. */
export function withVersion(
  split: TrafficSplit,
  added: { version: number; digest: string },
): TrafficSplit {
  if (split.some(({ version }) => version === added.version)) {
    return split.map(variant =>
      variant.version === added.version
        ? { ...variant, digest: added.digest, retainUntil: undefined }
        : variant,
    );
  }
  return [
    ...split,
    {
      version: added.version,
      digest: added.digest,
      weightPercent: split.length === 0 ? 100 : 0,
    },
  ];
}

export function weightOf(split: TrafficSplit, version: number): number {
  return split.find(variant => variant.version === version)?.weightPercent ?? 0;
}

/**
 * Raises a version to a share of the traffic; a share it has already is never lowered.
 *
 * @remarks
 *
 * The others keep their ratios to each other, so that a caller either stays where it is or moves
 * to this version, never between two others.
 */
export function shiftTraffic(
  split: TrafficSplit,
  toVersion: number,
  weightPercent: number,
): TrafficSplit {
  if (!split.some(({ version }) => version === toVersion)) {
    throw new Error(`Version ${toVersion} is not part of the split`);
  }
  const before = weightOf(split, toVersion);
  const target = Math.max(before, Math.min(100, weightPercent));
  if (target === before) return split;
  return withShares(split, [
    { version: toVersion, sharePercent: target },
    ...inRatio(
      sharesOf(split.filter(({ version }) => version !== toVersion)),
      100 - target,
    ),
  ]);
}

/**
 * Takes its whole traffic from each of the versions, for those that remain. These keep their
 * ratios to each other, so that nobody moves but the callers of the versions that leave.
 *
 * @param to - gets everything where none that remains has any traffic
 */
export function giveWay(
  split: TrafficSplit,
  { from, to }: { from: number[]; to: number },
): TrafficSplit {
  const remaining = split.filter(({ version }) => !from.includes(version));
  return remaining.some(({ weightPercent }) => weightPercent > 0)
    ? withShares(split, inRatio(sharesOf(remaining), 100))
    : withShares(split, [{ version: to, sharePercent: 100 }]);
}

/** The split with exactly these shares; versions that are not named get none. */
export function withShares(
  split: TrafficSplit,
  shares: readonly VersionShare[],
): TrafficSplit {
  return split.map(variant => ({
    ...variant,
    weightPercent:
      shares.find(({ version }) => version === variant.version)?.sharePercent ??
      0,
  }));
}

/** Whether the versions of two splits have the same shares. */
export function hasSameShares(one: TrafficSplit, other: TrafficSplit): boolean {
  return [...one, ...other].every(
    ({ version }) => weightOf(one, version) === weightOf(other, version),
  );
}

/** The shares without those of some versions, which go to the others in the ratio that they have. */
export function sharesWithout(
  shares: readonly VersionShare[],
  versions: readonly number[],
): VersionShare[] {
  return inRatio(
    shares.filter(({ version }) => !versions.includes(version)),
    100,
  );
}

function sharesOf(split: TrafficSplit): VersionShare[] {
  return split.map(({ version, weightPercent }) => ({
    version,
    sharePercent: weightPercent,
  }));
}

/** Divides a share among versions in the ratio that they have. The last one gets what is left, so that the sum is exact. */
function inRatio(
  shares: readonly VersionShare[],
  totalPercent: number,
): VersionShare[] {
  const weighted = shares.filter(({ sharePercent }) => sharePercent > 0);
  const sum = weighted.reduce((all, item) => all + item.sharePercent, 0);
  let leftPercent = totalPercent;
  return weighted.map(({ version, sharePercent: share }, index) => {
    const sharePercent =
      index === weighted.length - 1
        ? leftPercent
        : (share * totalPercent) / sum;
    leftPercent -= sharePercent;
    return { version, sharePercent };
  });
}

/**
 * Lets versions go that have no traffic: kept for the drain time first, then dropped.
 * Doing it twice changes nothing.
 */
export function tidySplit(
  split: TrafficSplit,
  options: {
    /** Versions that stay loaded without traffic, such as the one a rollback goes to. */
    keep: number[];
    now: Date;
    drainMillis: number;
  },
): TrafficSplit {
  const { keep, now, drainMillis } = options;
  return split.flatMap(variant => {
    if (variant.weightPercent > 0 || keep.includes(variant.version)) {
      return [{ ...variant, retainUntil: undefined }];
    }
    if (variant.retainUntil === undefined) {
      const retainUntil = new Date(now.getTime() + drainMillis).toISOString();
      return [{ ...variant, retainUntil }];
    }
    return variant.retainUntil > now.toISOString() ? [variant] : [];
  });
}

/** When the next version is due to be dropped, ISO 8601. */
export function nextDropAt(split: TrafficSplit): string | undefined {
  return split
    .flatMap(({ retainUntil }) => retainUntil ?? [])
    .sort()
    .at(0);
}
