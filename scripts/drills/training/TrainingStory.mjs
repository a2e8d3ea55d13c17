// @ts-check
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { dataDirectory, root } from '../../lib/paths.mjs';
import { HealthSamples } from './HealthSamples.mjs';
import { CLUSTER } from './TrainingStage.mjs';

/** How many steps a program counts in a second. */
export const STEPS_A_SECOND = 20;
const ENDED = new Set(['succeeded', 'failed', 'cancelled']);
const LOOK_MILLIS = 200;

/** Jobs of a stack whose cluster trains: what is asked for, what becomes of it, and what their programs have noted. */
export class TrainingStory {
  #stack;
  #ledger;
  #requests = 0;

  /**
   * @param {import('../lib/DrillStack.mjs').DrillStack} stack
   * @param {{ ledger?: string }} [options] - folder in which programs note what they do
   */
  constructor(
    stack,
    { ledger = path.join(dataDirectory, 'training-ledger') } = {},
  ) {
    this.#stack = stack;
    this.#ledger = ledger;
    mkdirSync(this.#ledger, { recursive: true });
  }

  get ada() {
    return this.#stack.as('ada');
  }

  get ledger() {
    return this.#ledger;
  }

  /** @returns {Promise<string>} its id */
  async submit(template, steps, { backend = CLUSTER } = {}) {
    this.#requests += 1;
    const { id } = await this.ada.insist('/ai-training/jobs', {
      method: 'POST',
      body: {
        template,
        parameters: { steps, ledger: pathToFileURL(this.#ledger).href },
        backend,
        requestId: `failures-${this.#requests}`,
      },
    });
    return id;
  }

  job(id) {
    return this.ada.insist(`/ai-training/jobs/${id}`);
  }

  /** @returns {Promise<any>} the job, as it was when it was so, or when nobody waited any longer */
  async until(id, isSo, { seconds = 120 } = {}) {
    const deadline = performance.now() + seconds * 1_000;
    for (;;) {
      const job = await this.job(id);
      if (isSo(job) || performance.now() > deadline) return job;
      await sleep(LOOK_MILLIS);
    }
  }

  untilRunning(id, options) {
    return this.until(id, ({ state }) => state.phase === 'running', options);
  }

  untilEnded(id, options = { seconds: 300 }) {
    return this.until(id, ({ state }) => ENDED.has(state.phase), options);
  }

  /** A program has begun to count. */
  async untilBegun(id) {
    const { state } = await this.until(
      id,
      job => this.noted(id, 'begin') > 0 || ENDED.has(job.state.phase),
    );
    if (this.noted(id, 'begin') > 0) return;
    throw new Error(
      `job ${id} has not begun to count: ${JSON.stringify(state)}`,
    );
  }

  /** How often programs of a job have noted something. */
  noted(id, word) {
    const file = path.join(this.#ledger, 'notes');
    if (!existsSync(file)) return 0;
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter(line => line === `${id} ${word}`).length;
  }

  /** How many steps the logs of all attempts have, and whether one says that its end is missing. */
  async stepsOf(job) {
    const texts = [];
    for (const { number } of job.attempts) {
      texts.push(
        await this.ada.insist(
          `/ai-training/jobs/${job.id}/log?attempt=${number}`,
          { asText: true },
        ),
      );
    }
    const text = texts.join('\n');
    return {
      counted: new Set(text.match(/step \d+/g)).size,
      saysMissing: text.includes('what it wrote last may be missing here'),
    };
  }

  /** Whether a job has come to its end once, after so many attempts, with nothing lost and nothing twice. */
  async verdict(id, { steps, attempts }) {
    const job = await this.untilEnded(id);
    const { counted, saysMissing } = await this.stepsOf(job);
    const kinds = job.attempts.map(({ end }) => end?.kind);
    return {
      job,
      holds:
        job.state.phase === 'succeeded' &&
        job.attempts.length === attempts &&
        this.noted(id, 'end') === 1 &&
        this.noted(id, 'double') === 0 &&
        // What a node took with it nobody has read: it is said.
        (counted === steps || (kinds.includes('lost') && saysMissing)),
      detail: `${job.state.phase}; attempts: ${kinds.join(
        ', ',
      )}; ${counted} of ${steps} steps in the logs; ${this.noted(
        id,
        'begin',
      )} programs, ${this.noted(id, 'double')} at the same time`,
    };
  }

  /** Asks whether the control plane works, until it is stopped. */
  sampleHealth(id) {
    return new HealthSamples(this.#stack.controlPlane.url, () =>
      this.ada.call(`/ai-training/jobs/${id}`),
    );
  }

  /** @param {number} minutes - that the control plane's clock is off from now on */
  async startWithClock(minutes) {
    const { controlPlane } = this.#stack;
    await controlPlane.kill('SIGKILL');
    controlPlane.variables =
      minutes === 0
        ? {}
        : {
            NODE_OPTIONS: `--require ${path.join(
              root,
              'scripts/drills/lib/skewedClock.cjs',
            )}`,
            GREENROOM_DRILL_CLOCK_MILLIS: String(minutes * 60_000),
          };
    await controlPlane.start();
  }
}
