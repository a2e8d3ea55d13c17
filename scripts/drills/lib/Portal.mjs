// @ts-check
import { setTimeout as sleep } from 'node:timers/promises';

/** A token is good for an hour. */
const TOKEN_MILLIS = 30 * 60 * 1_000;
const TIMEOUT_MILLIS = 20_000;

/** An answer that is no success, or none at all (status 0). */
export class PortalError extends Error {
  constructor(what, status, text) {
    super(`${what}: ${status || 'no answer'} ${text.slice(0, 300)}`);
    this.status = status;
    /** Whether it may be another one a moment later: a control plane that starts answers before it has its routes. */
    this.mayPass = status === 0 || status >= 500 || (status === 404 && !text);
  }
}

/** The control plane's API, called as one of the demo's people. */
export class Portal {
  #url;
  #person;
  #token;
  #tokenUntilMillis = 0;

  /** @param {{ url: string, person: string }} options - `person` is a demo user's name */
  constructor({ url, person }) {
    this.#url = url;
    this.#person = person;
  }

  /**
   * @param {string} path
   * @param {{ method?: string, body?: object, bytes?: Buffer | ReadableStream, signal?: AbortSignal, limitMillis?: number, asText?: boolean }} [options]
   *   `body` is sent as JSON, `bytes` as they are
   * @throws {PortalError}
   */
  async call(
    path,
    {
      method = 'GET',
      body,
      bytes,
      signal,
      limitMillis = TIMEOUT_MILLIS,
      asText = false,
    } = {},
  ) {
    const what = `${method} ${path}`;
    const limit = AbortSignal.timeout(limitMillis);
    let response;
    let text;
    try {
      response = await fetch(`${this.#url}/api${path}`, {
        method,
        headers: {
          authorization: `Bearer ${await this.#signIn()}`,
          ...(body && { 'content-type': 'application/json' }),
          ...(bytes && { 'content-type': 'application/octet-stream' }),
        },
        body: /** @type {RequestInit['body']} */ (
          bytes ?? (body && JSON.stringify(body))
        ),
        signal: signal ? AbortSignal.any([signal, limit]) : limit,
        ...(bytes instanceof ReadableStream && { duplex: 'half' }),
      });
      text = await response.text();
    } catch (error) {
      if (error instanceof PortalError) throw error;
      throw new PortalError(what, 0, error.cause?.message ?? error.message);
    }
    if (!response.ok) throw new PortalError(what, response.status, text);
    if (asText) return text;
    return text === '' ? undefined : JSON.parse(text);
  }

  /**
   * An answer as it comes.
   *
   * @param {string} path
   * @param {{ headers?: Record<string, string>, signal: AbortSignal }} options
   * @returns {Promise<Response>}
   */
  async open(path, { headers, signal }) {
    return fetch(`${this.#url}/api${path}`, {
      headers: { ...headers, authorization: `Bearer ${await this.#signIn()}` },
      signal,
    });
  }

  /** Calls again while the control plane is away or says that it is busy. */
  async insist(path, options, { seconds = 120 } = {}) {
    const deadline = Date.now() + seconds * 1_000;
    for (;;) {
      try {
        return await this.call(path, options);
      } catch (error) {
        if (!error.mayPass || Date.now() > deadline) throw error;
        await sleep(300);
      }
    }
  }

  async #signIn() {
    if (Date.now() < this.#tokenUntilMillis) return this.#token;
    const response = await fetch(`${this.#url}/api/auth/guest/refresh`, {
      headers: {
        'x-greenroom-user': this.#person,
        'x-requested-with': 'XMLHttpRequest',
      },
      signal: AbortSignal.timeout(TIMEOUT_MILLIS),
    });
    const text = await response.text();
    if (!response.ok)
      throw new PortalError('signing in', response.status, text);
    this.#token = JSON.parse(text).backstageIdentity.token;
    this.#tokenUntilMillis = Date.now() + TOKEN_MILLIS;
    return this.#token;
  }
}
