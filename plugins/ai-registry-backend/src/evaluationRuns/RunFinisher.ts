import type { LoggerService } from '@backstage/backend-plugin-api';
import { isError, toError } from '@backstage/errors';
import type { ArtifactStore } from '@greenroom/artifact-store';
import type {
  Evaluation,
  EvaluationAnswer,
  PromptAnswer,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import { keepArtifacts } from '../artifacts/ArtifactCollector';
import type { RegistryChanges } from '../events/announcement';
import type { ModelStore } from '../models/ModelStore';
import { isOpen } from '../promotion/promotion';
import type { PromotionStore } from '../promotion/PromotionStore';
import { type EvaluationStore } from '../versions/EvaluationStore';
import { MAX_EVALUATIONS } from '../versions/VersionService';
import { type EvaluationRunRecord, whyOver } from './evaluationRun';
import type { EvaluationRunStore, RunEnd } from './EvaluationRunStore';
import type { PromptSetRow } from '@greenroom/manifest';
import type { PromptSets } from './PromptSets';
import { judgeAnswers, type RowResults, summariseRows } from './runResult';
import { compileScorers, TookTooLongError } from '@greenroom/manifest';

/** What ends runs is called in the history. */
const ACTOR = 'service:greenroom';

export interface RunFinisherOptions {
  store: EvaluationRunStore;
  sets: PromptSets;
  evaluations: EvaluationStore;
  models: Pick<ModelStore, 'lock' | 'touch'>;
  promotions: Pick<PromotionStore, 'enqueue' | 'unfinished'>;
  artifacts: ArtifactStore;
  changes: RegistryChanges;
  logger: LoggerService;
  now?: () => Date;
}

/** Ends runs: judges the answers of those that have all, and gives up on others in time. */
export class RunFinisher {
  readonly #options: RunFinisherOptions;
  readonly #now: () => Date;

  constructor(options: RunFinisherOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
  }

  /** @returns those that go on */
  async look(signal: AbortSignal): Promise<EvaluationRunRecord[]> {
    const { store, logger } = this.#options;
    const left: EvaluationRunRecord[] = [];
    for (const run of await store.listOpen()) {
      signal.throwIfAborted();
      const why = whyOver(run, this.#now());
      const { state } = run;
      const isTold = state.phase === 'running' && state.done >= run.rows;
      if (isTold) {
        await this.#finish(run).catch(error =>
          logger.error(
            `Evaluation run '${run.id}' could not be finished and will be tried again`,
            toError(error),
          ),
        );
      } else if (why !== undefined) {
        await this.fail(run, why);
      } else if (await this.#isWantedByNobody(run)) {
        await this.#end(run, { phase: 'cancelled', cancelledBy: ACTOR });
      } else {
        left.push(run);
      }
    }
    return left;
  }

  /** Gives up on a run, unless it has ended. */
  fail(run: EvaluationRunRecord, reason: string): Promise<void> {
    return this.#end(run, { phase: 'failed', reason });
  }

  /** Its promotion was closed, and no other one of the model waits for it: each row costs money. */
  async #isWantedByNobody(run: EvaluationRunRecord): Promise<boolean> {
    if (run.promotion === undefined) return false;
    const others = await this.#options.promotions.unfinished(run);
    return !others.some(isOpen);
  }

  async #finish(run: EvaluationRunRecord): Promise<void> {
    const { store, sets, artifacts } = this.#options;
    const rows = await sets.rows(run.dataset, run.rows);
    const answers = await store.listAnswers(run.id);
    // Somebody else has ended it since it was read.
    if (answers.length < run.rows) return;
    const whyNone = whyNoneAnswered(answers);
    if (whyNone !== undefined) {
      await this.fail(run, whyNone);
      return;
    }
    let results: RowResults;
    try {
      results = await judgeAnswers({
        rows,
        answers,
        scorers: compileScorers(run.scorers, 'scorers'),
      });
    } catch (error) {
      const isHopeless =
        error instanceof TookTooLongError ||
        (isError(error) && error.name === 'InputError');
      if (!isHopeless) throw error;
      await this.fail(
        run,
        `A scorer cannot judge an answer: ${error.message}. Write it simpler`,
      );
      return;
    }
    const { digest: answersDigest } = await artifacts.put(
      linesOf(rows, answers, results),
    );
    await this.#end(
      run,
      { phase: 'done', results, answersDigest },
      async tx => {
        // From here on nobody collects the answers as unused.
        await keepArtifacts(tx);
        await this.#addEvaluations(tx, run, results);
      },
    );
  }

  async #end(
    run: EvaluationRunRecord,
    end: RunEnd,
    also: (tx: Knex.Transaction) => Promise<void> = async () => {},
  ): Promise<void> {
    const { store, promotions, changes } = this.#options;
    const { id, model, version, environment, promotion } = run;
    await changes.transaction(async tx => {
      await store.lock(tx, environment);
      const ended = await store.end(tx, id, end);
      if (!ended) return;
      await also(tx);
      if (promotion !== undefined) await promotions.enqueue(tx, promotion);
      await changes.record(tx, {
        action: `evaluation-run-${end.phase}`,
        actor: ACTOR,
        model,
        environment,
        subject: id,
        after:
          end.phase === 'done'
            ? { version, ...summariseRows(end.results) }
            : { version, ...end },
        announce: [
          { type: 'evaluation-run-changed', run: id, model, version },
          { type: 'model-changed', model, action: 'version-changed' },
        ],
      });
    });
  }

  /** What other pages and gates know of versions: an evaluation for each scorer. */
  async #addEvaluations(
    tx: Knex.Transaction,
    run: EvaluationRunRecord,
    results: RowResults,
  ): Promise<void> {
    const { evaluations, models, logger } = this.#options;
    const { model, requestedBy: addedBy } = run;
    const made = toEvaluations(run, results);
    await models.lock(tx, model);
    const count = await evaluations.count(run, tx);
    if (count + made.length > MAX_EVALUATIONS) {
      logger.info(
        `Evaluation run '${run.id}' adds no evaluations: version ${run.version} of '${model}' has ${count}, and no version may have more`,
      );
      return;
    }
    // The one that is added last is what pages show first of the version: that of the first scorer.
    for (const evaluation of made.reverse()) {
      await evaluations.add(tx, run, { evaluation, addedBy });
    }
    await models.touch(tx, model);
  }
}

