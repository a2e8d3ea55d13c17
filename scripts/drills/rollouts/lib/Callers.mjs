// @ts-check
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const MAX_SOCKETS = 32;
const TIMEOUT_MILLIS = 10_000;
const FEEDBACK_MILLIS = 500;

/**
 * Callers of one model, each of whom asks once, so many in a second whatever the answers take; of
 * each answer they may tell what became of it.
 */
export class Callers {
  /** Answers by status; 0 where there was none. */
  answers = new Map();
  /** When a request came to nothing, or was answered with a status from 500 on: milliseconds since the epoch. */
  failedAt = [];
  #options;
  #agent = new http.Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
  #outcomes = [];
  #open = new Set();
  #timer;
  #sending;
  #asked = 0;
  #stopped = false;

  /**
   * @param {object} options
   * @param {string} options.url - of the data plane
   * @param {string} options.key
   * @param {string} options.model
   * @param {number} options.perSecond
   * @param {{ name: string, row: (index: number) => number[] }} [options.input] - `x`, with one whole number from 0 to 99, when left out
   * @param {(version: string) => { name: string, value: number | boolean, covariate?: number } | undefined} [options.outcome]
   *   what became of an answer
   */
  constructor(options) {
    this.#options = options;
  }

  count(isCounted) {
    return [...this.answers].reduce(
      (sum, [status, count]) => sum + (isCounted(status) ? count : 0),
      0,
    );
  }

  start() {
    this.#timer = setInterval(
      () => this.#askOnce(),
      1_000 / this.#options.perSecond,
    );
    this.#sending = this.#tellOutcomes();
    return this;
  }

  async stop() {
    clearInterval(this.#timer);
    this.#stopped = true;
    await Promise.all(this.#open);
    await this.#sending;
    this.#agent.destroy();
    return this;
  }

  #askOnce() {
    const asking = this.#ask(this.#asked++).finally(() =>
      this.#open.delete(asking),
    );
    this.#open.add(asking);
  }

  async #ask(index) {
    const { model, outcome } = this.#options;
    const row = this.#options.input?.row(index) ?? [
      Math.floor(100 * Math.random()),
    ];
    const requestId = randomUUID();
    const { status, text } = await this.#post(
      `/v2/models/${model}/infer`,
      {
        inputs: [
          {
            name: this.#options.input?.name ?? 'x',
            datatype: 'FP32',
            shape: [1, row.length],
            data: row,
          },
        ],
      },
      { 'x-request-id': requestId, 'x-assignment-id': `caller-${requestId}` },
    );
    this.answers.set(status, (this.answers.get(status) ?? 0) + 1);
    if (status === 0 || status >= 500) this.failedAt.push(Date.now());
    if (status !== 200 || !outcome) return;
    const became = outcome(JSON.parse(text).model_version);
    if (became) {
      this.#outcomes.push({ request_id: requestId, model, ...became });
    }
  }

  async #tellOutcomes() {
    let isLast;
    do {
      isLast = this.#stopped;
      const items = this.#outcomes.splice(0, 1_000);
      if (items.length > 0) await this.#post('/v2/feedback', { items });
      if (!isLast) await sleep(FEEDBACK_MILLIS);
    } while (!isLast);
  }

  /** @returns {Promise<{ status: number, text: string }>} status 0 where there was no answer */
  #post(path, body, headers = {}) {
    const { url, key } = this.#options;
    return new Promise(resolve => {
      const request = http.request(
        `${url}${path}`,
        {
          method: 'POST',
          agent: this.#agent,
          timeout: TIMEOUT_MILLIS,
          headers: {
            authorization: `Bearer ${key}`,
            'content-type': 'application/json',
            ...headers,
          },
        },
        async response => {
          let text = '';
          response.setEncoding('utf8');
          try {
            for await (const chunk of response) text += chunk;
            resolve({ status: response.statusCode ?? 0, text });
          } catch {
            resolve({ status: 0, text: '' });
          }
        },
      );
      request.once('timeout', () => request.destroy());
      request.once('error', () => resolve({ status: 0, text: '' }));
      request.end(JSON.stringify(body));
    });
  }
}
