import { isError } from '@backstage/errors';
import {
  MAX_UNANSWERED_SHARE,
  type PromptEvaluation,
} from '@greenroom/plugin-ai-registry-common';
import type { VersionRef } from '../versions/VersionService';
import type { EvaluationRunRecord } from './evaluationRun';
import type { EvaluationRuns, PreparedRun } from './EvaluationRuns';
import { type RowResults, summariseRows } from './runResult';

/** How far a version is with the prompts that a gate asks of it. */
export type GateRun =
  | { state: 'done'; run: string; results: RowResults }
  | { state: 'under-way'; /** In a sentence. */ waitingFor: string }
  /** It will not be, until somebody mends something. */
  | {
      state: 'impossible';
      reason: string;
      /** Id of the run that came to nothing; undefined where nobody was asked. */
      run?: string;
    };

/** The runs that gates of promotions need. */
export class GateRuns {
  readonly #runs: Pick<EvaluationRuns, 'prepare' | 'findSame' | 'start'>;
  readonly #waitingFor: (environment: string) => string;
  readonly #now: () => Date;

  constructor(options: {
    runs: Pick<EvaluationRuns, 'prepare' | 'findSame' | 'start'>;
    /** What runs of an environment wait for that no data plane has. */
    waitingFor(environment: string): string;
    now?: () => Date;
  }) {
    this.#runs = options.runs;
    this.#waitingFor = options.waitingFor;
    this.#now = options.now ?? (() => new Date());
  }

  /**
   * Has a version asked, unless it was lately.
   *
   * @param options.since - when the gates were asked for: what failed before is asked again
   * @param options.maxAgeMillis - older runs do not count: providers change models under their names
   * @param options.start - whether to ask; otherwise it is only looked
   */
  async look(
    ref: VersionRef & { environment: string },
    evaluation: PromptEvaluation,
    options: {
      since: string;
      maxAgeMillis: number;
      start?: { requestedBy: string; promotion: string };
    },
  ): Promise<GateRun> {
    let prepared: PreparedRun;
    try {
      prepared = await this.#runs.prepare({ ...ref, ...evaluation });
    } catch (error) {
      const isWrong =
        isError(error) && ['InputError', 'NotFoundError'].includes(error.name);
      if (!isWrong) throw error;
      return { state: 'impossible', reason: error.message };
    }
    const since = Date.parse(options.since);
    const oldest = new Date(this.#now().getTime() - options.maxAgeMillis);
    const same = await this.#runs.findSame(prepared, oldest);
    const found = same.find(run => counts(run, since));
    if (found) return this.#describe(found);
    if (!options.start) {
      return {
        state: 'impossible',
        reason: `Version ${ref.version} was not asked the prompts`,
      };
    }
    return this.#describe(
      await this.#runs.start(prepared, {
        ...options.start,
        since: options.since,
      }),
    );
  }

  #describe(run: EvaluationRunRecord): GateRun {
    const { id, version, state, rows, environment } = run;
    switch (state.phase) {
      case 'done':
        return { state: 'done', run: id, results: state.results };
      case 'queued':
        return {
          state: 'under-way',
          waitingFor: `Version ${version} is to be asked ${rows} prompts. ${this.#waitingFor(
            environment,
          )}`,
        };
      case 'running':
        return {
          state: 'under-way',
          waitingFor: `Version ${version} is asked the prompts: ${state.done} of ${rows}.`,
        };
      case 'failed':
        return {
          state: 'impossible',
          run: id,
          reason: `Asking version ${version} the prompts failed: ${state.reason}`,
        };
      default:
        return {
          state: 'impossible',
          run: id,
          reason: `${state.cancelledBy} cancelled that version ${version} is asked the prompts`,
        };
    }
  }
}

/** Whether a run answers what a gate asks: what went wrong before it was asked, does not. */
function counts(run: EvaluationRunRecord, sinceMillis: number): boolean {
  const { state, createdAt } = run;
  if (Date.parse(createdAt) >= sinceMillis) return true;
  if (state.phase === 'queued' || state.phase === 'running') return true;
  if (state.phase !== 'done') return false;
  const { rows, unanswered } = summariseRows(state.results);
  return unanswered <= rows * MAX_UNANSWERED_SHARE;
}
