import { insertMany } from '@greenroom/ai-node';
import type {
  OutcomeRecord,
  PredictionRecord,
} from '@greenroom/plugin-ai-inference-common';
import type { Knex } from 'knex';
import type { MatchedOutcome } from '../comparisons/additionsOf';
import { addPredictionDays, sumPredictions } from './expected';
import {
  boundPerSecond,
  dayOf,
  joinOutcome,
  type KnownRequest,
} from './outcome';
import { OutcomeTally } from './OutcomeTally';
import { findRequests, insertPredictions, markTold } from './predictionRows';
import { addDays, addLosses, countKept } from './sums';

const DAY_MILLIS = 24 * 3_600_000;
/** Outcomes of one model that wait for their requests at most. */
const MOST_WAITING = 100_000;

/** What a batch tells of outcomes, of one model. */
interface Told {
  environment: string;
  model: string;
  now: Date;
  predictions: PredictionRecord[];
  outcomes: OutcomeRecord[];
  /** Requests that were given up before. */
  shed: number;
  keepDays: number;
}

/** Requests and what became of them, each joined once, whichever is told first. */
export class OutcomeStore {
  readonly #maxPredictionsADay: number;

  constructor(options: { maxPredictionsADay: number }) {
    this.#maxPredictionsADay = options.maxPredictionsADay;
  }

  /**
   * Counts in the transaction of a batch.
   *
   * @returns outcomes that count for a comparison
   */
  async count(
    tx: Knex.Transaction,
    told: {
      environment: string;
      predictions: PredictionRecord[];
      outcomes: OutcomeRecord[];
      /** Requests whose time is not known, by model. */
      untimed: Map<string, number>;
      now: Date;
      keepDaysOf: (model: string) => number;
    },
  ): Promise<MatchedOutcome[]> {
    const { environment, outcomes, untimed, now } = told;
    const { kept: predictions, shed } = boundPerSecond(told.predictions);
    const models = new Set([
      ...told.predictions.map(({ model }) => model),
      ...outcomes.map(({ model }) => model),
      ...untimed.keys(),
    ]);
    const matched: MatchedOutcome[] = [];
    // In one order: batches that tell of the same models wait for each other, and never for ever.
    for (const model of [...models].sort()) {
      const ofModel = (each: { model: string }) => each.model === model;
      await lockModel(tx, environment, model);
      const joined = await this.#countModel(tx, {
        environment,
        model,
        now,
        predictions: predictions.filter(ofModel),
        outcomes: outcomes.filter(ofModel),
        shed: (shed.get(model) ?? 0) + (untimed.get(model) ?? 0),
        keepDays: told.keepDaysOf(model),
      });
      for (const each of joined) matched.push(each);
    }
    return matched;
  }

  async #countModel(
    tx: Knex.Transaction,
    told: Told,
  ): Promise<MatchedOutcome[]> {
    const { environment, model, now, keepDays } = told;
    const scope = { environment, model };
    const tally = new OutcomeTally(scope);
    const before = await countKept(tx, { ...scope, day: dayOf(now) });
    const room = Math.max(0, this.#maxPredictionsADay - before);
    const predictions = told.predictions.slice(0, room);
    tally.shed = told.shed + told.predictions.length - predictions.length;
    const fresh = await insertPredictions(tx, { ...scope, now, predictions });
    tally.kept = fresh.length;
    await addPredictionDays(tx, scope, sumPredictions(fresh));

    const ids = new Set(predictions.map(({ requestId }) => requestId));
    const waiting = await takeWaiting(tx, { ...scope, requestIds: [...ids] });
    const outcomes = [...waiting, ...told.outcomes];
    const requests = await findRequests(tx, {
      ...scope,
      requestIds: [...new Set(outcomes.map(({ requestId }) => requestId))],
    });
    const oldestMillis = now.getTime() - keepDays * DAY_MILLIS;
    const changed = new Set<KnownRequest>();
    const early: OutcomeRecord[] = [];
    for (const outcome of outcomes) {
      const request = requests.get(outcome.requestId);
      if (!request) {
        early.push(outcome);
        continue;
      }
      const joined = joinOutcome(outcome, request, { oldestMillis });
      tally.add(outcome, request, joined);
      if (joined.kind !== 'joined') continue;
      request.told.push(outcome.name);
      changed.add(request);
    }
    await markTold(tx, { ...scope, requests: [...changed] });
    const { duplicates, crowded } = await wait(tx, {
      ...scope,
      now,
      outcomes: early,
    });
    tally.duplicate += duplicates;
    tally.unmatched += crowded;
    await addDays(tx, scope, tally.days());
    await addLosses(tx, { ...scope, day: dayOf(now) }, tally);
    return tally.matched;
  }
}

/** An outcome and its request may be told of at the same time: one of both has to see the other. */
async function lockModel(
  tx: Knex.Transaction,
  environment: string,
  model: string,
): Promise<void> {
  await tx.raw('select pg_advisory_xact_lock(hashtextextended(?, 0))', [
    `ai-monitoring/outcomes/${environment}/${model}`,
  ]);
}

interface Scope {
  environment: string;
  model: string;
}

/** Outcomes that were told before these requests. */
async function takeWaiting(
  tx: Knex.Transaction,
  { environment, model, requestIds }: Scope & { requestIds: string[] },
): Promise<OutcomeRecord[]> {
  if (requestIds.length === 0) return [];
  const { rows } = await tx.raw<{ rows: { outcome: OutcomeRecord }[] }>(
    `delete from waiting_outcomes
     where environment = ? and model = ? and request_id = any(?::text[])
     returning outcome`,
    [environment, model, requestIds],
  );
  return rows.map(({ outcome }) => outcome);
}

/** Keeps outcomes until their requests are told of. */
async function wait(
  tx: Knex.Transaction,
  {
    environment,
    model,
    now,
    outcomes,
  }: Scope & { now: Date; outcomes: OutcomeRecord[] },
): Promise<{ duplicates: number; crowded: number }> {
  if (outcomes.length === 0) return { duplicates: 0, crowded: 0 };
  const [{ count }] = await tx('waiting_outcomes')
    .where({ environment, model })
    .count<{ count: string }[]>('* as count');
  const room = Math.max(0, MOST_WAITING - Number(count));
  const kept = outcomes.slice(0, room);
  const { written } = await insertMany(tx, {
    table: 'waiting_outcomes',
    columns: {
      environment: 'text',
      model: 'text',
      request_id: 'text',
      name: 'text',
      outcome: 'json',
      arrived_at: 'timestamptz',
    },
    rows: kept.map(outcome => ({
      environment,
      model,
      request_id: outcome.requestId,
      name: outcome.name,
      outcome,
      arrived_at: now,
    })),
    onConflict: {
      columns: ['environment', 'model', 'request_id', 'name'],
      merge: [],
    },
  });
  return {
    duplicates: kept.length - written,
    crowded: outcomes.length - kept.length,
  };
}
