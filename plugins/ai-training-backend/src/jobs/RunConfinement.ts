import { NotAllowedError } from '@backstage/errors';
import { userRefOf } from '@greenroom/ai-node';
import { trainingJobOf } from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import { Bounded } from '../Bounded';
import type { CallOptions } from '../callOptions';

/** Each is some hundred bytes. */
const MOST_KNOWN = 10_000;

/** What somebody writes to, below an experiment. */
export interface WriteTarget {
  kind: 'run' | 'model';
  id: string;
}

/**
 * Keeps the program of a job to its own run, and to the runs and logged models that it made: its token has the whole
 * experiment by its scope, in which others work, too.
 */
export class RunConfinement {
  readonly #knex: Knex;
  readonly #known = new Bounded<true>({ most: MOST_KNOWN });

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /** @throws NotAllowedError when the caller is the program of a job, and it is not its own */
  async requireOwn(
    { kind, id }: WriteTarget,
    { credentials }: CallOptions,
  ): Promise<void> {
    const job = trainingJobOf(userRefOf(credentials));
    if (job === undefined) return;
    const key = `${job} ${id}`;
    if (this.#known.get(key)) return;
    if (!(await this.#isOwn(kind, id, job))) {
      throw new NotAllowedError(
        `The token of training job ${job} may write to the job's own run, and to what it made itself, not to ${
          kind === 'run' ? 'run' : 'logged model'
        } '${id}'`,
      );
    }
    this.#known.set(key, true);
  }

  async #isOwn(
    kind: WriteTarget['kind'],
    id: string,
    job: string,
  ): Promise<boolean> {
    const maker = `service:training.${job}.%`;
    const { rows } = await this.#knex.raw<{ rows: unknown[] }>(
      kind === 'run'
        ? `select 1 from runs where run_id = ? and (created_by like ?
             or run_id = (select run_id from training_jobs where id = ?::uuid))`
        : 'select 1 from logged_models where model_id = ? and created_by like ?',
      kind === 'run' ? [id, maker, job] : [id, maker],
    );
    return rows.length > 0;
  }
}
