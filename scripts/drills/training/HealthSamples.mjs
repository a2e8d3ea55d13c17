// @ts-check
import { setTimeout as sleep } from 'node:timers/promises';

const EACH_MILLIS = 100;
const LIMIT_MILLIS = 20_000;

/** How soon a control plane answers, asked again and again: whether it works, and for a page. */
export class HealthSamples {
  #isStopped = false;
  #running;
  /** @type {number[]} */
  #millis = [];
  #failures = 0;

  /**
   * @param {string} url - of the control plane
   * @param {() => Promise<unknown>} page - reads what a page reads
   */
  constructor(url, page) {
    const health = `${url}/.backstage/health/v1/readiness`;
    this.#running = Promise.all([
      this.#ask(async () => {
        const answer = await fetch(health, {
          signal: AbortSignal.timeout(LIMIT_MILLIS),
        });
        await answer.arrayBuffer();
        if (!answer.ok) throw new Error(String(answer.status));
      }),
      this.#ask(page),
    ]);
  }

  async #ask(work) {
    while (!this.#isStopped) {
      const begun = performance.now();
      await work().catch(() => {
        this.#failures += 1;
      });
      this.#millis.push(performance.now() - begun);
      await sleep(EACH_MILLIS);
    }
  }

  /** @returns {Promise<{ count: number, failures: number, p95Millis: number, mostMillis: number, text: string }>} */
  async stop() {
    this.#isStopped = true;
    await this.#running;
    const sorted = this.#millis.sort((a, b) => a - b);
    const p95Millis = sorted[Math.ceil(sorted.length * 0.95) - 1];
    const mostMillis = sorted[sorted.length - 1];
    return {
      count: sorted.length,
      failures: this.#failures,
      p95Millis,
      mostMillis,
      text: `${sorted.length} answers, p95 ${p95Millis.toFixed(
        0,
      )} ms, ${mostMillis.toFixed(0)} ms at most, ${this.#failures} failed`,
    };
  }
}
