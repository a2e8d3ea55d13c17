import { NotFoundError } from '@backstage/errors';
import type {
  Retraining,
  RetrainingPlace,
  RetrainingPolicy,
  RetrainingQuery,
  RetrainingState,
} from '@greenroom/plugin-ai-training-common';
import type { Knex } from 'knex';
import type { Becoming, Drift } from './decideRetraining';

const EVENTS_SHOWN = 20;

/** A policy as a manifest has it. */
export interface WantedRetraining {
  model: string;
  policy: RetrainingPolicy;
  /** Version that the manifest names. */
  version: number;
}

/** One as whoever looks after it has to know it. */
export interface StoredRetraining extends RetrainingPlace {
  policy: RetrainingPolicy;
  isWanted: boolean;
  runningVersion: number;
  state: RetrainingState;
  /** Of the state. */
  revision: number;
  failures: number;
  firstSeenAt: Date;
  trainedAt?: Date;
  driftStartedAt?: Date;
  drift?: Drift;
}

interface RetrainingRow {
  environment: string;
  model: string;
  policy: RetrainingPolicy;
  is_wanted: boolean;
  running_version: number;
  state: RetrainingState;
  revision: number;
  failures: number;
  first_seen_at: Date;
  trained_at: Date | null;
  drift_started_at: Date | null;
  drift: { version: number; since: string; seenAt: string } | null;
  events?: { id: number; at: string; state: RetrainingState }[] | null;
}

