// @ts-check
import { Agent, request } from 'node:http';

/** Callers who ask one after the other until they are told to stop, or nobody listens any more. */
export class Callers {
  answered = 0;
  /** Requests that were sent and got no answer, or another one than 200. */
  failures = /** @type {{ caller: number, why: string }[]} */ ([]);
  /** New connections that were reset before anything was sent, or read: nobody had accepted them. */
  knocked = 0;
  #options;
  #stopped = false;
  #running;

  /** @param {{ url: string, key: string, body: string, keeping: number, knocking?: number }} options
   *   `keeping` keep a connection each; `knocking` open one for each request */
  constructor(options) {
    this.#options = options;
    const { keeping, knocking = 0 } = options;
    this.#running = Array.from({ length: keeping + knocking }, (_, caller) =>
      this.#call(caller, caller < keeping),
    );
  }

  async stop() {
    this.#stopped = true;
    await this.ended();
  }

  async ended() {
    await Promise.all(this.#running);
  }

  async #call(caller, keeps) {
    const agent = keeps && new Agent({ keepAlive: true, maxSockets: 1 });
    while (!this.#stopped) {
      const { status, error, reused } = await this.#ask(agent);
      if (status === 200) this.answered += 1;
      else if (error?.code === 'ECONNREFUSED') break;
      else if (error?.code === 'ECONNRESET' && !reused) {
        this.knocked += 1;
      } else {
        this.failures.push({
          caller,
          why: error ? error.code ?? error.message : `status ${status}`,
        });
      }
    }
    if (agent) agent.destroy();
  }

  /** @returns {Promise<{ status?: number, error?: NodeJS.ErrnoException, reused?: boolean }>} */
  #ask(agent) {
    const { url, key, body } = this.#options;
    return new Promise(resolve => {
      const sent = request(
        url,
        {
          method: 'POST',
          agent,
          headers: { authorization: `Bearer ${key}` },
        },
        response => {
          response.resume();
          response.on('end', () => resolve({ status: response.statusCode }));
          response.on('error', error => resolve({ error, reused: true }));
        },
      );
      sent.on('error', error => resolve({ error, reused: sent.reusedSocket }));
      sent.end(body);
    });
  }
}