/** Why no row was answered, with the most frequent reason; undefined where one was. */
export function whyNoneAnswered(
  answers: readonly PromptAnswer[],
): string | undefined {
  if (answers.some(({ answer }) => answer !== undefined)) return undefined;
  const counts = new Map<string, number>();
  for (const { error = 'no reason was told' } of answers) {
    counts.set(error, (counts.get(error) ?? 0) + 1);
  }
  const [most] = [...counts].sort(([, one], [, other]) => other - one);
  return `None of the ${answers.length} rows was answered: ${most?.[0] ?? ''}`;
}

/** Rows without an answer have no value: then the rest cannot be compared row by row with another version's. */
export function toEvaluations(
  { dataset }: Pick<EvaluationRunRecord, 'dataset'>,
  results: RowResults,
): Evaluation[] {
  return summariseRows(results).scores.flatMap(({ scorer, share, rows }) => {
    if (rows === 0) return [];
    const values = results.scores[scorer].filter(value => value !== null);
    const isWhole = values.length === results.scores[scorer].length;
    return {
      dataset: { name: dataset.name, digest: dataset.digest, rows },
      metrics: { [scorer]: share },
      primary: { name: scorer, higherIsBetter: true },
      ...(isWhole && { perRow: values }),
    };
  });
}

async function* linesOf(
  rows: readonly PromptSetRow[],
  answers: readonly PromptAnswer[],
  results: RowResults,
): AsyncGenerator<Uint8Array> {
  for (const [
    index,
    { cachedInputTokens: _, ...answer },
  ] of answers.entries()) {
    const scores = Object.entries(results.scores).flatMap(([scorer, values]) =>
      values[index] === null ? [] : [[scorer, values[index]]],
    );
    const line: EvaluationAnswer = {
      ...rows[index],
      ...answer,
      scores: Object.fromEntries(scores),
    };
    yield Buffer.from(`${JSON.stringify(line)}\n`);
  }
}
