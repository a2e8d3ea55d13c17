/** FNV-1a over the UTF-16 code units of the text (not its bytes), 32 bits, unsigned. */
export function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}

/**
 * Where an id falls in [0, 1), in steps of 1/10000: always the same for the same
 * salt, and unrelated between salts. Use one salt an experiment or rollout, so
 * that their cohorts do not coincide.
 *
 * Hash version 2 of GrowthBook, and equal to it in every case it publishes. O(length).
 */
export function stickyBucket(salt: string, id: string): number {
  return (fnv1a32(String(fnv1a32(salt + id))) % 10_000) / 10_000;
}

/**
 * GrowthBook's first hash, in steps of 1/1000: for experiments that already run
 * with it. It correlates between similar salts; {@link stickyBucket} does not.
 */
export function stickyBucketVersion1(salt: string, id: string): number {
  return (fnv1a32(id + salt) % 1000) / 1000;
}

/**
 * A part of [0, 1) of a namespace, so that experiments with disjoint parts never share a user.
 * Half-open: `from` belongs to it, `to` does not.
 */
export interface NamespaceRange {
  namespace: string;
  from: number;
  to: number;
}

/** Whether an id belongs to the range of the namespace (GrowthBook's rule, hash version 1). */
export function isInNamespace(id: string, range: NamespaceRange): boolean {
  const bucket = stickyBucketVersion1(`__${range.namespace}`, id);
  return bucket >= range.from && bucket < range.to;
}
