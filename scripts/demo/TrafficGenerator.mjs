// @ts-check
import { setTimeout as sleep } from 'node:timers/promises';
import { postJson } from './postJson.mjs';
import { createBrokenRequest, createPredictRequest } from './requests.mjs';
import { createDriftedRows, readHeldOutRows } from './rows.mjs';
import { TrafficStatistics } from './TrafficStatistics.mjs';

const REQUEST_TIMEOUT_MILLIS = 10_000;
/** More than this, and the server is the slow one: wait instead of piling up. */
const MAX_IN_FLIGHT = 16;
const PAUSE_AFTER_FAILURE_MILLIS = 1000;
const MAX_ROWS_PER_REQUEST = 8;
const SHARES = { severalRows: 0.2, withAssignmentId: 0.6, broken: 0.25 };
const ASSIGNMENT_IDS = 200;

/** Sends one model's held-out rows through the data plane, at times like those of real callers. */
export class TrafficGenerator {
  statistics = new TrafficStatistics();
  #options;
  #rows;
  #inFlight = 0;
  #failing = false;

  /**
   * @param {{ url: string, key: string, model: string, requestsPerSecond: number,
   *   random: import('./Random.mjs').Random, readMode: () => string }} options
   */
  constructor(options) {
    this.#options = options;
    const normal = readHeldOutRows(options.model);
    const drift = createDriftedRows(options.model, normal, options.random);
    this.#rows = { normal, drift, errors: normal };
  }

  /** Sends until the signal is aborted; requests on their way are finished. */
  async run(signal) {
    const { random, requestsPerSecond } = this.#options;
    const meanMillis = 1000 / requestsPerSecond;
    while (await pause(random.waitingTime(meanMillis), signal)) {
      if (this.#failing) await pause(PAUSE_AFTER_FAILURE_MILLIS, signal);
      if (this.#inFlight < MAX_IN_FLIGHT && !signal.aborted) this.#send();
    }
    while (this.#inFlight > 0) await sleep(20);
  }

  async #send() {
    this.#inFlight++;
    const startedAt = performance.now();
    try {
      const { status, text } = await this.#post(this.#nextRequest());
      this.statistics.add({
        status,
        millis: performance.now() - startedAt,
        trouble: status < 300 ? undefined : text,
      });
      this.#failing = status >= 500;
    } catch (error) {
      this.statistics.add({ trouble: error.cause?.message ?? error.message });
      this.#failing = true;
    } finally {
      this.#inFlight--;
    }
  }

  #nextRequest() {
    const { model, random, readMode } = this.#options;
    const mode = readMode();
    const rows = this.#rows[mode];
    if (mode === 'errors' && random.next() < SHARES.broken) {
      return createBrokenRequest(model, random.pick(rows), random);
    }
    const several = random.next() < SHARES.severalRows;
    const count = several ? 2 + random.below(MAX_ROWS_PER_REQUEST - 1) : 1;
    const chosen = Array.from({ length: count }, () => random.pick(rows));
    return createPredictRequest(model, chosen);
  }

  #post({ path, body }) {
    const { url, key, random } = this.#options;
    const sticky = random.next() < SHARES.withAssignmentId;
    return postJson(`${url}${path}`, {
      headers: {
        authorization: `Bearer ${key}`,
        ...(sticky && {
          'x-assignment-id': `caller-${random.below(ASSIGNMENT_IDS)}`,
        }),
      },
      body,
      timeoutMillis: REQUEST_TIMEOUT_MILLIS,
    });
  }
}

/** @returns {Promise<boolean>} false when the signal ended the pause */
async function pause(millis, signal) {
  try {
    await sleep(millis, undefined, { signal });
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}
