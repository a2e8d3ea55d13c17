import { NotFoundError } from '@backstage/errors';
import type {
  Comparison,
  Rollout,
  RolloutState,
} from '@greenroom/plugin-ai-inference-common';
import type {
  AnalysisPlan,
  Environment,
  RolloutPlan,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import type { TrafficSplit } from '../deployments/trafficSplit';
import type { RolloutRecord } from './rollout';

interface RolloutRow {
  id: string;
  environment: Environment;
  model: string;
  from_version: number | null;
  to_version: number;
  to_digest: string;
  kind: Rollout['kind'];
  plan: RolloutPlan;
  state: RolloutState;
  commit: string;
  promotion_id: string | null;
  start_split: TrafficSplit;
  history: Rollout['history'];
  started_at: Date;
  requested_by: string | null;
  analysis: AnalysisPlan | null;
  has_own_analysis: boolean;
  first_comparison: number;
  analysis_seen_at: Date | null;
  /** Out of the table of comparisons. */
  comparison: Comparison | null;
}

/** Rollouts that are deleted in one statement. */
const MOST_FORGOTTEN = 1_000;

/** The table of rollouts. A rollout is only changed under the lock of its deployment. */
export class RolloutStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /** Newest first. */
  async list(query: {
    environment?: string;
    model?: string;
    limit: number;
  }): Promise<RolloutRecord[]> {
    const rows: RolloutRow[] = await withComparison(this.#knex)
      .modify(builder => {
        if (query.environment) builder.where('environment', query.environment);
        if (query.model) builder.where('model', query.model);
      })
      .orderBy('started_at', 'desc')
      .limit(query.limit);
    return rows.map(toRecord);
  }

  async getMany(
    ids: string[],
    tx: Knex = this.#knex,
  ): Promise<Map<string, RolloutRecord>> {
    const rows: RolloutRow[] = await withComparison(tx).whereIn(
      'rollouts.id',
      ids,
    );
    return new Map(rows.map(row => [row.id, toRecord(row)]));
  }

  async get(id: string, tx: Knex = this.#knex): Promise<RolloutRecord> {
    const rollout = (await this.getMany([id], tx)).get(id);
    if (!rollout) {
      throw new NotFoundError(`There is no rollout '${id}'`);
    }
    return rollout;
  }

  /**
   * Versions that are compared, or were by a rollout that is still remembered.
   *
   * @throws NotFoundError
   */
  async getComparison(id: string): Promise<Comparison> {
    const row = await this.#knex('comparisons').where({ id }).first('content');
    if (!row) {
      throw new NotFoundError(
        `There is no comparison '${id}': its rollout never was, or is forgotten`,
      );
    }
    return row.content;
  }

  /**
   * Forgets the oldest rollouts of each deployment, but never one that a deployment is at.
   *
   * @returns how many were forgotten
   */
  async forgetOld(options: { keep: number }): Promise<number> {
    const { rows } = await this.#knex.raw<{ rows: unknown[] }>(
      `delete from rollouts
       where id in (
         select id from (
           select id, row_number() over (
             partition by environment, model order by started_at desc
           ) as place
           from rollouts
         ) as placed
         where place > :keep
         limit :most
       ) and not exists (select from deployments where rollout_id = rollouts.id)
       returning id`,
      { keep: options.keep, most: MOST_FORGOTTEN },
    );
    return rows.length;
  }

  async save(tx: Knex.Transaction, rollout: RolloutRecord): Promise<void> {
    await tx('rollouts')
      .insert({
        id: rollout.id,
        environment: rollout.environment,
        model: rollout.model,
        from_version: rollout.fromVersion ?? null,
        to_version: rollout.toVersion,
        to_digest: rollout.toDigest,
        kind: rollout.kind,
        plan: JSON.stringify(rollout.plan),
        state: JSON.stringify(rollout.state),
        commit: rollout.commit,
        promotion_id: rollout.promotionId ?? null,
        start_split: JSON.stringify(rollout.startSplit),
        history: JSON.stringify(rollout.history),
        started_at: rollout.startedAt,
        requested_by: rollout.requestedBy ?? null,
        analysis: rollout.analysis ? JSON.stringify(rollout.analysis) : null,
        has_own_analysis: rollout.hasOwnAnalysis,
        comparison_id: rollout.comparison?.id ?? null,
        first_comparison: rollout.firstComparison,
        analysis_seen_at: rollout.analysisSeenAt ?? null,
      })
      .onConflict('id')
      .merge([
        'state',
        'history',
        'start_split',
        'analysis',
        'comparison_id',
        'first_comparison',
        'analysis_seen_at',
      ]);
    if (rollout.comparison) await saveComparison(tx, rollout.comparison);
  }
}

function withComparison(knex: Knex): Knex.QueryBuilder {
  return knex('rollouts')
    .leftJoin('comparisons', 'comparisons.id', 'rollouts.comparison_id')
    .select('rollouts.*', 'comparisons.content as comparison');
}

/** The one before ends with the beginning of the next. */
async function saveComparison(
  tx: Knex.Transaction,
  comparison: Comparison,
): Promise<void> {
  const { id, rolloutId, startedAt } = comparison;
  await tx('comparisons')
    .insert({
      id,
      rollout_id: rolloutId,
      content: JSON.stringify(comparison),
    })
    .onConflict('id')
    .merge(['content']);
  await tx.raw(
    `update comparisons set content = content || jsonb_build_object('endedAt', :startedAt::text)
     where rollout_id = :rolloutId and id <> :id and content->'endedAt' is null`,
    { id, rolloutId, startedAt },
  );
}

function toRecord(row: RolloutRow): RolloutRecord {
  return {
    id: row.id,
    environment: row.environment,
    model: row.model,
    fromVersion: row.from_version ?? undefined,
    toVersion: row.to_version,
    toDigest: row.to_digest,
    kind: row.kind,
    plan: row.plan,
    state: row.state,
    commit: row.commit,
    promotionId: row.promotion_id ?? undefined,
    startSplit: row.start_split,
    startedAt: row.started_at.toISOString(),
    history: row.history,
    requestedBy: row.requested_by ?? undefined,
    analysis: row.analysis ?? undefined,
    hasOwnAnalysis: row.has_own_analysis,
    comparison: row.comparison ?? undefined,
    firstComparison: row.first_comparison,
    analysisSeenAt: row.analysis_seen_at?.toISOString(),
  };
}
