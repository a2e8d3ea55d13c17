// @ts-check
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { readHeldOutRows } from '../../demo/rows.mjs';
import { createPredictRequest } from '../../demo/requests.mjs';

const TIMEOUT_MILLIS = 10_000;

/**
 * Callers of a model who ask one after the other over connections that they keep, as programs do:
 * an accepted request that gets no answer is lost, one whose connection is refused was never
 * accepted.
 */
export class Load {
  /** Requests with an answer, by status. */
  answers = new Map();
  /** Connections that were refused before anything was sent. */
  refused = 0;
  /**
   * New connections that were reset before anything of an answer came: they waited to be accepted when
   * the listening socket was closed, which no server can tell from nobody waiting.
   */
  knocked = 0;
  /** Requests that were sent and never answered, with when and why. */
  lost = [];
  #urls;
  #key;
  #callers;
  #pauseMillis;
  #requests;
  #stopped = false;
  #running = [];

  /**
   * @param {{ urls: string[], key: string, callers?: number, pauseMillis?: number, requests?: { path: string, body: string }[] }} options
   *   `urls` are the data planes' addresses, asked in turn by each caller; without `requests` they ask for digits
   */
  constructor({ urls, key, callers = 8, pauseMillis = 20, requests }) {
    this.#urls = urls;
    this.#key = key;
    this.#callers = callers;
    this.#pauseMillis = pauseMillis;
    this.#requests = requests;
  }

  get answered() {
    return [...this.answers.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Answers with one of these statuses. */
  count(...statuses) {
    return statuses.reduce(
      (sum, status) => sum + (this.answers.get(status) ?? 0),
      0,
    );
  }

  start() {
    const requests = this.#requests ?? askForDigits();
    for (let caller = 0; caller < this.#callers; caller++) {
      this.#running.push(this.#call(requests, caller));
    }
    return this;
  }

  async stop() {
    this.#stopped = true;
    await Promise.all(this.#running);
    return this;
  }

  async #call(requests, caller) {
    const agents = this.#urls.map(
      () => new http.Agent({ keepAlive: true, maxSockets: 1 }),
    );
    for (let turn = caller; !this.#stopped; turn++) {
      const index = turn % this.#urls.length;
      await this.#ask(
        this.#urls[index],
        agents[index],
        requests[turn % requests.length],
      );
      await sleep(this.#pauseMillis);
    }
    agents.forEach(agent => agent.destroy());
  }

  async #ask(url, agent, { path, body }) {
    const options = { url: `${url}${path}`, agent, key: this.#key, body };
    let outcome = await send(options);
    if (wasNeverAccepted(outcome)) {
      this.knocked += 1;
      outcome = await sendOnce({ ...options, agent: false });
    }
    if (outcome.status !== undefined) {
      this.answers.set(
        outcome.status,
        (this.answers.get(outcome.status) ?? 0) + 1,
      );
    } else if (outcome.accepted) {
      this.lost.push({ at: Date.now(), why: outcome.error });
    } else {
      this.refused += 1;
    }
  }
}

function askForDigits() {
  return readHeldOutRows('digits')
    .slice(0, 50)
    .map(row => createPredictRequest('digits', [row]));
}

function wasNeverAccepted({ status, accepted, reused, answering, error }) {
  return (
    status === undefined &&
    accepted &&
    !reused &&
    !answering &&
    error === 'ECONNRESET'
  );
}

/**
 * Sends one request. On a connection that was kept, a reset before the first byte of the answer may
 * mean that the server had closed it before the request came (RFC 9112, section 9.3.1): it is sent
 * once more on a new one, as clients do.
 */
async function send(options) {
  const first = await sendOnce(options);
  return first.status === undefined && first.reused && !first.answering
    ? sendOnce({ ...options, agent: false })
    : first;
}

function sendOnce({ url, agent, key, body }) {
  return new Promise(resolve => {
    let accepted = false;
    let answering = false;
    const request = http.request(
      url,
      {
        method: 'POST',
        agent,
        headers: {
          authorization: `Bearer ${key}`,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        },
        timeout: TIMEOUT_MILLIS,
      },
      response => {
        answering = true;
        response.resume();
        response.once('end', () => resolve({ status: response.statusCode }));
        response.once('error', error => fail(error));
      },
    );
    const fail = error =>
      resolve({
        // Reset while it connected: nothing was sent.
        accepted: accepted && error.syscall !== 'connect',
        answering,
        reused: request.reusedSocket,
        error: error.code ?? error.message,
      });
    request.once('socket', socket => {
      if (socket.connecting) socket.once('connect', () => (accepted = true));
      else accepted = true;
    });
    request.once('timeout', () => request.destroy(new Error('timeout')));
    request.once('error', fail);
    request.end(body);
  });
}
