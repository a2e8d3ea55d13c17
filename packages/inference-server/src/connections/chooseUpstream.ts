import { createHash } from 'node:crypto';

/** An upstream as the choice sees it. */
export interface Candidate {
  readonly name: string;
  /** Its share of the calls, compared with the others'. */
  readonly weight: number;
  /** Calls that it answers right now. */
  readonly inFlight: number;
}

const HASH_BYTES = 6;

/**
 * Chooses the upstream of a call. Calls that belong together prefer one, by weighted rendezvous
 * hashing: while the upstreams stay, so does the choice, and one that goes takes only its own
 * calls along. Of others, two are drawn by weight, and the one that has less to do for its
 * weight is taken.
 *
 * @param affinity - what the calls have in common; undefined where they have nothing
 * @param random - uniform in [0, 1)
 * @returns undefined when there is none
 */
export function chooseUpstream<T extends Candidate>(
  candidates: readonly T[],
  { affinity, random }: { affinity: string | undefined; random: () => number },
): T | undefined {
  if (candidates.length < 2) return candidates[0];
  if (affinity !== undefined) return mostPreferred(candidates, affinity);
  const first = draw(candidates, random);
  const second = draw(
    candidates.filter(candidate => candidate !== first),
    random,
  );
  return load(second) < load(first) ? second : first;
}

function load({ inFlight, weight }: Candidate): number {
  return inFlight / weight;
}

function draw<T extends Candidate>(
  candidates: readonly T[],
  random: () => number,
): T {
  const total = candidates.reduce((sum, { weight }) => sum + weight, 0);
  let rest = random() * total;
  for (const candidate of candidates) {
    rest -= candidate.weight;
    if (rest < 0) return candidate;
  }
  return candidates[candidates.length - 1];
}

function mostPreferred<T extends Candidate>(
  candidates: readonly T[],
  affinity: string,
): T {
  let [best] = candidates;
  let bestScore = -Infinity;
  for (const candidate of candidates) {
    const score =
      -candidate.weight / Math.log(uniform(`${candidate.name} ${affinity}`));
    if (score > bestScore) {
      best = candidate;
      bestScore = score;
    }
  }
  return best;
}

/** In (0, 1), the same for the same text everywhere. */
function uniform(text: string): number {
  const hash = createHash('sha256').update(text).digest();
  return (hash.readUIntBE(0, HASH_BYTES) + 0.5) / 2 ** (8 * HASH_BYTES);
}
