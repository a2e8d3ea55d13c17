/**
 * A line in which several stand for themselves: whoever has one that waits has a turn before anybody has a second,
 * so that many of one hold up nobody else for longer than one.
 */
export class FairLine<T> {
  /** Of each that has any waiting, from whose turn it is on. */
  readonly #lanes = new Map<number, T[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  sizeOf(owner: number): number {
    return this.#lanes.get(owner)?.length ?? 0;
  }

  push(owner: number, item: T): void {
    this.#size++;
    const lane = this.#lanes.get(owner);
    if (lane) lane.push(item);
    else this.#lanes.set(owner, [item]);
  }

  shift(): T | undefined {
    const [first] = this.#lanes;
    if (first === undefined) return undefined;
    const [owner, lane] = first;
    const item = lane.shift();
    this.#size--;
    this.#lanes.delete(owner);
    // Its next one stands behind those of all others.
    if (lane.length > 0) this.#lanes.set(owner, lane);
    return item;
  }

  /** Takes all out. */
  clear(): T[] {
    const items = [...this.#lanes.values()].flat();
    this.#lanes.clear();
    this.#size = 0;
    return items;
  }
}
