import { InputError } from '@backstage/errors';
import type { ArtifactStore } from '@greenroom/artifact-store';
import { userRefOf } from '@greenroom/ai-node';
import type {
  EvaluationAnswer,
  EvaluationAnswers,
  EvaluationAnswersQuery,
  EvaluationRun,
  NewEvaluationRun,
} from '@greenroom/plugin-ai-registry-common';
import type { CallOptions } from '../models/ModelService';
import type { VersionRef } from '../versions/VersionService';
import { type EvaluationRunRecord, toEvaluationRun } from './evaluationRun';
import type { EvaluationRuns } from './EvaluationRuns';
import type { EvaluationRunStore } from './EvaluationRunStore';
import type { PromptSets } from './PromptSets';
import { readAnswers } from './readAnswers';

const DEFAULT_ANSWERS = 50;

/** What people and programs can do with runs. All throw a NotFoundError when there is no such run. */
export interface EvaluationRunService {
  /** Throws an InputError that says what does not fit. */
  create(
    ref: VersionRef,
    run: NewEvaluationRun,
    options: CallOptions,
  ): Promise<EvaluationRun>;
  /** Newest first. */
  list(
    ref: VersionRef,
    query: { limit?: number },
    options: CallOptions,
  ): Promise<EvaluationRun[]>;
  get(id: string, options: CallOptions): Promise<EvaluationRun>;
  /** In the order of the rows. */
  listAnswers(
    id: string,
    query: EvaluationAnswersQuery,
    options: CallOptions,
  ): Promise<EvaluationAnswers>;
  /** Throws a ConflictError when it has ended. */
  cancel(id: string, options: CallOptions): Promise<EvaluationRun>;
}

/** Does what it is asked; {@link AuthorizedEvaluationRunService} asks whether it may. */
export class DefaultEvaluationRunService implements EvaluationRunService {
  readonly #runs: EvaluationRuns;
  readonly #store: EvaluationRunStore;
  readonly #sets: PromptSets;
  readonly #artifacts: Pick<ArtifactStore, 'open'>;
  readonly #waitingFor: (environment: string) => string;

  constructor(options: {
    runs: EvaluationRuns;
    store: EvaluationRunStore;
    sets: PromptSets;
    artifacts: Pick<ArtifactStore, 'open'>;
    /** What runs of an environment wait for that no data plane has. */
    waitingFor(environment: string): string;
  }) {
    this.#runs = options.runs;
    this.#store = options.store;
    this.#sets = options.sets;
    this.#artifacts = options.artifacts;
    this.#waitingFor = options.waitingFor;
  }

  async create(
    ref: VersionRef,
    run: NewEvaluationRun,
    { credentials }: CallOptions,
  ): Promise<EvaluationRun> {
    const prepared = await this.#runs.prepare({ ...run, ...ref });
    return this.#shown(
      await this.#runs.start(prepared, { requestedBy: userRefOf(credentials) }),
    );
  }

  async list(
    ref: VersionRef,
    query: { limit?: number },
  ): Promise<EvaluationRun[]> {
    const runs = await this.#store.list(ref, query);
    return runs.map(run => this.#shown(run));
  }

  async get(id: string): Promise<EvaluationRun> {
    return this.#shown(await this.#store.get(id));
  }

  async listAnswers(
    id: string,
    query: EvaluationAnswersQuery,
  ): Promise<EvaluationAnswers> {
    const { offset = 0, limit = DEFAULT_ANSWERS, only, compareWith } = query;
    const run = await this.#store.get(id);
    const all = await this.#answersOf(run);
    const others =
      compareWith === undefined
        ? undefined
        : await this.#othersOf(run, compareWith);
    if (only === 'differing' && !others) {
      throw new InputError(
        'only: differing needs compareWith, the id of another run',
      );
    }
    const items = all
      .map(answer => withOther(answer, others))
      .filter(answer => fits(answer, only));
    const end = offset + limit;
    return {
      items: items.slice(offset, end),
      totalItems: items.length,
      ...(end < items.length && { nextOffset: end }),
    };
  }

  async cancel(
    id: string,
    { credentials }: CallOptions,
  ): Promise<EvaluationRun> {
    return this.#shown(await this.#runs.cancel(id, userRefOf(credentials)));
  }

  /** The other run must have asked the same rows of the same model. */
  async #othersOf(
    run: EvaluationRunRecord,
    id: string,
  ): Promise<Map<number, EvaluationAnswer>> {
    const other = await this.#store.get(id);
    if (
      other.model !== run.model ||
      other.dataset.digest !== run.dataset.digest
    ) {
      throw new InputError(
        `compareWith: expected a run of '${run.model}' on ${run.dataset.name}, version ${run.dataset.version}`,
      );
    }
    const answers = await this.#answersOf(other);
    return new Map(answers.map(answer => [answer.row, answer]));
  }

  async #answersOf(run: EvaluationRunRecord): Promise<EvaluationAnswer[]> {
    if (run.state.phase === 'done') {
      const { answersDigest } = run.state;
      return readAnswers(await this.#artifacts.open(answersDigest));
    }
    // Nobody has judged them yet.
    const rows = await this.#sets.rows(run.dataset, run.rows);
    const told = await this.#store.listAnswers(run.id);
    return told.map(answer => ({
      ...rows[answer.row],
      ...answer,
      scores: {},
    }));
  }

  #shown(run: EvaluationRunRecord): EvaluationRun {
    return toEvaluationRun(run, this.#waitingFor(run.environment));
  }
}

function withOther(
  answer: EvaluationAnswer,
  others: Map<number, EvaluationAnswer> | undefined,
): EvaluationAnswer {
  const other = others?.get(answer.row);
  if (!other) return answer;
  const { answer: text, error, scores } = other;
  return {
    ...answer,
    other: {
      ...(text !== undefined && { answer: text }),
      ...(error !== undefined && { error }),
      scores,
    },
  };
}

function fits(
  { scores, error, other }: EvaluationAnswer,
  only: EvaluationAnswersQuery['only'],
): boolean {
  switch (only) {
    case 'wrong':
      return error !== undefined || Object.values(scores).includes(0);
    case 'differing':
      return (
        error !== other?.error ||
        Object.entries(scores).some(
          ([scorer, score]) => other?.scores[scorer] !== score,
        )
      );
    default:
      return true;
  }
}
