import type { PredictionRecord } from '@greenroom/plugin-ai-inference-common';
import type { ExpectedAccuracy } from '@greenroom/plugin-ai-monitoring-common';
import type { Knex } from 'knex';
import { dayOf } from './outcome';

interface Scope {
  environment: string;
  model: string;
}

/** Over requests that were kept. */
export interface PredictionSums {
  kept: number;
  /** Those that told how probable the predicted class is. */
  confident: number;
  /** Sum of these probabilities. */
  confidence: number;
}

export type PredictionDay = PredictionSums & { day: string; version: number };

/** Sums by day and version, in the order in which all write them. */
export function sumPredictions(
  predictions: readonly Pick<
    PredictionRecord,
    'at' | 'version' | 'confidence'
  >[],
): PredictionDay[] {
  const days = new Map<string, PredictionDay>();
  for (const { at, version, confidence } of predictions) {
    const day = dayOf(new Date(at));
    const key = `${day}/${version}`;
    const sums = days.get(key) ?? {
      day,
      version,
      kept: 0,
      confident: 0,
      confidence: 0,
    };
    sums.kept += 1;
    if (confidence !== undefined) {
      sums.confident += 1;
      sums.confidence += confidence;
    }
    days.set(key, sums);
  }
  return [...days]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([_key, sums]) => sums);
}

export async function addPredictionDays(
  tx: Knex.Transaction,
  { environment, model }: Scope,
  days: PredictionDay[],
): Promise<void> {
  if (days.length === 0) return;
  const columns = [
    'day',
    'version',
    'kept',
    'confident',
    'confidence',
  ] as const;
  await tx.raw(
    `insert into prediction_days
       (environment, model, day, version, kept, confident, confidence)
     select ?, ?, given.* from unnest(
       ?::date[], ?::integer[], ?::bigint[], ?::bigint[], ?::float8[]
     ) as given
     on conflict (environment, model, day, version) do update set
       kept = prediction_days.kept + excluded.kept,
       confident = prediction_days.confident + excluded.confident,
       confidence = prediction_days.confidence + excluded.confidence`,
    [
      environment,
      model,
      ...columns.map(column => days.map(day => day[column]) as Knex.Value),
    ],
  );
}

/** More than a chart shows. */
const MOST_DAYS = 20_000;

/** By day and version; the first and the last day included. */
export async function listPredictionDays(
  knex: Knex,
  query: Scope & { fromDay: string; toDay: string },
): Promise<PredictionDay[]> {
  const { environment, model, fromDay, toDay } = query;
  const rows: {
    day: string;
    version: number;
    /** bigint arrives as text. */
    kept: string;
    confident: string;
    confidence: number;
  }[] = await knex('prediction_days')
    .where({ environment, model })
    .whereBetween('day', [fromDay, toDay])
    .orderBy(['day', 'version'])
    .limit(MOST_DAYS)
    .select(
      knex.raw('day::text as day'),
      'version',
      'kept',
      'confident',
      'confidence',
    );
  return rows.map(row => ({
    ...row,
    kept: Number(row.kept),
    confident: Number(row.confident),
  }));
}

/** What versions are expected to be right in, of days on which they said how probable their answers are. */
export function expectedByDay(
  days: readonly PredictionDay[],
): ExpectedAccuracy[] {
  return days
    .filter(({ confident }) => confident > 0)
    .map(({ day, version, ...sums }) => ({
      day,
      version,
      accuracy: expectedAccuracy(sums),
      predictions: sums.confident,
    }));
}

/** Over all days, by version. */
export function sumByVersion(
  days: readonly PredictionDay[],
): Map<number, PredictionSums> {
  const versions = new Map<number, PredictionSums>();
  for (const { version, kept, confident, confidence } of days) {
    const sums = versions.get(version);
    versions.set(version, {
      kept: kept + (sums?.kept ?? 0),
      confident: confident + (sums?.confident ?? 0),
      confidence: confidence + (sums?.confidence ?? 0),
    });
  }
  return versions;
}

/**
 * The share of answers that would be right if the version's probabilities are: the accuracy of
 * confidence-based performance estimation, for any number of classes.
 */
export function expectedAccuracy({
  confident,
  confidence,
}: Pick<PredictionSums, 'confident' | 'confidence'>): number {
  // A sum of many may round beyond their number.
  return Math.min(1, confidence / confident);
}
