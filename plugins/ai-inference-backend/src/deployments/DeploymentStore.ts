import type { Environment } from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import type { DeploymentRecord } from './deployment';
import { nextDropAt, type TrafficSplit } from './trafficSplit';

interface DeploymentRow {
  environment: Environment;
  model: string;
  commit: string;
  version: number;
  rollback_to: number | null;
  salt: string;
  split: TrafficSplit;
  next_drop_at: Date | null;
  rollout_id: string;
  updated_at: Date;
}

/** The table of deployments. Whoever changes one holds its row lock, taken by {@link DeploymentStore.claim}. */
export class DeploymentStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  async list(
    query: { environment?: string; model?: string } = {},
    tx: Knex = this.#knex,
  ): Promise<DeploymentRecord[]> {
    const rows = await tx<DeploymentRow>('deployments')
      .modify(builder => {
        if (query.environment) builder.where('environment', query.environment);
        if (query.model) builder.where('model', query.model);
      })
      .orderBy(['environment', 'model']);
    return rows.map(toRecord);
  }

  /** Deployments with a running rollout, or with a version that is due to be dropped. */
  async listDue(now: Date): Promise<{ environment: string; model: string }[]> {
    return this.#knex('deployments')
      .join('rollouts', 'rollouts.id', 'deployments.rollout_id')
      .whereIn('rollouts.phase', ['loading', 'progressing'])
      .orWhere('deployments.next_drop_at', '<=', now)
      .select('deployments.environment', 'deployments.model');
  }

  /**
   * Locks a deployment until the end of the transaction.
   *
   * @returns undefined when there is none, or when `skipLocked` is set and somebody else works on it
   */
  async claim(
    tx: Knex.Transaction,
    key: { environment: string; model: string },
    options: { skipLocked?: boolean } = {},
  ): Promise<DeploymentRecord | undefined> {
    const query = tx<DeploymentRow>('deployments')
      .where({ environment: key.environment as Environment, model: key.model })
      .forUpdate();
    const [row] = await (options.skipLocked ? query.skipLocked() : query);
    return row && toRecord(row);
  }

  async save(
    tx: Knex.Transaction,
    deployment: DeploymentRecord,
  ): Promise<void> {
    const { rollbackTo, split, rolloutId, updatedAt, ...same } = deployment;
    await tx('deployments')
      .insert({
        ...same,
        rollback_to: rollbackTo ?? null,
        split: JSON.stringify(split),
        next_drop_at: nextDropAt(split) ?? null,
        rollout_id: rolloutId,
        updated_at: updatedAt,
      })
      .onConflict(['environment', 'model'])
      .merge();
  }

  async remove(
    tx: Knex.Transaction,
    key: { environment: string; model: string },
  ): Promise<void> {
    await tx('deployments')
      .where({ environment: key.environment, model: key.model })
      .delete();
  }
}

function toRecord(row: DeploymentRow): DeploymentRecord {
  return {
    environment: row.environment,
    model: row.model,
    commit: row.commit,
    version: row.version,
    rollbackTo: row.rollback_to ?? undefined,
    salt: row.salt,
    split: row.split,
    rolloutId: row.rollout_id,
    updatedAt: row.updated_at.toISOString(),
  };
}
