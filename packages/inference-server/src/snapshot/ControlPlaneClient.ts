import type { Readable } from 'node:stream';
import type {
  DataPlaneReport,
  Snapshot,
} from '@greenroom/plugin-ai-inference-common';
import { request, type Dispatcher } from 'undici';
import { parseSnapshot } from './parseSnapshot';

/** Longest wait for the control plane to begin an answer, and between two pieces of it. */
const TIMEOUT_MILLIS = 10_000;

/** Asks the control plane for snapshots and artifacts. */
export class ControlPlaneClient {
  readonly #baseUrl: URL;
  readonly #token: string;
  readonly #environment: string;
  readonly #dispatcher: Dispatcher | undefined;

  constructor(options: {
    /** Base URL of the control plane, such as `http://localhost:7007`. */
    url: string;
    token: string;
    environment: string;
    dispatcher?: Dispatcher;
  }) {
    this.#baseUrl = new URL(options.url);
    this.#token = options.token;
    this.#environment = options.environment;
    this.#dispatcher = options.dispatcher;
  }

  /**
   * Tells how this data plane is, and fetches the snapshot.
   *
   * @param knownId - of the snapshot that is there already
   * @returns undefined when that one is still the current one.
   */
  async fetchSnapshot(options: {
    report: DataPlaneReport;
    knownId?: string;
    signal?: AbortSignal;
  }): Promise<Snapshot | undefined> {
    const { report, knownId, signal } = options;
    const response = await request(
      this.#url(
        `/api/ai-inference/environments/${encodeURIComponent(
          this.#environment,
        )}/snapshot`,
      ),
      {
        method: 'POST',
        headers: {
          ...this.#headers(),
          'content-type': 'application/json',
          ...(knownId !== undefined && { 'if-none-match': `"${knownId}"` }),
        },
        body: JSON.stringify(report),
        headersTimeout: TIMEOUT_MILLIS,
        bodyTimeout: TIMEOUT_MILLIS,
        dispatcher: this.#dispatcher,
        signal,
      },
    );
    if (response.statusCode === 304) {
      await response.body.dump();
      return undefined;
    }
    if (response.statusCode !== 200) {
      throw await unexpected('the snapshot', response);
    }
    return parseSnapshot(await response.body.json(), this.#environment);
  }

  /** Opens an artifact's bytes. The caller reads or destroys the stream. */
  async openArtifact(path: string, signal?: AbortSignal): Promise<Readable> {
    const response = await request(this.#url(path), {
      headers: this.#headers(),
      headersTimeout: TIMEOUT_MILLIS,
      bodyTimeout: TIMEOUT_MILLIS,
      dispatcher: this.#dispatcher,
      signal,
    });
    if (response.statusCode !== 200) {
      throw await unexpected('an artifact', response);
    }
    return response.body;
  }

  /** @throws Error when the path would lead, with our token, to another host. */
  #url(path: string): URL {
    const url = new URL(path, this.#baseUrl);
    if (url.origin !== this.#baseUrl.origin) {
      throw new Error(`"${path}" leads away from the control plane`);
    }
    return url;
  }

  #headers(): Record<string, string> {
    return { authorization: `Bearer ${this.#token}` };
  }
}

async function unexpected(
  what: string,
  response: Dispatcher.ResponseData,
): Promise<Error> {
  const text = await response.body.text();
  return new Error(
    `the control plane answered ${
      response.statusCode
    } when asked for ${what}: ${text.slice(0, 300)}`,
  );
}
