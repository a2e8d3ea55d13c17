// @ts-check
import { Agent, request } from 'node:http';

const CONNECTIONS = 64;
const TICK_MILLIS = 5;

/** @param {number[]} values - at least one */
export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** What came of some requests, since each was due. */
function newSeen() {
  return {
    /** @type {number[]} */
    millis: [],
    /** @type {string[]} */
    failures: [],
  };
}

/** Asks at a fixed pace, whether the last answer came or not; each is timed from when it was due. */
export class OpenLoad {
  #options;
  #agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  #timer;
  #sent = 0;
  #open = 0;
  #startedMillis = 0;
  #seen = newSeen();

  /** @param {{ url: string, key: string, perSecond: number, width: number }} options */
  constructor(options) {
    this.#options = options;
    this.body = OpenLoad.bodyOf(options.width);
  }

  static bodyOf(width) {
    const data = Array.from({ length: width }, (_, i) => i % 7);
    const input = { name: 'x', datatype: 'FP32', shape: [1, width], data };
    return JSON.stringify({ inputs: [input] });
  }

  start() {
    this.#startedMillis = performance.now();
    this.#timer = setInterval(() => this.#catchUp(), TICK_MILLIS);
    return this;
  }

  /** What became of the requests that were due while something went on. */
  async during(something) {
    const seen = newSeen();
    this.#seen = seen;
    await something();
    this.#seen = newSeen();
    // Those that were due then and are not answered yet are the worst.
    await this.#settled();
    return seen;
  }

  async stop() {
    clearInterval(this.#timer);
    await this.#settled();
    this.#agent.destroy();
  }

  async #settled() {
    const upTo = this.#sent;
    while (this.#open > 0 && this.#answered < upTo) {
      await new Promise(resolve => {
        setTimeout(resolve, TICK_MILLIS);
      });
    }
  }

  get #answered() {
    return this.#sent - this.#open;
  }

  #catchUp() {
    const { perSecond } = this.#options;
    const elapsed = performance.now() - this.#startedMillis;
    const due = Math.floor((elapsed / 1_000) * perSecond);
    while (this.#sent < due) {
      this.#sent += 1;
      this.#ask(this.#startedMillis + (this.#sent / perSecond) * 1_000);
    }
  }

  #ask(dueMillis) {
    const seen = this.#seen;
    this.#open += 1;
    const end = failure => {
      this.#open -= 1;
      seen.millis.push(performance.now() - dueMillis);
      if (failure) seen.failures.push(failure);
    };
    const sent = request(
      this.#options.url,
      {
        method: 'POST',
        agent: this.#agent,
        headers: { authorization: `Bearer ${this.#options.key}` },
      },
      response => {
        response.resume();
        response.on('end', () =>
          end(
            response.statusCode === 200
              ? undefined
              : `status ${response.statusCode}`,
          ),
        );
      },
    );
    sent.on('error', error => end(error.message));
    sent.end(this.body);
  }
}
