import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorMessage } from '../errors';
import { parseTarget } from './parseTarget';
import { sendJson } from './responses';

const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
export const METRICS_PATH = '/metrics';

/**
 * What operators ask, on a port of its own that callers do not reach: the metrics, which
 * name all models and their traffic, and the probes.
 */
export class AdminServer {
  readonly #writeMetrics: () => string | Promise<string>;
  readonly #isReady: () => boolean;
  readonly #server: Server;

  constructor(options: {
    /** The metrics page in the Prometheus text format. */
    writeMetrics: () => string | Promise<string>;
    isReady: () => boolean;
  }) {
    this.#writeMetrics = options.writeMetrics;
    this.#isReady = options.isReady;
    this.#server = createServer((request, response) =>
      this.#answer(request, response),
    );
  }

  /** @returns the address that is listened on. */
  async listen(options: { host: string; port: number }): Promise<AddressInfo> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(options, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    return this.#server.address() as AddressInfo;
  }

  async close(): Promise<void> {
    await new Promise<void>(resolve => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #answerMetrics(response: ServerResponse): Promise<void> {
    try {
      const page = await this.#writeMetrics();
      response.writeHead(200, { 'Content-Type': PROMETHEUS_TYPE });
      response.end(page);
    } catch (error) {
      // A page that cannot be written is no reason to serve nobody.
      sendJson(response, 500, {
        error: `the metrics could not be written: ${errorMessage(error)}`,
      });
    }
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { method, url = '/' } = request;
    if (method !== 'GET' && method !== 'HEAD') {
      const error = `method ${method} is not allowed here: expected GET`;
      sendJson(response, 405, { error }, { Allow: 'GET, HEAD' });
      return;
    }
    if (url.split('?')[0] === METRICS_PATH) {
      void this.#answerMetrics(response);
      return;
    }
    const { kind } = parseTarget(url);
    if (kind === 'live') sendJson(response, 200, { live: true });
    else if (kind === 'ready') {
      const ready = this.#isReady();
      sendJson(response, ready ? 200 : 503, { ready });
    } else {
      sendJson(response, 404, {
        error: `nothing at this path: this port has ${METRICS_PATH}, /v2/health/live and /v2/health/ready; models are called at the other one`,
      });
    }
  }
}
