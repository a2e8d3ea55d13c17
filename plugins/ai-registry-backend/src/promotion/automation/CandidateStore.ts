import type {
  EnvironmentDefinition,
  NewVersionPolicy,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import { DECIDED_PHASES } from '../promotion';

/** A version that an environment's policy is about, and that nobody has asked to run there yet. */
export interface Candidate {
  model: string;
  version: number;
  policy: NewVersionPolicy;
  /** Commit of the manifest that it runs by in the environment before; undefined where versions come in. */
  commit?: string;
}

/** Where versions come in. Folders of MLflow are not served, so that they are not offered. */
const NEWEST = `
  select models.name as model, versions.version, versions.created_at as since,
    null as commit
  from models join versions
    on versions.model = models.name and versions.version = (
      select max(newest.version) from versions as newest
      where newest.model = models.name and newest.deleted_at is null
        and newest.format <> 'mlflow'
    )
  where models.deleted_at is null`;

/** What the environment before runs, once its rollout has ended well: its analysis is what proves it. */
const PROVEN = `
  select deployed.model, deployed.version, greatest(deployed.changed_at, ended.at) as since,
    deployed.commit
  from environment_deployments as deployed
  cross join lateral (
    select promotions.updated_at as at from promotions
    where promotions.id = deployed.promotion_id and promotions.phase = 'completed'
      and promotions.record->'state'->'outcome'->>'kind' in ('serving', 'not-served')
      and promotions.record->'state'->'outcome'->'verification'->>'status' is distinct from 'failed'
    union all
    select deployed.looked_at as at
    where deployed.kind = 'push' and deployed.followed_commit = deployed.commit
  ) as ended
  where deployed.environment = :promotesFrom`;

/** Which versions are to be promoted without somebody who asks for it. */
export class CandidateStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /** Promotions that were opened by themselves, and wait for something. */
  async countOpen(environment: string): Promise<number> {
    const row = await this.#knex('promotions')
      .where({ environment })
      .whereNotIn('phase', DECIDED_PHASES)
      .whereRaw(`record->>'automation' is not null`)
      .count('id as count')
      .first();
    return Number(row?.count);
  }

  /**
   * By model. A version is asked for once: who has closed its promotion, or taken it back, is not asked again. What a
   * person has asked for is not superseded.
   */
  async list(
    environment: EnvironmentDefinition,
    options: { now: Date; limit: number },
  ): Promise<Candidate[]> {
    const { name, promotesFrom, newVersions } = environment;
    const { rows } = await this.#knex.raw<{
      rows: (Candidate & { commit: string | null })[];
    }>(
      `select offered.model, offered.version, offered.commit, policy.new_versions as policy
       from (${promotesFrom === undefined ? NEWEST : PROVEN}) as offered
       left join environment_deployments as running
         on running.environment = :name and running.model = offered.model
       cross join lateral (
         select
           coalesce(running.automated_promotion->>'newVersions', :newVersions) as new_versions,
           coalesce((running.automated_promotion->>'soakSeconds')::double precision, 0) as soak_seconds
       ) as policy
       where policy.new_versions is not null
         and offered.version > coalesce(running.version, 0)
         and offered.since <= :now::timestamptz - make_interval(secs => policy.soak_seconds)
         and not exists (
           select 1 from promotions
           where promotions.environment = :name and promotions.model = offered.model
             and (
               promotions.version >= offered.version
               or (
                 promotions.phase <> all(:decided::text[])
                 and promotions.record->>'automation' is null
               )
             )
         )
       order by offered.model
       limit :limit`,
      {
        name,
        newVersions: newVersions ?? null,
        ...(promotesFrom !== undefined && { promotesFrom }),
        now: options.now.toISOString(),
        decided: [...DECIDED_PHASES],
        limit: options.limit,
      },
    );
    return rows.map(({ commit, ...row }) => ({
      ...row,
      ...(commit !== null && { commit }),
    }));
  }
}
