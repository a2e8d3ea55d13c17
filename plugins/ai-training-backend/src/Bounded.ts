/** Remembers things by their ids, of many only the newest: for what never changes once it is there. */
export class Bounded<Value> {
  readonly #values = new Map<string, Value>();
  readonly #most: number;

  constructor(options: { most: number }) {
    this.#most = options.most;
  }

  get(id: string): Value | undefined {
    return this.#values.get(id);
  }

  set(id: string, value: Value): void {
    this.#values.set(id, value);
    if (this.#values.size > this.#most) {
      // A map has its keys in the order in which they came.
      for (const oldest of this.#values.keys()) {
        this.#values.delete(oldest);
        break;
      }
    }
  }

  delete(id: string): void {
    this.#values.delete(id);
  }
}
