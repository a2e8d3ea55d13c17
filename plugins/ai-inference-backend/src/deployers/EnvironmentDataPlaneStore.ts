import type { DataPlaneRun } from '@greenroom/plugin-ai-inference-common';
import type { Knex } from 'knex';
import { asleep } from './dataPlaneRun';
import type { DataPlaneSituation } from './decideDataPlane';

const TABLE = 'environment_data_planes';
/**
 * How long a process that does not answer any more keeps its environments: longer than its data
 * planes take to stop by themselves when it has gone.
 */
const LEASE_SECONDS = 30;

interface EnvironmentRow {
  environment: string;
  demanded_at: Date | null;
  stop_asked_at: Date | null;
  holder: string | null;
  is_held: boolean;
  state: DataPlaneRun;
}

interface SituationRow extends EnvironmentRow {
  deployments: number;
  rollout_started_at: Date | null;
  is_rolling_out: boolean;
  held_up_since: Date | null;
  changed_at: Date | null;
  last_request_at: Date | null;
}

/** An environment whose data plane the control plane runs. */
export interface KeptEnvironment {
  environment: string;
  /** Process that runs it, as long as it says so; undefined: none does. */
  holder?: string;
  /** Whether the holder has said so lately. */
  isHeld: boolean;
  run: DataPlaneRun;
  situation: Omit<DataPlaneSituation, 'now' | 'idleMillis'>;
}

/** What was asked of the data planes that the control plane runs, and which process runs them. */
export class EnvironmentDataPlaneStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /** Makes the rows of environments that have none yet. */
  async prepare(environments: string[], now: Date): Promise<void> {
    if (environments.length === 0) return;
    await this.#knex(TABLE)
      .insert(
        environments.map(environment => ({
          environment,
          state: JSON.stringify(asleep('idle', now)),
        })),
      )
      .onConflict('environment')
      .ignore();
  }

  /** How the data planes are, by environment. */
  async listRuns(environments: string[]): Promise<Map<string, DataPlaneRun>> {
    if (environments.length === 0) return new Map();
    const rows: EnvironmentRow[] = await this.#knex<EnvironmentRow>(TABLE)
      .whereIn('environment', environments)
      .select('environment', 'state');
    return new Map(rows.map(({ environment, state }) => [environment, state]));
  }

  /** All that decides whether they should run, in one query. */
  async list(environments: string[]): Promise<KeptEnvironment[]> {
    const { rows } = await this.#knex.raw<{ rows: SituationRow[] }>(
      `select e.environment, e.demanded_at, e.stop_asked_at, e.holder, e.state,
         coalesce(e.held_until > now(), false) as is_held,
         d.deployments, d.rollout_started_at, d.is_rolling_out, d.held_up_since, d.changed_at,
         (select max(last_request_at) from data_planes p where p.environment = e.environment)
           as last_request_at
       from environment_data_planes e
       cross join lateral (
         select count(*)::int as deployments, max(r.started_at) as rollout_started_at,
           max(d.updated_at) as changed_at,
           coalesce(bool_or(
             r.phase in ('loading', 'progressing') and r.state->'problem' is null), false)
             as is_rolling_out,
           max((r.state->'problem'->>'since')::timestamptz)
             filter (where r.phase in ('loading', 'progressing')) as held_up_since
         from deployments d join rollouts r on r.id = d.rollout_id
         where d.environment = e.environment and d.withdrawn_at is null
       ) d
       where e.environment = any(?) order by e.environment`,
      [environments],
    );
    return rows.map(row => ({
      environment: row.environment,
      holder: row.holder ?? undefined,
      isHeld: row.is_held,
      run: row.state,
      situation: {
        demandedAt: row.demanded_at ?? undefined,
        stopAskedAt: row.stop_asked_at ?? undefined,
        deployments: row.deployments,
        rolloutStartedAt: row.rollout_started_at ?? undefined,
        isRollingOut: row.is_rolling_out,
        heldUpSince: row.held_up_since ?? undefined,
        changedAt: row.changed_at ?? undefined,
        lastRequestAt: row.last_request_at ?? undefined,
      },
    }));
  }

  /**
   * Takes the environment for this process, or says that it still has it.
   *
   * @returns false while another process has it
   */
  async take(environment: string, holder: string): Promise<boolean> {
    const { rowCount } = await this.#knex.raw<{ rowCount: number }>(
      `update environment_data_planes
       set holder = :holder, held_until = now() + make_interval(secs => :seconds)
       where environment = :environment
         and (holder is null or holder = :holder or held_until <= now())`,
      { environment, holder, seconds: LEASE_SECONDS },
    );
    return rowCount > 0;
  }

  /** @returns whether the environment is still the holder's */
  async save(options: {
    environment: string;
    holder: string;
    run: DataPlaneRun;
    /** Whether the holder leaves it to whoever needs it next. */
    release: boolean;
  }): Promise<boolean> {
    const { environment, holder, run, release } = options;
    const count = await this.#knex(TABLE)
      .where({ environment, holder })
      .update({
        state: JSON.stringify(run),
        ...(release && { holder: null, held_until: null }),
      });
    return count > 0;
  }

  /** Somebody needs that it runs. */
  async demand(
    environment: string,
    now: Date,
    tx: Knex = this.#knex,
  ): Promise<void> {
    await tx(TABLE).where({ environment }).update({ demanded_at: now });
  }

  /** Somebody asks that it stops. */
  async askToStop(
    tx: Knex.Transaction,
    environment: string,
    now: Date,
  ): Promise<void> {
    await tx(TABLE).where({ environment }).update({ stop_asked_at: now });
  }
}
