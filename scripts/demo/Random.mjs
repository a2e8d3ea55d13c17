// @ts-check
/** Repeatable random numbers: the same seed gives the same traffic. */
export class Random {
  #state;

  /** @param {number} seed - any 32-bit integer */
  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** Uniform in [0, 1); the generator "mulberry32". */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Uniform in {0, ..., count - 1}. */
  below(count) {
    return Math.floor(this.next() * count);
  }

  pick(items) {
    return items[this.below(items.length)];
  }

  /** Standard normal (Box-Muller). */
  normal() {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    return radius * Math.cos(2 * Math.PI * this.next());
  }

  /** Time to the next event of a Poisson process, in the unit of the mean. */
  waitingTime(mean) {
    return -mean * Math.log(1 - this.next());
  }
}
