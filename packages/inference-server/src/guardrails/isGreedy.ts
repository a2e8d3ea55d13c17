/** How many times as much as is still free one may hold. */
const GREED = 4;

/**
 * Whether somebody who holds something and wants more has to leave what is free to others. While
 * most is free nobody has to. One alone gets four fifths, two get four ninths each, and so on: nobody
 * has to be counted, and something is always left for those who hold little. (The "dynamic
 * threshold" of shared buffers in switches.)
 *
 * @param held - what they hold, in the unit of `free`
 */
export function isGreedy(held: number, free: number): boolean {
  return held > 0 && held >= GREED * free;
}
