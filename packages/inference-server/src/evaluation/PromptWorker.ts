import type { EvaluationWork } from '@greenroom/plugin-ai-inference-common';
import type { Connections } from '../connections/Connections';
import { errorMessage } from '../errors';
import { ExternalLanguageModel } from '../language/ExternalLanguageModel';
import type { Logger } from '../logger';
import { AskLoop } from '../snapshot/AskLoop';
import type { ControlPlaneClient } from '../snapshot/ControlPlaneClient';
import { ControlPlaneAnswerError } from '../snapshot/controlPlaneFailure';
import { PromptRun } from './PromptRun';

/** How long the control plane is asked to wait for a run; proxies often give up after a minute. */
const WAIT_SECONDS = 20;
/** Pause where the control plane is of an earlier release, or does not let this one ask. */
const UNASKED_PAUSE_MILLIS = 60_000;

/**
 * Asks versions the prompts that they are evaluated with, apart from callers' requests: what is
 * asked here needs no key, takes none of their room, and is recorded nowhere.
 */
export class PromptWorker {
  readonly #client: Pick<
    ControlPlaneClient,
    'takeEvaluation' | 'reportEvaluation'
  >;
  readonly #connections: Pick<Connections, 'take'>;
  readonly #logger: Logger;
  readonly #producer: string;
  readonly #pollMillis: number;
  readonly #loop: AskLoop;
  #busy = false;

  constructor(options: {
    client: Pick<ControlPlaneClient, 'takeEvaluation' | 'reportEvaluation'>;
    connections: Pick<Connections, 'take'>;
    logger: Logger;
    /** Id of this process. */
    producer: string;
    pollMillis: number;
  }) {
    this.#client = options.client;
    this.#connections = options.connections;
    this.#logger = options.logger;
    this.#producer = options.producer;
    this.#pollMillis = options.pollMillis;
    this.#loop = new AskLoop({
      what: 'prompts',
      retryMillis: options.pollMillis,
      logger: options.logger,
      ask: signal => this.#ask(signal),
    });
  }

  /** Whether prompts are asked right now. */
  get busy(): boolean {
    return this.#busy;
  }

  start(): void {
    void this.#loop.start();
  }

  /** Ends what is under way: another data plane goes on with it. */
  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** @returns the pause until it is to be asked again, in milliseconds */
  async #ask(signal: AbortSignal): Promise<number> {
    const startedMillis = performance.now();
    let work: EvaluationWork | undefined;
    try {
      work = await this.#client.takeEvaluation({
        producer: this.#producer,
        // After a failure the answer should come at once: it says that the control plane is back.
        waitSeconds: this.#loop.failing ? 0 : WAIT_SECONDS,
        signal,
      });
    } catch (error) {
      const isUnasked =
        error instanceof ControlPlaneAnswerError &&
        [403, 404].includes(error.statusCode);
      if (!isUnasked) throw error;
      return UNASKED_PAUSE_MILLIS;
    }
    if (!work) {
      const waitedMillis = performance.now() - startedMillis;
      return waitedMillis * 2 >= WAIT_SECONDS * 1_000 ? 0 : this.#pollMillis;
    }
    this.#busy = true;
    try {
      await this.#workOn(work, signal);
    } finally {
      this.#busy = false;
    }
    return 0;
  }

  async #workOn(work: EvaluationWork, signal: AbortSignal): Promise<void> {
    const { id, model, version, descriptor, connection } = work;
    this.#logger.info('asking prompts', { run: id, model, version });
    let language: ExternalLanguageModel;
    try {
      const lease = this.#connections.take(descriptor.connection, connection);
      language = new ExternalLanguageModel({ lease, descriptor });
    } catch (error) {
      await this.#client.reportEvaluation(
        id,
        {
          lease: work.lease,
          answers: [],
          after: -1,
          want: 0,
          failure: errorMessage(error),
        },
        signal,
      );
      return;
    }
    try {
      await new PromptRun({
        work,
        language,
        logger: this.#logger,
        report: (report, until) =>
          this.#client.reportEvaluation(id, report, until),
      }).run(signal);
    } finally {
      await language.release();
      this.#logger.info('no more prompts are asked', { run: id });
    }
  }
}
