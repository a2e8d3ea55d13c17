import type { EnvironmentProblem } from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import type { ToldManifest } from './manifestNews';

const NOTICES = 'environment_problem_notices';

/** The `environment_problem_notices` table: who was told of which manifest. */
export class ManifestNoticeStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /**
   * Runs work that tells people, in one process at a time. What it notes is final when it is done:
   * told twice is better than never.
   */
  async alone(work: (tx: Knex.Transaction) => Promise<void>): Promise<void> {
    await this.#knex.transaction(async tx => {
      const { rows } = await tx.raw<{ rows: { mine: boolean }[] }>(
        `select pg_try_advisory_xact_lock(hashtextextended('manifest-notices', 0)) as mine`,
      );
      if (rows[0].mine) await work(tx);
    });
  }

  /** Sorted by path. */
  async list(tx: Knex = this.#knex): Promise<ToldManifest[]> {
    return tx(NOTICES).orderBy('path').select('path', 'commit', 'recipients');
  }

  /** Notes that people were told, besides those who were told of the file before. */
  async put(
    tx: Knex.Transaction,
    problem: Pick<EnvironmentProblem, 'path' | 'commit'>,
    recipients: string[],
  ): Promise<void> {
    const { path, commit } = problem;
    await tx(NOTICES)
      .insert({ path, commit, recipients: JSON.stringify(recipients) })
      .onConflict('path')
      .merge({
        commit,
        recipients: JSON.stringify(recipients),
        told_at: tx.fn.now(),
      });
  }

  async remove(tx: Knex.Transaction, path: string): Promise<void> {
    await tx(NOTICES).where({ path }).delete();
  }
}
