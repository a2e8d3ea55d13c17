/** Two independent 32-bit words for one text. */
export interface Hash64 {
  high: number;
  low: number;
}

function finalize(word: number): number {
  let h = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** MurmurHash3 (x86, 32 bits) over UTF-16 code units, two to a block. */
function murmur(text: string, seed: number): number {
  let h = seed;
  for (let i = 0; i < text.length; i += 2) {
    const second = i + 1 < text.length ? text.charCodeAt(i + 1) << 16 : 0;
    let k = Math.imul(text.charCodeAt(i) | second, 0xcc9e2d51);
    k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
    h ^= k;
    h = Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64;
  }
  return finalize(h ^ text.length);
}

/**
 * 64 well-mixed bits of a text: for sketches, not for secrets. O(length).
 * The same on every machine, so that sketches made on different ones can be merged.
 */
export function hash64(text: string): Hash64 {
  return { high: murmur(text, 0x9747b28c), low: murmur(text, 0x3c6ef372) };
}
