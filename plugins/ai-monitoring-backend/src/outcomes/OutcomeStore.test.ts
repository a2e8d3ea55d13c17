import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import { migrateDatabase } from '@greenroom/ai-node';
import type {
  OutcomeRecord,
  PredictionRecord,
} from '@greenroom/plugin-ai-inference-common';
import { PACKAGE_NAME } from '../router';
import { OutcomeRetention } from './OutcomeRetention';
import { OutcomeStore } from './OutcomeStore';
import { listPredictionDays } from './expected';
import { listDays, sumLosses } from './sums';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
const NOW = new Date('2026-05-03T12:00:00Z');
const MINUTE_MILLIS = 60_000;
const DAY_MILLIS = 24 * 60 * MINUTE_MILLIS;
const later = (millis: number) => new Date(NOW.getTime() + millis);

function prediction(
  requestId: string,
  changes: Partial<PredictionRecord> = {},
): PredictionRecord {
  return {
    requestId,
    at: NOW.getTime() - 1_000,
    model: 'diabetes',
    version: 1,
    unit: 7,
    comparison: 'rollout.1',
    prediction: 'ill',
    ...changes,
  };
}

function outcome(
  requestId: string,
  changes: Partial<OutcomeRecord> = {},
): OutcomeRecord {
  return {
    requestId,
    model: 'diabetes',
    name: 'diagnosis',
    at: NOW.getTime(),
    value: 'ill',
    ...changes,
  };
}

async function start(options: { maxPredictionsADay?: number } = {}) {
  const client = await databases.init('POSTGRES_18');
  const knex = await migrateDatabase({
    database: mockServices.database.mock({ getClient: async () => client }),
    packageName: PACKAGE_NAME,
  });
  const store = new OutcomeStore({ maxPredictionsADay: 1_000, ...options });
  const retention = new OutcomeRetention({ knex });
  const { signal } = new AbortController();
  const tell = async (
    told: {
      predictions?: PredictionRecord[];
      outcomes?: OutcomeRecord[];
      untimed?: Map<string, number>;
    },
    now = NOW,
  ) => {
    await retention.makeRoom(now);
    return knex.transaction(tx =>
      store.count(tx, {
        environment: 'production',
        predictions: [],
        outcomes: [],
        untimed: new Map(),
        now,
        keepDaysOf: () => 30,
        ...told,
      }),
    );
  };
  const scope = {
    environment: 'production',
    model: 'diabetes',
    fromDay: '2026-01-01',
    toDay: '2026-12-31',
  };
  return {
    knex,
    retention,
    tell,
    forget: (now: Date, keepDays = 30) =>
      retention.run({
        now,
        keepDays,
        sumsBefore: new Date(now.getTime() - 90 * DAY_MILLIS),
        signal,
      }),
    days: () => listDays(knex, scope),
    predictionDays: () => listPredictionDays(knex, scope),
    lost: () => sumLosses(knex, scope),
  };
}

const COUNTED = {
  comparison: 'rollout.1',
  model: 'diabetes',
  version: 1,
  unit: 7,
  name: 'diagnosis',
  value: 1,
};
const NOTHING_LOST = {
  model: 'diabetes',
  duplicate: 0,
  unmatched: 0,
  late: 0,
  shed: 0,
};

