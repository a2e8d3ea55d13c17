// @ts-check
import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuMicrosOf } from '../infer/rounds.mjs';

const LOOK_MILLIS = 20;
const BEGUN = 'Comparing all models with the catalog';
const ENDED = 'All models were compared with the catalog';

/** Has the control plane say when it compares all models with the catalog. */
export const SAYS_COMPARISONS = {
  backend: {
    logger: {
      overrides: [
        { matchers: { message: `/^(${BEGUN}|${ENDED})/` }, level: 'debug' },
      ],
    },
  },
};

/**
 * @typedef {{ millis: number, controlPlaneCpuMillis: number, databaseCpuMillis: number }} Comparison
 */

/** Follows the comparisons of a control plane by its log, and what they cost. */
export class ComparisonWatch {
  #pids;
  #logFile;
  #stop = new AbortController();
  #following;
  #before;
  /** Of those that have ended. @type {Comparison[]} */
  comparisons = [];
  /** One is under way. */
  isRunning = false;

  /** @param {{ logFile: string, pids: { controlPlane: number | undefined, database: number | undefined } }} stack */
  constructor({ logFile, pids }) {
    this.#logFile = logFile;
    this.#pids = pids;
  }

  start() {
    this.#following = this.#follow();
  }

  async stop() {
    this.#stop.abort();
    await this.#following;
  }

  async #follow() {
    const file = await open(this.#logFile);
    const buffer = Buffer.alloc(65_536);
    let rest = '';
    try {
      while (!this.#stop.signal.aborted) {
        const { bytesRead } = await file.read(buffer, 0, buffer.length);
        const lines = (rest + buffer.toString('utf8', 0, bytesRead)).split(
          '\n',
        );
        rest = lines.pop() ?? '';
        for (const line of lines) this.#see(line);
        if (bytesRead === 0) await sleep(LOOK_MILLIS);
      }
    } finally {
      await file.close();
    }
  }

  #see(line) {
    if (line.includes(BEGUN)) {
      this.isRunning = true;
      this.#before = this.#now();
    } else if (line.includes(ENDED) && this.#before) {
      const now = this.#now();
      this.comparisons.push({
        millis: now.millis - this.#before.millis,
        controlPlaneCpuMillis: now.controlPlane - this.#before.controlPlane,
        databaseCpuMillis: now.database - this.#before.database,
      });
      this.isRunning = false;
    }
  }

  #now() {
    const { controlPlane, database } = this.#pids;
    return {
      millis: performance.now(),
      controlPlane: cpuMicrosOf(controlPlane) / 1_000,
      database: cpuMicrosOf(database) / 1_000,
    };
  }
}