/** The table of models that are trained again by themselves. */
export class RetrainingStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /**
   * Keeps what the manifests of an environment say now. One that they do not name any more stays, and is not wanted; one
   * that names another template begins without the failures of the one before.
   *
   * @returns those that are new, or wanted again
   */
  async see(
    tx: Knex.Transaction,
    environment: string,
    wanted: readonly WantedRetraining[],
    now: Date,
  ): Promise<{ model: string; template: string }[]> {
    const models = wanted.map(({ model }) => model);
    await tx('retrainings')
      .where({ environment, is_wanted: true })
      .whereNotIn('model', models)
      .update({ is_wanted: false });
    if (wanted.length === 0) return [];
    const { rows: before } = await tx.raw<{ rows: { model: string }[] }>(
      'select model from retrainings where environment = ? and is_wanted and model = any(?)',
      [environment, models],
    );
    const state: RetrainingState = { phase: 'idle', since: now.toISOString() };
    await tx.raw(
      `with inserted as (
         insert into retrainings as old
           (environment, model, template, policy, running_version, state, first_seen_at)
         select :environment, said.model, said.policy->>'template', said.policy, said.version, :state::jsonb, :now
         from unnest(:models::text[], :policies::jsonb[], :versions::int[]) as said (model, policy, version)
         on conflict (environment, model) do update set
           template = excluded.template, policy = excluded.policy, running_version = excluded.running_version,
           is_wanted = true,
           first_seen_at = case when old.is_wanted then old.first_seen_at else excluded.first_seen_at end,
           failures = case when old.template = excluded.template then old.failures else 0 end
         where (old.policy, old.running_version, old.is_wanted)
           is distinct from (excluded.policy, excluded.running_version, true)
         returning environment, model, revision, state)
       insert into retraining_events (environment, model, at, state)
       select environment, model, :now, state from inserted
       where not exists (
         select from retrainings old where old.environment = inserted.environment and old.model = inserted.model)`,
      {
        environment,
        models,
        policies: wanted.map(({ policy }) => JSON.stringify(policy)),
        versions: wanted.map(({ version }) => version),
        state: JSON.stringify(state),
        now: now.toISOString(),
      },
    );
    const known = new Set(before.map(({ model }) => model));
    return wanted
      .filter(({ model }) => !known.has(model))
      .map(({ model, policy }) => ({ model, template: policy.template }));
  }

  /** Those of environments that there are not any more are not wanted. */
  async forgetEnvironments(names: readonly string[]): Promise<void> {
    await this.#knex('retrainings')
      .where({ is_wanted: true })
      .whereNotIn('environment', names)
      .update({ is_wanted: false });
  }

  /** All about which something may have to be done. */
  async listOpen(): Promise<StoredRetraining[]> {
    const rows: RetrainingRow[] = await this.#knex('retrainings')
      .whereNot({ phase: 'paused' })
      .where(open =>
        open
          .where({ is_wanted: true })
          .orWhereIn('phase', ['due', 'training', 'failed']),
      )
      .orderBy(['environment', 'model']);
    return rows.map(toStored);
  }

  /** @throws NotFoundError when there is none */
  async get(
    { environment, model }: RetrainingPlace,
    tx: Knex = this.#knex,
  ): Promise<StoredRetraining> {
    const row = await tx('retrainings').where({ environment, model }).first();
    if (row) return toStored(row);
    throw new NotFoundError(
      `'${model}' is not trained again by itself for ${environment}: its manifest there needs spec.automatedPromotion.retrain`,
    );
  }

  /** With what happened to them last, by environment and model. */
  async list(
    query: RetrainingQuery & Partial<RetrainingPlace>,
    tx: Knex = this.#knex,
  ): Promise<Retraining[]> {
    const { environment, model, template } = query;
    const page = tx('retrainings as r')
      .select(
        'r.*',
        tx.raw(
          `(select json_agg(json_build_object('id', e.id, 'at', e.at, 'state', e.state) order by e.id desc)
            from (select * from retraining_events e
                  where e.environment = r.environment and e.model = r.model
                  order by e.id desc limit ?) e) as events`,
          [EVENTS_SHOWN],
        ),
      )
      .orderBy(['r.environment', 'r.model']);
    if (environment !== undefined) page.where('r.environment', environment);
    if (model !== undefined) page.where('r.model', model);
    if (template !== undefined) page.where('r.template', template);
    const rows: RetrainingRow[] = await page;
    return rows.map(toRetraining);
  }

  /** Gives it another state, and remembers that. False where it is another way than it was seen. */
  async setState(
    tx: Knex.Transaction,
    seen: RetrainingPlace & { revision: number },
    change: Omit<Becoming, 'do'>,
  ): Promise<boolean> {
    const { environment, model, revision } = seen;
    const { state, failures, trainedAt, driftStartedAt, isNews } = change;
    const changed = await tx('retrainings')
      .where({ environment, model, revision })
      .update({
        state: JSON.stringify(state),
        revision: revision + 1,
        failures,
        ...(trainedAt && { trained_at: trainedAt }),
        ...(driftStartedAt && { drift_started_at: driftStartedAt }),
      });
    if (changed === 0) return false;
    if (isNews) {
      await tx('retraining_events').insert({
        environment,
        model,
        at: state.since,
        state: JSON.stringify(state),
      });
    }
    return true;
  }

  /** What was measured is no change: nobody is told. */
  async setDrift(
    { environment, model }: RetrainingPlace,
    drift: Drift | undefined,
  ): Promise<void> {
    await this.#knex('retrainings')
      .where({ environment, model })
      .update({ drift: drift ? JSON.stringify(drift) : null });
  }

  /** Those of the datasets that no job of the template has read yet that a person submitted. */
  async findUnproven(
    template: string,
    datasets: readonly string[],
  ): Promise<Set<string>> {
    const { rows } = await this.#knex.raw<{ rows: { name: string }[] }>(
      `select name from unnest(?::text[]) as asked (name)
       where not exists (
         select from training_jobs j
         where j.template = ? and j.submitted_by like 'user:%'
           and j.datasets @> jsonb_build_array(jsonb_build_object('dataset', asked.name)))`,
      [[...datasets], template],
    );
    return new Set(rows.map(({ name }) => name));
  }
}

function toStored(row: RetrainingRow): StoredRetraining {
  const { drift } = row;
  return {
    environment: row.environment,
    model: row.model,
    policy: row.policy,
    isWanted: row.is_wanted,
    runningVersion: row.running_version,
    state: row.state,
    revision: row.revision,
    failures: row.failures,
    firstSeenAt: row.first_seen_at,
    ...(row.trained_at && { trainedAt: row.trained_at }),
    ...(row.drift_started_at && { driftStartedAt: row.drift_started_at }),
    ...(drift && {
      drift: {
        version: drift.version,
        since: new Date(drift.since),
        seenAt: new Date(drift.seenAt),
      },
    }),
  };
}

function toRetraining(row: RetrainingRow): Retraining {
  return {
    environment: row.environment,
    model: row.model,
    policy: row.policy,
    isWanted: row.is_wanted,
    state: row.state,
    failures: row.failures,
    ...(row.trained_at && { trainedAt: row.trained_at.toISOString() }),
    ...(row.drift && { drift: row.drift }),
    events: (row.events ?? []).map(({ id, at, state }) => ({
      id: Number(id),
      at: new Date(at).toISOString(),
      state,
    })),
  };
}