describe('OutcomeStore', () => {
  it('joins outcomes that come after their requests, days later too', async () => {
    const { tell, days, lost } = await start();
    expect(
      await tell({ predictions: [prediction('a'), prediction('b')] }),
    ).toEqual([]);
    const matched = await tell(
      {
        outcomes: [
          outcome('a', { covariate: 3 }),
          outcome('b', { value: 'well' }),
        ],
      },
      later(9 * DAY_MILLIS),
    );
    expect(matched).toEqual([
      { ...COUNTED, covariate: 3 },
      { ...COUNTED, value: 0, covariate: undefined },
    ]);
    expect(await days()).toEqual([
      {
        day: '2026-05-03',
        model: 'diabetes',
        version: 1,
        name: 'diagnosis',
        matched: 2,
        accuracy: 0.5,
      },
    ]);
    expect(await lost()).toEqual(NOTHING_LOST);
  });

  it('joins outcomes that come first, for a quarter of an hour', async () => {
    const { knex, tell, forget, lost } = await start();
    expect(await tell({ outcomes: [outcome('a'), outcome('b')] })).toEqual([]);
    await forget(later(14 * MINUTE_MILLIS));
    expect(
      await tell({ predictions: [prediction('a')] }, later(14 * MINUTE_MILLIS)),
    ).toMatchObject([COUNTED]);
    await forget(later(16 * MINUTE_MILLIS));
    expect(
      await tell({ predictions: [prediction('b')] }, later(16 * MINUTE_MILLIS)),
    ).toEqual([]);
    expect(await lost()).toEqual({ ...NOTHING_LOST, unmatched: 1 });
    expect(await knex('waiting_outcomes')).toEqual([]);
  });

  it('joins what one batch tells of both', async () => {
    const { tell } = await start();
    const matched = await tell({
      predictions: [prediction('a')],
      outcomes: [outcome('a')],
    });
    expect(matched).toMatchObject([COUNTED]);
  });

  it('counts each name of a request once, whether it is joined or waits', async () => {
    const { tell, days, lost } = await start();
    await tell({ outcomes: [outcome('a'), outcome('a')] });
    await tell({ outcomes: [outcome('a')] });
    await tell({ predictions: [prediction('a')] });
    await tell({
      outcomes: [outcome('a'), outcome('a', { name: 'paid', value: 12.5 })],
    });
    expect(await lost()).toEqual({ ...NOTHING_LOST, duplicate: 3 });
    expect(await days()).toMatchObject([
      { name: 'diagnosis', matched: 1, accuracy: 1 },
      { name: 'paid', matched: 1, mean: 12.5 },
    ]);
  });

  it('is exact when batches arrive at the same time', async () => {
    const { tell, days, lost } = await start();
    const ids = Array.from({ length: 30 }, (_, i) => `r${i}`);
    const backwards = [...ids].reverse();
    const matched = await Promise.all([
      tell({ predictions: ids.map(id => prediction(id)) }),
      tell({ outcomes: backwards.map(id => outcome(id)) }),
      tell({ outcomes: ids.map(id => outcome(id)) }),
      tell({ predictions: backwards.map(id => prediction(id)) }),
    ]);
    expect(matched.flat()).toHaveLength(30);
    expect(await days()).toMatchObject([{ matched: 30 }]);
    expect(await lost()).toEqual({ ...NOTHING_LOST, duplicate: 30 });
  });

  it('leaves requests that count for nothing out of comparisons', async () => {
    const { tell, days } = await start();
    const matched = await tell({
      predictions: [
        prediction('a', { comparison: undefined }),
        prediction('b', { unit: -1 }),
        prediction('c', { unit: 0 }),
      ],
      outcomes: ['a', 'b', 'c'].map(id => outcome(id)),
    });
    expect(matched).toMatchObject([{ ...COUNTED, unit: 0 }]);
    expect(await days()).toMatchObject([{ matched: 3 }]);
  });

  it('tells models apart, and takes any text as a label', async () => {
    const { tell, lost } = await start();
    const odd = 'a\u0000b\ud800\'",{}';
    const matched = await tell({
      predictions: [
        prediction('a', { prediction: odd }),
        prediction('a', { model: 'digits' }),
      ],
      outcomes: [outcome('a', { value: odd }), outcome('b', { value: odd })],
    });
    expect(matched).toMatchObject([COUNTED]);
    expect(await lost()).toEqual(NOTHING_LOST);
  });

  it('keeps no more requests a day than it may, and counts the others', async () => {
    const { tell, lost } = await start({ maxPredictionsADay: 2 });
    await tell({
      predictions: ['a', 'b', 'c'].map(id => prediction(id)),
      untimed: new Map([['diabetes', 4]]),
    });
    await tell({ predictions: [prediction('d')] });
    expect(await lost()).toEqual({ ...NOTHING_LOST, shed: 6 });
    expect(await tell({ outcomes: [outcome('c')] })).toEqual([]);
    await tell({ predictions: [prediction('e')] }, later(DAY_MILLIS));
    expect(await lost()).toEqual({ ...NOTHING_LOST, shed: 6 });
  });

  it('sums how probable answers were, of each request that is kept once', async () => {
    const { tell, forget, predictionDays } = await start({
      maxPredictionsADay: 4,
    });
    const first = [
      prediction('a', { confidence: 0.5 }),
      prediction('a', { confidence: 1 }),
      prediction('b', { confidence: 0.75 }),
      prediction('c'),
    ];
    await Promise.all([
      tell({ predictions: first }),
      tell({ predictions: first }),
    ]);
    // The day has no room for e, and none of another model's requests count.
    await tell({
      predictions: [
        prediction('d', { version: 2, confidence: 0.25 }),
        prediction('e', { confidence: 1 }),
        prediction('f', { model: 'digits', confidence: 1 }),
      ],
    });
    const sums = { day: '2026-05-03', version: 1, kept: 3, confident: 2 };
    expect(await predictionDays()).toEqual([
      { ...sums, confidence: 1.25 },
      { ...sums, version: 2, kept: 1, confident: 1, confidence: 0.25 },
    ]);
    await forget(later(89 * DAY_MILLIS));
    expect(await predictionDays()).toHaveLength(2);
    await forget(later(181 * DAY_MILLIS));
    expect(await predictionDays()).toEqual([]);
  });

  it('forgets requests by the day, and says late of the day in between', async () => {
    const { knex, tell, forget, lost } = await start();
    await tell({ predictions: [prediction('a'), prediction('b')] });
    const over = later(30.2 * DAY_MILLIS);
    await forget(over);
    await tell({ outcomes: [outcome('a')] }, over);
    expect(await lost()).toEqual({ ...NOTHING_LOST, late: 1 });
    await forget(later(32 * DAY_MILLIS));
    expect(await knex('predictions')).toEqual([]);
    const { rows } = await knex.raw(
      `select count(*) as partitions from pg_inherits where inhparent = 'predictions'::regclass`,
    );
    expect(Number(rows[0].partitions)).toBeLessThanOrEqual(8);
  });

  it('forgets those of a model whose days are fewer', async () => {
    const { knex, retention, tell } = await start();
    await tell({
      predictions: [prediction('a'), prediction('a', { model: 'digits' })],
    });
    await retention.forgetModel({
      environment: 'production',
      model: 'diabetes',
      before: later(DAY_MILLIS),
    });
    expect(await knex('predictions').pluck('model')).toEqual(['digits']);
  });
});
