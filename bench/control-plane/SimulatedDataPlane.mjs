// @ts-check
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DATA_PLANE_TOKEN } from './stack.mjs';

const WAIT_SECONDS = 20;
const REPORT_MILLIS = 2_000;
const AFTER_ROUTES_MILLIS = 1_000;

/** Asks and reports as a data plane does, and loads nothing: all is ready at once. */
export class SimulatedDataPlane {
  #base;
  #stop = new AbortController();
  #producer = randomUUID();
  #routes;
  #keys = new Map();
  #cursor;
  #watchers = new Set();
  #loops = [];

  constructor(url) {
    this.#base = `${url}/api/ai-inference/environments/production`;
  }

  get models() {
    return this.#routes?.models.length ?? 0;
  }

  get keys() {
    return this.#keys.size;
  }

  get cursor() {
    return this.#cursor;
  }

  start() {
    this.#loops = [
      this.#repeat(() => this.#askRoutes()),
      this.#repeat(() => this.#askAccess()),
      this.#repeat(async () => {
        await this.#report();
        await sleep(REPORT_MILLIS, undefined, { signal: this.#stop.signal });
      }),
    ];
  }

  async stop() {
    this.#stop.abort();
    await Promise.all(this.#loops);
  }

  /**
   * Resolves when a key is known, or is not known any more.
   *
   * @returns {Promise<void>}
   */
  until(id, isKnown) {
    return new Promise(resolve => {
      const watcher = () => {
        if (this.#keys.has(id) !== isKnown) return;
        this.#watchers.delete(watcher);
        resolve();
      };
      this.#watchers.add(watcher);
      watcher();
    });
  }

  async #repeat(work) {
    while (!this.#stop.signal.aborted) {
      try {
        await work();
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        console.error(String(error));
        await sleep(1_000);
      }
    }
  }

  async #askRoutes() {
    const known = this.#routes?.id;
    const document = await this.#get(
      `routes?wait=${known ? WAIT_SECONDS : 0}`,
      known ? { 'if-none-match': `"${known}"` } : {},
    );
    if (!document) return;
    this.#routes = document;
    await this.#report(
      document.models.flatMap(({ model, variants }) =>
        variants.map(({ version, digest }) => ({
          model,
          version,
          digest,
          state: 'ready',
        })),
      ),
    );
    await sleep(AFTER_ROUTES_MILLIS, undefined, { signal: this.#stop.signal });
  }

  async #askAccess() {
    const query = this.#cursor
      ? `wait=${WAIT_SECONDS}&since=${this.#cursor}`
      : 'wait=0';
    const document = await this.#get(`access?${query}`);
    if (!document) return;
    if (document.content === 'all') this.#keys.clear();
    for (const key of document.keys) this.#keys.set(key.id, key);
    for (const id of document.revoked) this.#keys.delete(id);
    this.#cursor = document.cursor;
    for (const watcher of [...this.#watchers]) watcher();
  }

  /** @returns {Promise<any>} undefined where nothing is new */
  async #get(path, headers = {}) {
    const response = await fetch(`${this.#base}/${path}`, {
      headers: { authorization: `Bearer ${DATA_PLANE_TOKEN}`, ...headers },
      signal: this.#stop.signal,
    });
    if (response.status === 304) return undefined;
    if (!response.ok) {
      throw new Error(`${path}: ${response.status} ${await response.text()}`);
    }
    return response.json();
  }

  async #report(models) {
    const response = await fetch(`${this.#base}/reports`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${DATA_PLANE_TOKEN}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({
        producer: this.#producer,
        publicUrl: `http://${this.#producer}:7080`,
        snapshotId: this.#routes?.id,
        models: models ?? (this.#routes ? undefined : []),
      }),
      signal: this.#stop.signal,
    });
    if (!response.ok) {
      throw new Error(`report: ${response.status} ${await response.text()}`);
    }
    await response.arrayBuffer();
  }
}
