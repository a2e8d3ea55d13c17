import type { RolloutState } from '@greenroom/plugin-ai-inference-common';
import type { Knex } from 'knex';
import { isDeepStrictEqual } from 'node:util';
import type { ToldProblem } from './notice';

/** A deployment, as far as its owners may have to hear of it. */
export interface Watched {
  environment: string;
  model: string;
  wanted: { version: number; digest: string; state: RolloutState };
  told?: ToldProblem;
  rolloutId: string;
  /** Key of the decision that was told last. */
  toldDecision?: string;
}

/** What owners were told; a column of the deployments. */
export class NoticeStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  async list(): Promise<Watched[]> {
    const rows = await this.#knex('deployments')
      .join('rollouts', 'rollouts.id', 'deployments.rollout_id')
      .whereNull('deployments.withdrawn_at')
      .select(
        'deployments.environment',
        'deployments.model',
        'deployments.told_problem',
        'deployments.told_decision',
        'deployments.rollout_id',
        'rollouts.to_version',
        'rollouts.to_digest',
        'rollouts.state',
      );
    return rows.map(row => ({
      environment: row.environment,
      model: row.model,
      wanted: {
        version: row.to_version,
        digest: row.to_digest,
        state: row.state,
      },
      told: row.told_problem ?? undefined,
      rolloutId: row.rollout_id,
      toldDecision: row.told_decision ?? undefined,
    }));
  }

  /**
   * Notes what is told, and tells it before that is final: told twice is better than never.
   * Does nothing when another process was faster.
   */
  async tell(
    watched: Watched,
    news: { told: ToldProblem | undefined; send(): Promise<void> },
  ): Promise<void> {
    await this.#tellOnce(watched, {
      column: 'told_problem',
      before: watched.told,
      after: news.told && JSON.stringify(news.told),
      send: news.send,
    });
  }

  /** The same for a decision about its rollout. */
  async tellDecision(
    watched: Watched,
    news: { key: string; send(): Promise<void> },
  ): Promise<void> {
    await this.#tellOnce(watched, {
      column: 'told_decision',
      before: watched.toldDecision,
      after: news.key,
      send: news.send,
    });
  }

  async #tellOnce(
    { environment, model }: Watched,
    news: {
      column: 'told_problem' | 'told_decision';
      before: ToldProblem | string | undefined;
      after: string | undefined;
      send(): Promise<void>;
    },
  ): Promise<void> {
    const { column, before, after } = news;
    await this.#knex.transaction(async tx => {
      const row = await tx('deployments')
        .where({ environment, model })
        .forUpdate()
        .skipLocked()
        .first(column);
      if (!row || !isDeepStrictEqual(row[column] ?? undefined, before)) return;
      await tx('deployments')
        .where({ environment, model })
        .update({ [column]: after ?? null });
      await news.send();
    });
  }
}
