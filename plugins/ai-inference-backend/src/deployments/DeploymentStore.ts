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
  batching_mode: NonNullable<DeploymentRecord['batchingMode']> | null;
  placement_mode: NonNullable<DeploymentRecord['placementMode']> | null;
  response_cache_mib: number | null;
  loading_mode: NonNullable<DeploymentRecord['loadingMode']> | null;
  language_model: NonNullable<DeploymentRecord['languageModel']> | null;
  compared: NonNullable<DeploymentRecord['compared']> | null;
  outcomes: NonNullable<DeploymentRecord['outcomes']> | null;
  recent_rows: boolean;
  salt: string;
  split: TrafficSplit;
  proven_version: number | null;
  load_attempt: number;
  next_drop_at: Date | null;
  rollout_id: string;
  withdrawn_at: Date | null;
  updated_at: Date;
}

/** As much of a deployment as tells whether there is something to do about its manifest. */
export interface DeploymentSummary {
  model: string;
  commit: string;
  version: number;
  digest: string;
  isWithdrawn: boolean;
  /** Whether the facts of the wanted version, and of all of an experiment, were read from the registry. */
  isKnown: boolean;
  /** When the rollout's problem is tried again, if it has one. */
  nextTryAt?: string;
}

interface SummaryRow {
  model: string;
  commit: string;
  version: number;
  digest: string;
  is_withdrawn: boolean;
  is_known: boolean;
  next_try_at: string | null;
}

/** A deployment that there is something to do about. */
export interface DueDeployment {
  environment: string;
  model: string;
  /** Id of what its rollout compares. */
  comparison?: string;
}

interface DueRow {
  environment: string;
  model: string;
  comparison: string | null;
}

