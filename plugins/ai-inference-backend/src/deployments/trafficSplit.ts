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
 * The order matters: a request's bucket falls into consecutive ranges in this order, so a
 * split keeps it, and new versions are appended.
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
 * The others give way in the order of their distance in the list, those behind the version
 * first. Its range of buckets then grows at its two ends only, so that a caller either stays
 * where it is or moves to this version, never between two others.
 */
export function shiftTraffic(
  split: TrafficSplit,
  toVersion: number,
  weightPercent: number,
): TrafficSplit {
  const target = split.findIndex(({ version }) => version === toVersion);
  if (target < 0) {
    throw new Error(`Version ${toVersion} is not part of the split`);
  }
  const weights = split.map(variant => variant.weightPercent);
  let missing = Math.max(0, Math.min(100, weightPercent) - weights[target]);
  const indices = [...weights.keys()];
  const behind = indices.slice(target + 1);
  const before = indices.slice(0, target).reverse();
  for (const index of [...behind, ...before]) {
    const given = Math.min(weights[index], missing);
    weights[index] -= given;
    weights[target] += given;
    missing -= given;
  }
  return split.map((variant, index) => ({
    ...variant,
    weightPercent: weights[index],
  }));
}

/**
 * Whether a version can leave its whole share to another one without moving anybody else: their
 * ranges of buckets have to touch.
 */
export function canGiveWay(
  split: TrafficSplit,
  move: { from: number; to: number },
): boolean {
  const from = split.findIndex(({ version }) => version === move.from);
  const to = split.findIndex(({ version }) => version === move.to);
  return (
    from >= 0 &&
    to >= 0 &&
    from !== to &&
    split
      .slice(Math.min(from, to) + 1, Math.max(from, to))
      .every(({ weightPercent }) => weightPercent === 0)
  );
}

/** Leaves the whole share of one version to another one; see {@link canGiveWay}. */
export function giveWay(
  split: TrafficSplit,
  { from, to }: { from: number; to: number },
): TrafficSplit {
  const given = weightOf(split, from);
  return split.map(variant => {
    switch (variant.version) {
      case from:
        return { ...variant, weightPercent: 0 };
      case to:
        return { ...variant, weightPercent: variant.weightPercent + given };
      default:
        return variant;
    }
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
