/** Of two 32-bit words that are mixed, what a double holds exactly. */
const HIGH_BITS = 0x1fffff;
const TWO_TO_32 = 0x1_0000_0000;

/**
 * 53 well-mixed bits of an id under a salt: always the same for the same pair, unrelated between
 * salts, however alike they are, and between ids. For assignments and sketches, not for secrets.
 *
 * @returns an integer from 0, below 2^53. O(length).
 */
export function saltedHash(salt: string, id: string): number {
  let a = 0x9e3779b9;
  let b = 0x41c6ce57;
  for (let i = 0; i < salt.length; i++) {
    const code = salt.charCodeAt(i);
    a = Math.imul(a ^ code, 0x9e3779b1);
    b = Math.imul(b ^ code, 0x5f356495);
  }
  // Parts the two, so that no other pair is the same text.
  a = Math.imul(a ^ (a >>> 15), 0x9e3779b1);
  b = Math.imul(b ^ (b >>> 15), 0x5f356495);
  for (let i = 0; i < id.length; i++) {
    const code = id.charCodeAt(i);
    a = Math.imul(a ^ code, 0x9e3779b1);
    b = Math.imul(b ^ code, 0x5f356495);
  }
  a ^= id.length;
  const low = finish(a ^ finish(b)) >>> 0;
  const high = finish(b ^ low) & HIGH_BITS;
  return high * TWO_TO_32 + low;
}

/**
 * The arm that an id belongs to, by weighted rendezvous: each arm draws a number of its own for
 * the id, `-ln(u) / weight`, and the least wins. So the shares are those of the weights, and
 * an id needs no memory to stay where it is.
 *
 * When weights change, an id moves from one arm to another only where the other's weight grew by
 * a larger factor: with two arms, only from the one that shrinks to the one that grows; with
 * more, whatever one arm gains or gives while the others keep their proportions, only into
 * it or out of it. (No rule without memory can promise more: of three arms of which two grow,
 * some ids must change between those two.)
 *
 * @param hash - of the id, see {@link saltedHash}
 * @param keys - one integer an arm, by which it is known whatever its place is
 * @param weights - one an arm, relative to each other; an arm of weight 0 is never chosen
 * @returns the index of the arm; -1 when no weight is positive. O(arms).
 */
export function rendezvousArm(
  hash: number,
  keys: readonly number[],
  weights: readonly number[],
): number {
  const low = hash | 0;
  const high = Math.floor(hash / TWO_TO_32);
  let chosen = -1;
  let least = Infinity;
  for (let i = 0; i < keys.length; i++) {
    const weight = weights[i];
    if (!(weight > 0)) continue;
    const key = finish(Math.imul(keys[i], 0x9e3779b1) + 0x7f4a7c15);
    const drawn = finish(finish(low ^ key) ^ Math.imul(high, 0x85ebca77) ^ key);
    // In (0, 1): neither end, whose logarithm or score would be no number to compare.
    const score = -Math.log(((drawn >>> 0) + 0.5) / TWO_TO_32) / weight;
    if (score < least) {
      least = score;
      chosen = i;
    }
  }
  return chosen;
}

/** The end of MurmurHash3: each bit of the word changes each of the answer half of the time. */
function finish(word: number): number {
  let h = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