/** The table of deployments. Whoever changes one holds its row lock, taken by {@link DeploymentStore.claim}. */
export class DeploymentStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /** Those that have a manifest, by environment and model. */
  async list(
    query: { environment?: string; model?: string } = {},
    tx: Knex = this.#knex,
  ): Promise<DeploymentRecord[]> {
    const rows = await tx<DeploymentRow>('deployments')
      .whereNull('withdrawn_at')
      .modify(builder => {
        if (query.environment) builder.where('environment', query.environment);
        if (query.model) builder.where('model', query.model);
      })
      .orderBy(['environment', 'model']);
    return rows.map(toRecord);
  }

  /** One page of what {@link list} gives, and how many there are in all. */
  async listPage(query: {
    environment?: string;
    model?: string;
    /** Only these models. */
    models?: string[];
    /** Only those with a running rollout. */
    running?: boolean;
    after?: { environment: string; model: string };
    limit: number;
  }): Promise<{ rows: DeploymentRecord[]; totalItems: number }> {
    const { environment, model, models, running, after, limit } = query;
    const matching = this.#knex<DeploymentRow>('deployments')
      .whereNull('withdrawn_at')
      .modify(builder => {
        if (environment) builder.where('environment', environment);
        if (model) builder.where('model', model);
        if (models) builder.whereRaw('model = any(?)', [models]);
        if (running) {
          builder.whereIn(
            'rollout_id',
            this.#knex('rollouts')
              .whereIn('phase', ['loading', 'progressing'])
              .select('id'),
          );
        }
      });
    const [rows, [{ count }]] = await Promise.all([
      matching
        .clone()
        .modify(builder => {
          if (after) {
            builder.whereRaw('(environment, model) > (?, ?)', [
              after.environment,
              after.model,
            ]);
          }
        })
        .orderBy(['environment', 'model'])
        .limit(limit)
        .select('*'),
      matching.clone().count({ count: '*' }),
    ]);
    return { rows: rows.map(toRecord), totalItems: Number(count) };
  }

  /** All of an environment, the withdrawn ones too, in one query without their splits. */
  async listSummaries(environment: string): Promise<DeploymentSummary[]> {
    const { rows } = await this.#knex.raw<{ rows: SummaryRow[] }>(
      `select d.model, d.commit, d.version, r.to_digest as digest,
         d.withdrawn_at is not null as is_withdrawn,
         r.state->'problem'->>'nextTryAt' as next_try_at,
         exists (
           select from served_versions s
           where s.model = d.model and s.version = d.version and s.digest = r.to_digest
         ) and not exists (
           select from jsonb_to_recordset(
             coalesce(r.plan->'treatments', '[]') || coalesce(r.plan->'control', '[]')
           ) as compared(version integer, digest text)
           where r.phase in ('loading', 'progressing') and not exists (
             select from served_versions s
             where s.model = d.model and s.version = compared.version and s.digest = compared.digest)
         ) as is_known
       from deployments d join rollouts r on r.id = d.rollout_id
       where d.environment = ?`,
      [environment],
    );
    return rows.map(row => ({
      model: row.model,
      commit: row.commit,
      version: row.version,
      digest: row.digest,
      isWithdrawn: row.is_withdrawn,
      isKnown: row.is_known,
      nextTryAt: row.next_try_at ?? undefined,
    }));
  }

  /** Deployments with a running rollout, or with a version that is due to be dropped. */
  async listDue(now: Date): Promise<DueDeployment[]> {
    const rows: DueRow[] = await this.#knex('deployments')
      .join('rollouts', 'rollouts.id', 'deployments.rollout_id')
      .whereNull('deployments.withdrawn_at')
      .where(due =>
        due
          .whereIn('rollouts.phase', ['loading', 'progressing'])
          .orWhere('deployments.next_drop_at', '<=', now),
      )
      .select(
        'deployments.environment',
        'deployments.model',
        this.#knex.raw(
          'case when deployments.compared is not null then rollouts.comparison_id end as comparison',
        ),
      );
    return rows.map(({ environment, model, comparison }) => ({
      environment,
      model,
      ...(comparison !== null && { comparison }),
    }));
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
    const { split } = deployment;
    await tx('deployments')
      .insert({
        environment: deployment.environment,
        model: deployment.model,
        commit: deployment.commit,
        version: deployment.version,
        salt: deployment.salt,
        rollback_to: deployment.rollbackTo ?? null,
        batching_mode: deployment.batchingMode ?? null,
        placement_mode: deployment.placementMode ?? null,
        response_cache_mib: deployment.responseCacheMiB ?? null,
        loading_mode: deployment.loadingMode ?? null,
        language_model: deployment.languageModel
          ? JSON.stringify(deployment.languageModel)
          : null,
        compared: deployment.compared
          ? JSON.stringify(deployment.compared)
          : null,
        outcomes: deployment.outcomes
          ? JSON.stringify(deployment.outcomes)
          : null,
        recent_rows: deployment.recentRows ?? false,
        split: JSON.stringify(split),
        proven_version: deployment.provenVersion ?? null,
        load_attempt: deployment.loadAttempt,
        next_drop_at: nextDropAt(split) ?? null,
        rollout_id: deployment.rolloutId,
        withdrawn_at: deployment.withdrawnAt ?? null,
        updated_at: deployment.updatedAt,
      })
      .onConflict(['environment', 'model'])
      .merge();
  }

  /** Forgets those that were withdrawn before a moment. */
  async forgetWithdrawn(before: Date): Promise<void> {
    await this.#knex('deployments').where('withdrawn_at', '<', before).delete();
  }
}

function toRecord(row: DeploymentRow): DeploymentRecord {
  return {
    environment: row.environment,
    model: row.model,
    commit: row.commit,
    version: row.version,
    rollbackTo: row.rollback_to ?? undefined,
    batchingMode: row.batching_mode ?? undefined,
    placementMode: row.placement_mode ?? undefined,
    responseCacheMiB: row.response_cache_mib ?? undefined,
    loadingMode: row.loading_mode ?? undefined,
    languageModel: row.language_model ?? undefined,
    compared: row.compared ?? undefined,
    outcomes: row.outcomes ?? undefined,
    recentRows: row.recent_rows || undefined,
    salt: row.salt,
    split: row.split,
    provenVersion: row.proven_version ?? undefined,
    loadAttempt: row.load_attempt,
    rolloutId: row.rollout_id,
    withdrawnAt: row.withdrawn_at?.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}
