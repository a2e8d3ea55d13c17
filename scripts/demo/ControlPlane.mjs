// @ts-check
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../lib/output.mjs';

const REQUEST_TIMEOUT_MILLIS = 30_000;
const POLL_MILLIS = 500;

/** An answer of the control plane that is no success. */
export class ApiError extends Error {
  name = 'ApiError';

  constructor(request, status, text) {
    super(`${request} was answered with ${status}: ${text.slice(0, 500)}`);
    this.status = status;
  }
}

/** The control plane's REST API, called as a program with a token. */
export class ControlPlane {
  #url;
  #token;

  constructor({ url, token }) {
    this.#url = url;
    this.#token = token;
  }

  /**
   * @param {string} path - below `/api`, e.g. `/ai-registry/models`
   * @param {{ method?: string, body?: object, bytes?: Uint8Array }} [options]
   * @returns {Promise<any>} the JSON of the answer, its text when it is none, undefined when it is empty
   * @throws {ApiError}
   */
  async call(path, { method = 'GET', body, bytes } = {}) {
    const response = await fetch(`${this.#url}/api${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body && { 'content-type': 'application/json' }),
        ...(bytes && { 'content-type': 'application/octet-stream' }),
      },
      body: bytes ?? (body && JSON.stringify(body)),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MILLIS),
    });
    const text = await response.text();
    if (!response.ok) {
      throw new ApiError(`${method} /api${path}`, response.status, text);
    }
    if (text === '') return undefined;
    const type = response.headers.get('content-type') ?? '';
    return type.includes('json') ? JSON.parse(text) : text;
  }

  /** Like {@link call}, but undefined for what does not exist. */
  async find(path) {
    try {
      return await this.call(path);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }
}

/**
 * Asks again and again until there is an answer.
 *
 * @param {string} what - what is waited for, as the end of "waited 60 s for ..."
 * @param {() => Promise<T | undefined>} probe - undefined, or an error that may pass, to go on waiting
 * @param {{ seconds: number }} options
 * @template T
 * @returns {Promise<T>}
 */
export async function waitFor(what, probe, { seconds }) {
  const deadline = Date.now() + seconds * 1000;
  let trouble;
  for (;;) {
    try {
      const result = await probe();
      if (result !== undefined) return result;
      trouble = undefined;
    } catch (error) {
      if (!mayPass(error)) throw error;
      trouble = error;
    }
    if (Date.now() > deadline) {
      throw new UserError(
        `Waited ${seconds} s for ${what}${
          trouble ? `; the last answer was: ${trouble.message}` : ''
        }. Look at the logs of the control plane and the inference server, then start again: what is done is kept.`,
      );
    }
    await sleep(POLL_MILLIS);
  }
}

/** A server that is starting, busy or away; a refusal does not pass. */
function mayPass(error) {
  if (!(error instanceof ApiError)) return true;
  return error.status >= 500 || error.status === 404 || error.status === 429;
}
