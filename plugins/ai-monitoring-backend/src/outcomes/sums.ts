import type {
  OutcomeCounts,
  OutcomeLosses,
} from '@greenroom/plugin-ai-monitoring-common';
import type { Knex } from 'knex';
import type { OutcomeDay, OutcomeTally } from './OutcomeTally';

interface Scope {
  environment: string;
  model: string;
}

/** Requests of a model that were kept on a day. */
export async function countKept(
  knex: Knex,
  scope: Scope & { day: string },
): Promise<number> {
  const row = await knex('outcome_losses')
    .where(scope)
    .first<{ kept: string } | undefined>('kept');
  return Number(row?.kept ?? 0);
}

/** In the order in which all write them. */
export async function addDays(
  tx: Knex.Transaction,
  { environment, model }: Scope,
  days: OutcomeDay[],
): Promise<void> {
  if (days.length === 0) return;
  const columns = [
    'day',
    'version',
    'name',
    'matched',
    'numbers',
    'sum',
    'labels',
    'predicted',
  ] as const;
  await tx.raw(
    `insert into outcome_days
       (environment, model, day, version, name, matched, numbers, sum, labels, predicted)
     select ?, ?, given.* from unnest(
       ?::date[], ?::integer[], ?::text[], ?::bigint[], ?::bigint[], ?::float8[], ?::bigint[], ?::bigint[]
     ) as given
     on conflict (environment, model, day, version, name) do update set
       matched = outcome_days.matched + excluded.matched,
       numbers = outcome_days.numbers + excluded.numbers,
       sum = outcome_days.sum + excluded.sum,
       labels = outcome_days.labels + excluded.labels,
       predicted = outcome_days.predicted + excluded.predicted`,
    [
      environment,
      model,
      ...columns.map(column => days.map(day => day[column]) as Knex.Value),
    ],
  );
}

export async function addLosses(
  knex: Knex,
  { environment, model, day }: Scope & { day: string },
  tally: Pick<
    OutcomeTally,
    'duplicate' | 'unmatched' | 'late' | 'kept' | 'shed'
  >,
): Promise<void> {
  const { duplicate, unmatched, late, kept, shed } = tally;
  if (duplicate + unmatched + late + kept + shed === 0) return;
  await knex.raw(
    `insert into outcome_losses
       (environment, model, day, duplicate, unmatched, late, kept, shed)
     values (:environment, :model, :day, :duplicate, :unmatched, :late, :kept, :shed)
     on conflict (environment, model, day) do update set
       duplicate = outcome_losses.duplicate + excluded.duplicate,
       unmatched = outcome_losses.unmatched + excluded.unmatched,
       late = outcome_losses.late + excluded.late,
       kept = outcome_losses.kept + excluded.kept,
       shed = outcome_losses.shed + excluded.shed`,
    { environment, model, day, duplicate, unmatched, late, kept, shed },
  );
}

interface DayRow {
  day: string;
  version: number;
  name: string;
  /** bigint arrives as text, here and below. */
  matched: string;
  numbers: string;
  sum: number;
  labels: string;
  predicted: string;
}

/** More than a chart shows. */
const MOST_DAYS = 20_000;

/** By day, version and name; the first and the last day included. */
export async function listDays(
  knex: Knex,
  query: Scope & { fromDay: string; toDay: string },
): Promise<OutcomeCounts[]> {
  const { environment, model, fromDay, toDay } = query;
  const rows: DayRow[] = await knex('outcome_days')
    .where({ environment, model })
    .whereBetween('day', [fromDay, toDay])
    .orderBy(['day', 'version', 'name'])
    .limit(MOST_DAYS)
    .select(
      knex.raw('day::text as day'),
      'version',
      'name',
      'matched',
      'numbers',
      'sum',
      'labels',
      'predicted',
    );
  return rows.map(({ day, version, name, matched, sum, ...row }) => {
    const [numbers, labels] = [row.numbers, row.labels].map(Number);
    return {
      day,
      model,
      version,
      name,
      matched: Number(matched),
      ...(numbers > 0 && { mean: sum / numbers }),
      ...(labels > 0 && { accuracy: Number(row.predicted) / labels }),
    };
  });
}

/** Labels of each version, and how many of them were predicted. */
export async function sumLabels(
  knex: Knex,
  query: Scope & { fromDay: string; toDay: string },
): Promise<{ version: number; labels: number; predicted: number }[]> {
  const { environment, model, fromDay, toDay } = query;
  const rows: { version: number; labels: string; predicted: string }[] =
    await knex('outcome_days')
      .where({ environment, model })
      .whereBetween('day', [fromDay, toDay])
      .groupBy('version')
      .orderBy('version')
      .select(
        'version',
        knex.raw('sum(labels) as labels'),
        knex.raw('sum(predicted) as predicted'),
      );
  return rows.map(({ version, labels, predicted }) => ({
    version,
    labels: Number(labels),
    predicted: Number(predicted),
  }));
}

export async function sumLosses(
  knex: Knex,
  query: Scope & { fromDay: string; toDay: string },
): Promise<OutcomeLosses> {
  const { environment, model, fromDay, toDay } = query;
  const columns = ['duplicate', 'unmatched', 'late', 'shed'] as const;
  const row = await knex('outcome_losses')
    .where({ environment, model })
    .whereBetween('day', [fromDay, toDay])
    .first<Record<(typeof columns)[number], string>>(
      ...columns.map(column =>
        knex.raw('coalesce(sum(??), 0) as ??', [column, column]),
      ),
    );
  const [duplicate, unmatched, late, shed] = columns.map(column =>
    Number(row[column]),
  );
  return { model, duplicate, unmatched, late, shed };
}
