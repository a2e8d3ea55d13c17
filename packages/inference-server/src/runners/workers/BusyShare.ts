/** How far back it counts. */
const SLOT_MILLIS = 5_000;
const SLOTS = 12;

/** Which part of the last minute somebody was busy. */
export class BusyShare {
  readonly #slots = new Float64Array(SLOTS);
  #newest: number;

  constructor(nowMillis: number) {
    this.#newest = Math.floor(nowMillis / SLOT_MILLIS);
  }

  /** Something that took so long is over. */
  add(millis: number, nowMillis: number): void {
    this.#turn(nowMillis);
    this.#slots[this.#newest % SLOTS] += millis;
  }

  /** Between 0 and 1. */
  at(nowMillis: number): number {
    this.#turn(nowMillis);
    const sum = this.#slots.reduce((total, millis) => total + millis, 0);
    return Math.min(1, sum / (SLOTS * SLOT_MILLIS));
  }

  #turn(nowMillis: number): void {
    const newest = Math.floor(nowMillis / SLOT_MILLIS);
    if (newest - this.#newest >= SLOTS) this.#slots.fill(0);
    else {
      for (let slot = this.#newest + 1; slot <= newest; slot++) {
        this.#slots[slot % SLOTS] = 0;
      }
    }
    this.#newest = Math.max(this.#newest, newest);
  }
}
