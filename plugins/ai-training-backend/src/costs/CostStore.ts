import type { CostItem, DearJob } from '@greenroom/plugin-ai-training-common';
import type { Knex } from 'knex';
import { takenSeconds } from './takenSeconds';

const MOST_ITEMS = 500;
const MOST_DEAR_JOBS = 20;

export interface Span {
  from: Date;
  /** Up to now when it is left out. */
  to?: Date;
}

/** Adds a condition on experiments `e`: those whose jobs may be seen. */
export type Visible = (query: Knex.QueryBuilder) => void;

const SECONDS = takenSeconds('?::timestamptz', '?::timestamptz');
const HOURS = `sum(a.units * ${SECONDS} / 3600)::float8`;
const AMOUNT = `coalesce(sum(a.price_per_hour * a.units * ${SECONDS} / 3600), 0)::float8`;

/** What attempts took, those too whose jobs are gone; `e` is their experiment, as conditions on it need it. */
const TAKEN = `(
  select a.job, j.experiment, e.owner, j.team, j.spec->>'model' as model,
    a.units, a.price_per_hour, a.currency, a.started_at, a.held, a.ended_at
  from training_attempts a
  join training_jobs j on j.id = a.job
  join experiments e on e.id = j.experiment
  union all
  select job, experiment, owner, team, model, units, price_per_hour, currency, started_at, held, ended_at
  from training_spent) as a
  cross join lateral (select a.experiment as id, a.owner) as e`;

/** What attempts of jobs have taken. */
export class CostStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /** What teams have spent since a moment, by currency. */
  async spentSince(
    from: Date,
  ): Promise<{ team: string; currency: string; amount: number }[]> {
    const taken = this.#knex.from(this.#knex.raw(TAKEN));
    return within(taken, { from })
      .whereNotNull('a.price_per_hour')
      .select(
        'a.team',
        'a.currency',
        this.#knex.raw(`${AMOUNT} as amount`, boundsOf({ from })),
      )
      .groupByRaw('a.team, a.currency');
  }

  async byTeamAndModel(span: Span, visible?: Visible): Promise<CostItem[]> {
    const bounds = boundsOf(span);
    const rows: (Omit<CostItem, 'model' | 'currency'> & {
      model: string | null;
      currency: string | null;
    })[] = await within(this.#knex.from(this.#knex.raw(TAKEN)), span, visible)
      .select(
        'a.team',
        'a.model',
        'a.currency',
        this.#knex.raw(`${AMOUNT} as amount`, bounds),
        this.#knex.raw(`${HOURS} as "unitHours"`, bounds),
        this.#knex.raw('count(distinct a.job)::int as jobs'),
      )
      .groupByRaw('a.team, a.model, a.currency')
      .orderByRaw(`amount desc, "unitHours" desc, a.team, a.model`)
      .limit(MOST_ITEMS);
    return rows.map(({ model, currency, ...row }) => ({
      ...row,
      ...(model !== null && { model }),
      ...(currency !== null && { currency }),
    }));
  }

  /** Of jobs that are still there. */
  async dearest(span: Span, visible?: Visible): Promise<DearJob[]> {
    const rows: (Omit<DearJob, 'model'> & { model: string | null })[] =
      await within(this.#jobs(), span, visible)
        .whereNotNull('a.price_per_hour')
        .select(
          'j.id',
          'j.name',
          'j.run_id as run',
          'j.team',
          this.#knex.raw(`j.spec->>'model' as model`),
          'a.currency',
          this.#knex.raw(`${AMOUNT} as amount`, boundsOf(span)),
        )
        .groupByRaw(
          `j.id, j.number, j.name, j.run_id, j.team, j.spec->>'model', a.currency`,
        )
        .orderByRaw('amount desc, j.number desc')
        .limit(MOST_DEAR_JOBS);
    return rows.map(({ model, ...row }) => ({
      ...row,
      ...(model !== null && { model }),
    }));
  }

  #jobs(): Knex.QueryBuilder {
    return this.#knex('training_attempts as a')
      .join('training_jobs as j', 'j.id', 'a.job')
      .join('experiments as e', 'e.id', 'j.experiment');
  }
}

/** Of attempts `a` those that had something within a span, and may be seen. */
function within(
  query: Knex.QueryBuilder,
  { from, to }: Span,
  visible?: Visible,
): Knex.QueryBuilder {
  query.where(open =>
    open.whereNull('a.ended_at').orWhere('a.ended_at', '>', from),
  );
  if (to) query.where('a.started_at', '<', to);
  if (visible) query.where(nested => visible(nested));
  return query;
}

/** As SECONDS names them. */
function boundsOf({ from, to }: Span): (Date | string)[] {
  return [from, from, to ?? 'infinity'];
}
