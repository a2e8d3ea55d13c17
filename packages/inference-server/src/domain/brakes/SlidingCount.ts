/** Requests and failures of the last seconds, second by second. */
export class SlidingCount {
  readonly #requests: number[];
  readonly #failures: number[];
  /** The newest second that was counted. */
  #second = 0;

  constructor(windowSeconds: number) {
    this.#requests = new Array<number>(windowSeconds).fill(0);
    this.#failures = new Array<number>(windowSeconds).fill(0);
  }

  /** @param second - that it is now; never earlier than before */
  add(second: number, isFailure: boolean): void {
    this.#moveTo(second);
    const place = second % this.#requests.length;
    this.#requests[place]++;
    if (isFailure) this.#failures[place]++;
  }

  /** What was counted in the window that ends with this second. */
  sum(second: number): { requests: number; failures: number } {
    this.#moveTo(second);
    let requests = 0;
    let failures = 0;
    for (let i = 0; i < this.#requests.length; i++) {
      requests += this.#requests[i];
      failures += this.#failures[i];
    }
    return { requests, failures };
  }

  #moveTo(second: number): void {
    const size = this.#requests.length;
    const from = Math.max(this.#second + 1, second - size + 1);
    for (let each = from; each <= second; each++) {
      this.#requests[each % size] = 0;
      this.#failures[each % size] = 0;
    }
    if (second > this.#second) this.#second = second;
  }
}
