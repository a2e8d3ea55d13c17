import type { CostItem, DearJob } from '@greenroom/plugin-ai-training-common';
import type { Knex } from 'knex';

const MOST_ITEMS = 500;
const MOST_DEAR_JOBS = 20;

export interface Span {
  from: Date;
  /** Up to now when it is left out. */
  to?: Date;
}

/** Adds a condition on experiments `e`: those whose jobs may be seen. */
export type Visible = (query: Knex.QueryBuilder) => void;

/** Seconds of an attempt `a` within a span, from when its flavor was taken. */
const SECONDS = `extract(epoch from least(coalesce(a.ended_at, a.held_at, clock_timestamp()), ?::timestamptz) - greatest(a.started_at, ?::timestamptz))`;
const HOURS = `sum(a.units * ${SECONDS} / 3600)::float8`;
const AMOUNT = `coalesce(sum(a.price_per_hour * a.units * ${SECONDS} / 3600), 0)::float8`;

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
    return this.#attempts({ from })
      .whereNotNull('a.price_per_hour')
      .select(
        'j.team',
        'a.currency',
        this.#knex.raw(`${AMOUNT} as amount`, boundsOf({ from })),
      )
      .groupByRaw('j.team, a.currency');
  }

  async byTeamAndModel(span: Span, visible?: Visible): Promise<CostItem[]> {
    const bounds = boundsOf(span);
    const rows: (Omit<CostItem, 'model' | 'currency'> & {
      model: string | null;
      currency: string | null;
    })[] = await this.#attempts(span, visible)
      .select(
        'j.team',
        this.#knex.raw(`j.spec->>'model' as model`),
        'a.currency',
        this.#knex.raw(`${AMOUNT} as amount`, bounds),
        this.#knex.raw(`${HOURS} as "unitHours"`, bounds),
        this.#knex.raw('count(distinct j.id)::int as jobs'),
      )
      .groupByRaw(`j.team, j.spec->>'model', a.currency`)
      .orderByRaw(`amount desc, "unitHours" desc, j.team, model`)
      .limit(MOST_ITEMS);
    return rows.map(({ model, currency, ...row }) => ({
      ...row,
      ...(model !== null && { model }),
      ...(currency !== null && { currency }),
    }));
  }

  async dearest(span: Span, visible?: Visible): Promise<DearJob[]> {
    const rows: (Omit<DearJob, 'model'> & { model: string | null })[] =
      await this.#attempts(span, visible)
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

  #attempts({ from, to }: Span, visible?: Visible): Knex.QueryBuilder {
    const query = this.#knex('training_attempts as a')
      .join('training_jobs as j', 'j.id', 'a.job')
      .join('experiments as e', 'e.id', 'j.experiment')
      .where(open =>
        open.whereNull('a.ended_at').orWhere('a.ended_at', '>', from),
      );
    if (to) query.where('a.started_at', '<', to);
    if (visible) query.where(nested => visible(nested));
    return query;
  }
}

/** As SECONDS has them. */
function boundsOf({ from, to }: Span): (Date | string)[] {
  return [to ?? 'infinity', from];
}
