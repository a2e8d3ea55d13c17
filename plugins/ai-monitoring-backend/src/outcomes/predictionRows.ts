import { insertMany } from '@greenroom/ai-node';
import type { PredictionRecord } from '@greenroom/plugin-ai-inference-common';
import type { Knex } from 'knex';
import { dayOf, type KnownRequest } from './outcome';

interface Scope {
  environment: string;
  model: string;
}

interface PredictionRow {
  request_id: string;
  version: number;
  at: Date;
  comparison: string | null;
  /** bigint arrives as text. */
  unit: string;
  prediction: { value: number | string } | null;
  told: string[];
}

/** @returns those that were not told of before that day */
export async function insertPredictions(
  tx: Knex.Transaction,
  options: Scope & { now: Date; predictions: PredictionRecord[] },
): Promise<PredictionRecord[]> {
  const { environment, model, now, predictions } = options;
  const { rows: written } = await insertMany<string, { request_id: string }>(
    tx,
    {
      table: 'predictions',
      columns: {
        arrived_on: 'date',
        environment: 'text',
        model: 'text',
        request_id: 'text',
        version: 'integer',
        at: 'timestamptz',
        comparison: 'text',
        unit: 'bigint',
        prediction: 'json',
        told: 'text[]',
      },
      rows: predictions.map(({ prediction, ...each }) => ({
        arrived_on: dayOf(now),
        environment,
        model,
        request_id: each.requestId,
        version: each.version,
        at: new Date(each.at),
        comparison: each.comparison,
        unit: each.unit,
        // A text may hold what a column of texts may not.
        prediction:
          prediction === undefined ? undefined : { value: prediction },
        told: [],
      })),
      onConflict: {
        columns: ['environment', 'model', 'request_id', 'arrived_on'],
        merge: [],
      },
      returning: ['request_id'],
    },
  );
  const fresh = new Set(written.map(({ request_id }) => request_id));
  // Of an id that came twice in a batch the first was written.
  return predictions.filter(({ requestId }) => fresh.delete(requestId));
}

/** By id; of one that was used again, the last request. */
export async function findRequests(
  tx: Knex.Transaction,
  { environment, model, requestIds }: Scope & { requestIds: string[] },
): Promise<Map<string, KnownRequest>> {
  if (requestIds.length === 0) return new Map();
  const { rows } = await tx.raw<{ rows: PredictionRow[] }>(
    `select request_id, version, at, comparison, unit, prediction, told from predictions
     where environment = ? and model = ? and request_id = any(?::text[])
     order by arrived_on, at`,
    [environment, model, requestIds],
  );
  return new Map(
    rows.map(row => [
      row.request_id,
      {
        requestId: row.request_id,
        version: row.version,
        at: row.at,
        comparison: row.comparison ?? undefined,
        unit: Number(row.unit),
        prediction: row.prediction?.value,
        told: row.told,
      },
    ]),
  );
}

/** Keeps which outcomes were counted of requests. */
export async function markTold(
  tx: Knex.Transaction,
  { environment, model, requests }: Scope & { requests: KnownRequest[] },
): Promise<void> {
  if (requests.length === 0) return;
  await tx.raw(
    `update predictions set told = string_to_array(given.told, ',')
     from unnest(?::text[], ?::timestamptz[], ?::text[]) as given (request_id, at, told)
     where environment = ? and model = ?
       and predictions.request_id = given.request_id and predictions.at = given.at`,
    [
      requests.map(({ requestId }) => requestId),
      requests.map(({ at }) => at),
      requests.map(({ told }) => told.join(',')),
      environment,
      model,
    ],
  );
}
