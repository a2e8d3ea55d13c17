import { InvalidArgumentError } from '../numerics/InvalidArgumentError';

/**
 * State of a seeded xoshiro128** generator: four unsigned 32-bit words. A plain
 * object, so that whoever holds it can store it as JSON and go on later.
 */
export interface RandomState {
  words: [number, number, number, number];
}

/** Mixes a 32-bit word thoroughly (finalizer of MurmurHash3). */
function mix(word: number): number {
  let h = word >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * A generator whose whole future follows from its seed.
 *
 * `seed` is any integer (all its 53 bits count), `stream` tells independent generators of one seed apart.
 * Period 2^128 - 1. Source: Blackman and Vigna, Scrambled Linear Pseudorandom Number Generators (2021).
 */
export function createRandom(seed: number, stream = 0): RandomState {
  const low = seed >>> 0;
  const high = Math.floor(seed / 0x1_0000_0000) >>> 0;
  let h = mix(low ^ 0x9e3779b9);
  h = mix(h ^ high ^ 0x7f4a7c15);
  h = mix(h ^ (stream >>> 0) ^ 0x6a09e667);
  const words: RandomState['words'] = [0, 0, 0, 0];
  for (let i = 0; i < 4; i++) {
    h = (h + 0x9e3779b9) >>> 0;
    words[i] = mix(h);
  }
  if ((words[0] | words[1] | words[2] | words[3]) === 0) words[0] = 1;
  return { words };
}

function rotateLeft(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

/** Next 32 random bits as an unsigned integer; moves the state on. */
export function nextUint32(state: RandomState): number {
  const s = state.words;
  const s1 = s[1];
  const result = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
  const shifted = s1 << 9;
  const s2 = s[2] ^ s[0];
  const s3 = s[3] ^ s1;
  s[1] = (s1 ^ s2) >>> 0;
  s[0] = (s[0] ^ s3) >>> 0;
  s[2] = (s2 ^ shifted) >>> 0;
  s[3] = rotateLeft(s3, 11) >>> 0;
  return result;
}

/** Uniform on [0, 1) with 53 random bits. */
export function nextUniform(state: RandomState): number {
  const high = nextUint32(state) >>> 5;
  const low = nextUint32(state) >>> 6;
  return (high * 0x4000000 + low) / 0x20000000000000;
}

/** Uniform integer in [0, bound), without bias; bound is 1 to 2^32. Throws InvalidArgumentError for any other. */
export function nextInteger(state: RandomState, bound: number): number {
  if (!(Number.isInteger(bound) && bound >= 1 && bound <= 0x1_0000_0000)) {
    throw new InvalidArgumentError(
      `bound is ${bound}; give an integer of 1 to 2^32`,
    );
  }
  const limit = 0x1_0000_0000 - (0x1_0000_0000 % bound);
  let word = nextUint32(state);
  while (word >= limit) word = nextUint32(state);
  return word % bound;
}

/** Standard normal variable (Marsaglia's polar method; one of each pair is used, so the state stays four words). */
export function nextNormal(state: RandomState): number {
  for (;;) {
    const u = 2 * nextUniform(state) - 1;
    const v = 2 * nextUniform(state) - 1;
    const s = u * u + v * v;
    if (s > 0 && s < 1) return u * Math.sqrt((-2 * Math.log(s)) / s);
  }
}

/** Shuffles in place (Fisher-Yates) and returns the same array. */
export function shuffle<T>(state: RandomState, values: T[]): T[] {
  for (let i = values.length - 1; i > 0; i--) {
    const j = nextInteger(state, i + 1);
    const held = values[i];
    values[i] = values[j];
    values[j] = held;
  }
  return values;
}
