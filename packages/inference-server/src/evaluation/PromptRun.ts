import type {
  EvaluationReply,
  EvaluationReport,
  EvaluationWork,
  PromptAnswer,
  PromptRow,
} from '@greenroom/plugin-ai-inference-common';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LanguageModel } from '../domain/LanguageModel';
import { errorMessage } from '../errors';
import type { Logger } from '../logger';
import { ControlPlaneAnswerError } from '../snapshot/controlPlaneFailure';
import { askPrompt } from './askPrompt';

/** How soon the control plane hears of answers, and this data plane of a cancel. */
const REPORT_MILLIS = 500;
const LONGEST_REPORT_PAUSE_MILLIS = 5_000;
/** Answers are told in pieces. */
const MAX_ANSWERS_TOLD = 50;
/** Rows that are waiting for each that is asked. */
const ROWS_AHEAD = 2;
/** When none of the first ones was answered, the others will not be. */
const HOPELESS_ROWS = 20;
/** What a stop leaves to tell what was found out. */
const FAREWELL_MILLIS = 2_000;

/** Asks the rows of one run, a few at a time, until the control plane says that it has ended. */
export class PromptRun {
  readonly #work: EvaluationWork;
  readonly #language: Pick<LanguageModel, 'answer'>;
  readonly #report: (
    report: EvaluationReport,
    signal: AbortSignal,
  ) => Promise<EvaluationReply>;
  readonly #logger: Logger;
  readonly #queue: PromptRow[] = [];
  readonly #ended = new AbortController();
  #untold: PromptAnswer[] = [];
  #after = -1;
  #inFlight = 0;
  #isAnswered = false;
  #unanswered = 0;
  #wake: () => void = () => {};

  constructor(options: {
    work: EvaluationWork;
    language: Pick<LanguageModel, 'answer'>;
    report: (
      report: EvaluationReport,
      signal: AbortSignal,
    ) => Promise<EvaluationReply>;
    logger: Logger;
  }) {
    this.#work = options.work;
    this.#language = options.language;
    this.#report = options.report;
    this.#logger = options.logger;
    this.#take(options.work.rows);
  }

  /** @param signal - aborted when this data plane stops */
  async run(signal: AbortSignal): Promise<void> {
    const until = AbortSignal.any([signal, this.#ended.signal]);
    this.#fill(until);
    let failures = 0;
    while (!until.aborted) {
      await this.#pause(
        Math.min(REPORT_MILLIS * 2 ** failures, LONGEST_REPORT_PAUSE_MILLIS),
        until,
      );
      if (until.aborted) break;
      try {
        const isOver = await this.#tell(until);
        failures = 0;
        if (isOver) this.#ended.abort();
        else this.#fill(until);
      } catch (error) {
        if (until.aborted) break;
        failures += 1;
        this.#logger.warn('the control plane did not take answers to prompts', {
          run: this.#work.id,
          error: errorMessage(error),
        });
        // There is no such run any more.
        if (isGone(error)) this.#ended.abort();
      }
    }
    if (!this.#ended.signal.aborted) await this.#leave();
  }

  /** Asks as many rows as may be asked at a time. */
  #fill(signal: AbortSignal): void {
    while (
      this.#inFlight < this.#work.concurrency &&
      this.#queue.length > 0 &&
      !signal.aborted
    ) {
      const prompt = this.#queue.shift()!;
      this.#inFlight += 1;
      void this.#ask(prompt, signal);
    }
  }

  async #ask(prompt: PromptRow, signal: AbortSignal): Promise<void> {
    const answer = await askPrompt(prompt, {
      language: this.#language,
      work: this.#work,
      signal,
    });
    this.#inFlight -= 1;
    if (answer === undefined) return;
    this.#untold.push(answer);
    if (answer.error === undefined) this.#isAnswered = true;
    else this.#unanswered += 1;
    this.#fill(signal);
    // Nothing is left to ask until more rows come.
    if (this.#queue.length === 0) this.#wake();
  }

  /** @returns whether the run is over */
  async #tell(signal: AbortSignal): Promise<boolean> {
    const answers = this.#untold.slice(0, MAX_ANSWERS_TOLD);
    const ahead = this.#work.concurrency * ROWS_AHEAD;
    const want = Math.max(0, ahead - this.#queue.length);
    const isHopeless = !this.#isAnswered && this.#unanswered >= HOPELESS_ROWS;
    const reply = await this.#report(
      {
        lease: this.#work.lease,
        answers,
        after: this.#after,
        want,
        ...(isHopeless && {
          failure: `none of the first ${this.#unanswered} rows was answered: ${
            answers.findLast(({ error }) => error !== undefined)?.error ?? ''
          }`,
        }),
      },
      signal,
    );
    this.#untold = this.#untold.slice(answers.length);
    if (reply.state === 'ended') return true;
    this.#take(reply.rows);
    // All was asked and told, and yet it is not over: another data plane will find what is missing.
    return (
      want > 0 &&
      reply.rows.length === 0 &&
      this.#queue.length + this.#inFlight + this.#untold.length === 0
    );
  }

  #take(rows: readonly PromptRow[]): void {
    this.#queue.push(...rows);
    this.#after = rows.at(-1)?.row ?? this.#after;
  }

  /** Until it is time to tell, or there is nothing to ask. */
  async #pause(millis: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    await sleep(millis, undefined, {
      signal: AbortSignal.any([signal, woken.signal]),
    }).catch(() => {});
    this.#wake = () => {};
  }

  /** What is known already need not be asked again by another data plane. */
  async #leave(): Promise<void> {
    if (this.#untold.length === 0) return;
    const { lease } = this.#work;
    const answers = this.#untold.slice(0, MAX_ANSWERS_TOLD);
    await this.#report(
      { lease, answers, after: this.#after, want: 0 },
      AbortSignal.timeout(FAREWELL_MILLIS),
    ).catch(error =>
      this.#logger.info('answers to prompts were not told', {
        run: this.#work.id,
        error: errorMessage(error),
      }),
    );
  }
}

function isGone(error: unknown): boolean {
  return error instanceof ControlPlaneAnswerError && error.statusCode === 404;
}
