// @ts-check
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

const WORKERS = 2;

/** Play rollouts in memory, on two cores. */
export class Players {
  #workers;

  /** @param {string} file - of the bundle */
  constructor(file) {
    this.#workers = Array.from(
      { length: WORKERS },
      () =>
        new Worker(new URL('worker.mjs', import.meta.url), {
          workerData: { file },
        }),
    );
  }

  /**
   * @param {{ scene: object, seed: number }[]} games
   * @returns {Promise<any[]>} in the order of the games
   */
  async play(games) {
    const results = new Array(games.length);
    let next = 0;
    await Promise.all(
      this.#workers.map(async worker => {
        while (next < games.length) {
          const game = next;
          next += 1;
          worker.postMessage(games[game]);
          [results[game]] = await once(worker, 'message');
        }
      }),
    );
    return results;
  }

  async stop() {
    await Promise.all(this.#workers.map(worker => worker.terminate()));
  }
}
