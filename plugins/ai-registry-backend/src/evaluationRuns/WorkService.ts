import { InputError, NotFoundError } from '@backstage/errors';
import {
  type EnvironmentConnections,
  type EvaluationReply,
  type EvaluationReport,
  type EvaluationWork,
  MAX_ANSWER_CHARACTERS,
  MAX_ROWS_TAKEN,
  type PromptAnswer,
  type PromptRow,
} from '@greenroom/plugin-ai-registry-common';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { VersionStore } from '../versions/VersionStore';
import {
  answersChats,
  type EvaluationRunRecord,
  ROW_TIMEOUT_MILLIS,
  ROWS_AT_ONCE,
} from './evaluationRun';
import type { EvaluationRunStore } from './EvaluationRunStore';
import { messagesOf } from '@greenroom/manifest';
import type { PromptSets } from './PromptSets';
import type { RunFinisher } from './RunFinisher';

/** How often it is looked whether there is a run, for all data planes of an environment together. */
const LOOK_MILLIS = 500;
const MAX_REASON_CHARACTERS = 1_000;
const LOCAL_KIND = 'local';

/** What data planes ask about runs, and tell. */
export class WorkService {
  readonly #store: EvaluationRunStore;
  readonly #versions: Pick<VersionStore, 'get'>;
  readonly #sets: PromptSets;
  readonly #connections: EnvironmentConnections;
  readonly #finisher: Pick<RunFinisher, 'fail'>;
  readonly #onTold: () => void;
  readonly #looks = new Map<
    string,
    { atMillis: number; found: Promise<boolean> }
  >();
  readonly #stop = new AbortController();

  constructor(options: {
    store: EvaluationRunStore;
    versions: Pick<VersionStore, 'get'>;
    sets: PromptSets;
    connections: EnvironmentConnections;
    finisher: Pick<RunFinisher, 'fail'>;
    /** Called when all rows of a run are told of. */
    onTold(): void;
  }) {
    this.#store = options.store;
    this.#versions = options.versions;
    this.#sets = options.sets;
    this.#connections = options.connections;
    this.#finisher = options.finisher;
    this.#onTold = options.onTold;
  }

  /**
   * A run to work on, as soon as there is one.
   *
   * @param signal - aborts when the one who asks has gone
   * @returns undefined when there was none for so long
   */
  async take(
    environment: string,
    options: { producer: string; waitSeconds: number; signal: AbortSignal },
  ): Promise<EvaluationWork | undefined> {
    const { producer, waitSeconds } = options;
    const endMillis = Date.now() + waitSeconds * 1_000;
    const signal = AbortSignal.any([options.signal, this.#stop.signal]);
    for (;;) {
      if (signal.aborted) return undefined;
      if (await this.#hasWork(environment)) {
        const lease = randomUUID();
        const run = await this.#store.take(environment, { lease, producer });
        const work = run && (await this.#describe(run, lease));
        if (work) return work;
      }
      const leftMillis = endMillis - Date.now();
      if (leftMillis <= 0) return undefined;
      await sleep(Math.min(LOOK_MILLIS, leftMillis), undefined, {
        signal,
      }).catch(() => {});
    }
  }

  /**
   * Takes answers, and gives more rows. With neither it is a sign of life.
   *
   * @throws NotFoundError, or InputError for a row that the run does not have
   */
  async report(
    place: { environment: string; id: string },
    report: EvaluationReport,
  ): Promise<EvaluationReply> {
    const { id } = place;
    const run = await this.#store.get(id);
    if (run.environment !== place.environment) {
      throw new NotFoundError(
        `There is no evaluation run '${id}' of ${place.environment}`,
      );
    }
    const answers = report.answers.map(answer => checked(answer, run));
    const isMine = await this.#store.renew(
      id,
      report.lease,
      answers.length > 0,
    );
    if (!isMine) return { state: 'ended' };
    if (report.failure !== undefined) {
      await this.#finisher.fail(run, bounded(report.failure));
      return { state: 'ended' };
    }
    await this.#store.addAnswers(id, answers);
    const { state } = await this.#store.get(id);
    if (state.phase === 'running' && state.done >= run.rows) {
      this.#onTold();
      return { state: 'ended' };
    }
    return {
      state: 'go-on',
      rows: await this.#rowsOf(run, report.after, report.want),
    };
  }

  /** Ends all questions that wait. */
  stop(): void {
    this.#stop.abort();
  }

  async #describe(
    run: EvaluationRunRecord,
    lease: string,
  ): Promise<EvaluationWork | undefined> {
    const { id, model, version, environment } = run;
    const { external } = await this.#versions.get(model, version);
    const connection =
      external && this.#connections.find(environment, external.connection);
    if (!answersChats(external) || !connection) {
      await this.#finisher.fail(
        run,
        `${environment} has no connection '${external?.connection}' any more`,
      );
      return undefined;
    }
    return {
      id,
      lease,
      model,
      version,
      descriptor: external,
      connection,
      rowTimeoutMillis: ROW_TIMEOUT_MILLIS,
      // A local model has one turn at a time, which callers wait for, too.
      concurrency: connection.kind === LOCAL_KIND ? 1 : ROWS_AT_ONCE,
      maxAnswerCharacters: MAX_ANSWER_CHARACTERS,
      rows: await this.#rowsOf(run, -1, ROWS_AT_ONCE * 2),
    };
  }

  async #rowsOf(
    run: EvaluationRunRecord,
    after: number,
    want: number,
  ): Promise<PromptRow[]> {
    const limit = Math.min(want, MAX_ROWS_TAKEN);
    if (limit <= 0) return [];
    const missing = await this.#store.missingRows(run.id, {
      rows: run.rows,
      after,
      limit,
    });
    const rows = await this.#sets.rows(run.dataset, run.rows);
    return missing.map(row => ({ row, messages: messagesOf(rows[row]) }));
  }

  /** A question costs no query of its own: a hundred data planes wait at a time. */
  #hasWork(environment: string): Promise<boolean> {
    const last = this.#looks.get(environment);
    const nowMillis = performance.now();
    if (last && nowMillis - last.atMillis < LOOK_MILLIS / 2) return last.found;
    const found = this.#store.hasWork(environment);
    this.#looks.set(environment, { atMillis: nowMillis, found });
    return found;
  }
}

/** What is kept of an answer: no more than is promised, and text that a database takes. */
function checked(answer: PromptAnswer, { rows }: EvaluationRunRecord) {
  if (answer.row >= rows) {
    throw new InputError(
      `answers: row ${answer.row} is none of the ${rows} that are asked`,
    );
  }
  if ((answer.answer === undefined) === (answer.error === undefined)) {
    throw new InputError(
      `answers: row ${answer.row}: expected either answer or error`,
    );
  }
  const { answer: text, error } = answer;
  const isCut = text !== undefined && text.length > MAX_ANSWER_CHARACTERS;
  return {
    ...answer,
    ...(text !== undefined && {
      answer: wellFormed(text.slice(0, MAX_ANSWER_CHARACTERS)),
    }),
    ...((isCut || answer.cut) && { cut: true }),
    ...(error !== undefined && { error: bounded(error) }),
  };
}

function bounded(text: string): string {
  return wellFormed(text.slice(0, MAX_REASON_CHARACTERS));
}

/** Half of a character, where a text was cut, is no text to a database. */
function wellFormed(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}
