// @ts-check
/** Counts what came back since the last report. */
export class TrafficStatistics {
  #millis = [];
  #refused = 0;
  #failed = 0;
  #trouble;

  /** @param {{ status?: number, millis?: number, trouble?: string }} outcome - no status when there was no answer */
  add({ status, millis, trouble }) {
    if (status === undefined || status >= 500) this.#failed++;
    else if (status >= 400) this.#refused++;
    else this.#millis.push(millis);
    if (trouble) this.#trouble = trouble;
  }

  /** One line, and an empty count afterwards. */
  takeReport() {
    const sorted = this.#millis.sort((a, b) => a - b);
    const parts = [`${sorted.length} answered`];
    if (this.#refused > 0) parts.push(`${this.#refused} refused`);
    if (this.#failed > 0) parts.push(`${this.#failed} failed`);
    if (sorted.length > 0) {
      const median = sorted[Math.floor(sorted.length / 2)];
      parts.push(`median ${median.toFixed(1)} ms`);
    }
    if (this.#trouble)
      parts.push(`last trouble: ${this.#trouble.slice(0, 160)}`);
    this.#millis = [];
    this.#refused = 0;
    this.#failed = 0;
    this.#trouble = undefined;
    return parts.join(', ');
  }
}
