import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DEFAULT_ENVIRONMENTS,
  type DatasetRow,
  type DatasetVersion,
  type ModelSchema,
  type ReferenceValue,
} from '@greenroom/plugin-ai-registry-common';
import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { registryDatabases } from '../__testUtils__/registryDatabases';
import {
  createHarness,
  type Harness,
} from '../promotion/__testUtils__/createHarness';
import { TrialUnavailableError } from '../trials/TrialRunner';
import { createMeasurements } from './createMeasurements';
import type { Trials } from '../trials/Trials';
import { MAX_ATTEMPTS } from './measurement';
import type { MeasurementService } from './MeasurementService';
import { MOST_KEPT } from './MeasurementStore';
import { nextPart } from './MeasurementWorker';

jest.setTimeout(120_000);

const databases = registryDatabases();
const DIGEST = `sha256:${'5'.repeat(64)}` as const;
const SCHEMA: ModelSchema = {
  task: 'classification',
  features: [
    { name: 'x', tensor: 'in', index: 0 },
    { name: 'site', tensor: 'in', index: 1 },
  ],
  prediction: { tensor: 'label', labels: ['no', 'yes'] },
};
const QUESTION = { dataset: { name: 'rows', version: 1 }, target: 'truth' };
const signal = new AbortController().signal;

describe('measurements', () => {
  let harness: Harness;
  let rows: DatasetRow[];
  let answer: jest.MockedFunction<Trials['answer']>;
  /** What versions run in production; tests change it. */
  let running: number | undefined;

  /** Takes each row for yes but for every so manieth. */
  const says = (asked: readonly ReferenceValue[][], every: number) => ({
    runtime: 'a server 1.0',
    rehearsal: {
      predictions: asked.map(([x]) => (Number(x) % every ? 'yes' : 'no')),
    },
  });

  beforeAll(async () => {
    harness = await createHarness(databases);
  });
  afterAll(() => harness.stop());

  beforeEach(() => {
    running = undefined;
    rows = Array.from({ length: 130 }, (_, row) => ({
      x: row,
      site: row % 2,
      truth: row % 3 ? 'yes' : 'no',
    }));
    answer = jest.fn(async (_, { rows: asked }) => says(asked, 3));
  });

  function start(options: { leaseMillis?: number; most?: number } = {}) {
    const datasets = {
      async getVersion({
        dataset,
        version,
      }: Pick<DatasetVersion, 'dataset' | 'version'>) {
        const found: Partial<DatasetVersion> = {
          dataset,
          version,
          kind: 'stored',
          digest: DIGEST,
          rows: rows.length,
          columns: ['x', 'site', 'truth'].map(name => ({
            name,
            type: 'string',
          })),
        };
        return found;
      },
      async readRows() {
        return (async function* all() {
          yield* rows;
        })();
      },
    };
    const feature = createMeasurements({
      knex: harness.knex,
      changes: harness.changes,
      logger: harness.logger,
      auditor: mockServices.auditor.mock(),
      httpAuth: mockServices.httpAuth.mock(),
      permissions: mockServices.permissions.mock(),
      config: { environments: DEFAULT_ENVIRONMENTS },
      models: { store: harness.models, service: {} as never },
      versions: {
        store: harness.versions,
        evaluations: harness.evaluations,
        trials: { answer, mostRowsCharacters: options.most ?? Infinity },
      },
      datasets: { unguarded: datasets as never },
      deployments: {
        find: async () =>
          running === undefined ? undefined : ({ version: running } as never),
      },
      leaseMillis: options.leaseMillis,
    });
    return feature;
  }
  const service = (feature: ReturnType<typeof start>): MeasurementService =>
    feature.unguarded;
  const options = {
    credentials: mockCredentials.user('user:default/ada'),
  };
  const register = async () => ({
    model: 'digits',
    version: (await harness.register({ schema: SCHEMA })).version,
  });

  it('answers the rows in parts, keeps what was found, and adds an evaluation that says so', async () => {
    const feature = start();
    const ref = await register();
    const asked = await service(feature).create(
      ref,
      { ...QUESTION, slices: ['site'] },
      options,
    );
    expect(asked.state).toEqual({ phase: 'queued' });
    await feature.worker.runOnce(signal);
    const { state } = await service(feature).get(asked.id, options);
    if (state.phase !== 'done') throw new Error(JSON.stringify(state));
    expect(state.result).toMatchObject({
      runtime: 'a server 1.0',
      rows: 130,
      unanswered: 0,
    });
    expect(state.result.metrics[0]).toMatchObject({
      name: 'accuracy',
      value: 1,
    });
    expect(answer.mock.calls.map(([, { rows: part }]) => part.length)).toEqual([
      50, 80,
    ]);
    expect(answer.mock.calls[1][1].rows[0]).toEqual([50, 0]);
    const [evaluation] = await harness.evaluations.list(ref);
    expect(evaluation).toMatchObject({
      addedBy: 'user:default/ada',
      dataset: { name: 'rows', digest: DIGEST, rows: 130 },
      metrics: { accuracy: 1, f1_macro: 1 },
      measured: { measurement: asked.id, datasetVersion: 1, target: 'truth' },
    });
    expect(evaluation.perRow).toHaveLength(130);
    expect(evaluation.slices).toHaveLength(2);
    const entries = await harness
      .knex('audit_entries')
      .where({ subject: asked.id })
      .orderBy('id')
      .pluck('action');
    expect(entries).toEqual(['measurement-asked', 'measurement-done']);
  });

  it('gives no more characters at a time than may be', async () => {
    rows = rows.map((row, at) => ({
      ...row,
      site: 'x'.repeat(at === 7 ? 90 : 20),
    }));
    const feature = start({ most: 200 });
    const ref = await register();
    await service(feature).create(ref, QUESTION, options);
    await feature.worker.runOnce(signal);
    const parts = answer.mock.calls.map(([, { rows: part }]) => part);
    for (const part of parts) {
      expect(JSON.stringify(part).length).toBeLessThanOrEqual(202);
    }
    expect(parts.flat().map(([x]) => x)).toEqual(rows.map(({ x }) => x));
  });

  it('is begun anew by another one when its worker is killed in the middle, and written once', async () => {
    const feature = start({ leaseMillis: 600 });
    const ref = await register();
    const { id } = await service(feature).create(ref, QUESTION, options);
    const killed = new AbortController();
    let isKilled = false;
    let letGo = () => {};
    answer.mockImplementation(async (_, { rows: part }) => {
      if (Number(part[0][0]) === 0 || isKilled) return says(part, 3);
      isKilled = true;
      // Its process is gone: it renews no lease, and never comes back.
      killed.abort();
      return new Promise((_resolve, reject) => {
        letGo = () => reject(new Error('gone'));
      });
    });
    const dead = start({ leaseMillis: 600 });
    dead.worker.runOnce(killed.signal).catch(() => {});
    while (!isKilled) await sleep(20);
    await harness.knex('measurement_work').update({ lease: 'of-a-dead-one' });
    await sleep(700);
    expect((await service(feature).get(id, options)).state).toMatchObject({
      phase: 'running',
      done: 50,
      of: 130,
    });
    await feature.worker.runOnce(signal);
    expect((await service(feature).get(id, options)).state.phase).toBe('done');
    expect(await harness.evaluations.list(ref)).toHaveLength(1);
    letGo();
    expect(await harness.knex('measurement_work').select()).toEqual([]);
  });

  it('rests a minute when something of ours broke it off', async () => {
    const feature = start();
    const { id } = await service(feature).create(
      await register(),
      QUESTION,
      options,
    );
    answer.mockRejectedValueOnce(new Error('connect ECONNREFUSED'));
    await expect(feature.worker.runOnce(signal)).rejects.toThrow(
      'ECONNREFUSED',
    );
    await feature.worker.runOnce(signal);
    expect((await service(feature).get(id, options)).state.phase).toBe(
      'running',
    );
    const { rest } = await harness
      .knex('measurement_work')
      .first(
        harness.knex.raw(
          'extract(epoch from due_at - clock_timestamp())::float8 as rest',
        ),
      );
    expect(rest).toBeGreaterThan(50);
    await harness
      .knex('measurement_work')
      .update({ due_at: harness.knex.raw('now()') });
    await feature.worker.runOnce(signal);
    expect((await service(feature).get(id, options)).state.phase).toBe('done');
  });

  it('keeps the newest of a version, and older ones that something refers to', async () => {
    const feature = start();
    const [ref, other] = [await register(), await register()];
    const { knex } = harness;
    const create = (place: typeof ref) =>
      service(feature).create(place, QUESTION, options);
    const evaluated = await create(ref);
    await feature.worker.runOnce(signal);
    const cancelled = async () => {
      const { id } = await create(ref);
      await service(feature).cancel(id, options);
      return id;
    };
    const [promoted, compared, plain, second] = [
      await cancelled(),
      await cancelled(),
      await cancelled(),
      await cancelled(),
    ];
    await knex('measurements')
      .where({ id: promoted })
      .update({ promotion_id: randomUUID() });
    const { id: comparing } = await create(other);
    await knex('measurements')
      .where({ id: comparing })
      .update({ comparison: JSON.stringify({ measurement: compared }) });
    await knex.raw(
      `update measurements set created_at = created_at - interval '1 day'`,
    );
    const rowsOf = () => knex('measurements').where(ref).pluck('id');
    /** As if somebody had tried again and again since. */
    const tryAgain = (times: number) =>
      knex.raw(
        `insert into measurements
         select (jsonb_populate_record(m, jsonb_build_object('id', gen_random_uuid(), 'created_at', m.created_at + n * interval '1 second'))).*
         from measurements m, generate_series(1, ?::int) n where m.id = ?`,
        [times, second],
      );
    const there = (await rowsOf()).length;
    await tryAgain(MOST_KEPT - there - 1);
    await create(ref);
    // As many as are kept: none goes.
    expect(await rowsOf()).toHaveLength(MOST_KEPT);
    await tryAgain(MOST_KEPT);
    await feature.worker.runOnce(signal);
    const last = await create(ref);
    const left = await rowsOf();
    expect(left).toEqual(
      expect.arrayContaining([evaluated.id, promoted, compared, last.id]),
    );
    expect(left).not.toContain(plain);
    expect(left).not.toContain(second);
    // The newest, and three older ones: with an evaluation, of a promotion, of a comparison.
    expect(left).toHaveLength(MOST_KEPT + 3);
    expect(await knex('measurements').where(other)).toHaveLength(1);
    await feature.worker.runOnce(signal);
  });

  it('is given up when it never comes to an end', async () => {
    const feature = start();
    const ref = await register();
    const { id } = await service(feature).create(ref, QUESTION, options);
    await harness
      .knex('measurements')
      .where({ id })
      .update({ attempts: MAX_ATTEMPTS });
    await feature.worker.runOnce(signal);
    expect((await service(feature).get(id, options)).state).toMatchObject({
      phase: 'failed',
      reason: expect.stringMatching(/begun 5 times/),
    });
  });

  it('ends where it is cancelled, and nothing is added', async () => {
    const feature = start();
    const ref = await register();
    const { id } = await service(feature).create(ref, QUESTION, options);
    answer.mockImplementation(async (_, { rows: part }) => {
      await service(feature).cancel(id, options);
      return says(part, 3);
    });
    await feature.worker.runOnce(signal);
    expect(answer).toHaveBeenCalledTimes(1);
    expect((await service(feature).get(id, options)).state).toMatchObject({
      phase: 'cancelled',
      cancelledBy: 'user:default/ada',
    });
    expect(await harness.evaluations.list(ref)).toEqual([]);
    await expect(service(feature).cancel(id, options)).rejects.toThrow(
      'has ended already',
    );
  });

  it.each([
    [
      async () => ({ why: 'Opset 99' }),
      'The version gave no answers: Opset 99',
    ],
    [
      async () => {
        throw new TrialUnavailableError('no program');
      },
      'no program',
    ],
  ])(
    'fails with a sentence, and does not stop its neighbours',
    async (wrong, reason) => {
      const feature = start();
      const [bad, good] = [await register(), await register()];
      const first = await service(feature).create(bad, QUESTION, options);
      const second = await service(feature).create(good, QUESTION, options);
      answer.mockImplementationOnce(wrong);
      await feature.worker.runOnce(signal);
      expect(
        (await service(feature).get(first.id, options)).state,
      ).toMatchObject({
        phase: 'failed',
        reason,
      });
      expect((await service(feature).get(second.id, options)).state.phase).toBe(
        'done',
      );
    },
  );

  it('goes on with one that asks the same, and refuses too many and too long ones', async () => {
    const feature = start();
    const ref = await register();
    const one = await service(feature).create(ref, QUESTION, options);
    const same = await service(feature).create(ref, QUESTION, options);
    expect(same.id).toBe(one.id);
    const other = await service(feature).create(
      ref,
      { ...QUESTION, primary: 'accuracy' },
      options,
    );
    expect(other.id).not.toBe(one.id);
    rows = new Array(50_001).fill(rows[0]);
    await expect(
      service(feature).create(ref, { ...QUESTION, slices: ['site'] }, options),
    ).rejects.toThrow(
      "dataset: Version 1 of the dataset 'rows' has 50001 rows, and versions are measured on at most 50000: upload a sample of them as a dataset of its own",
    );
    await feature.worker.runOnce(signal);
    expect((await service(feature).list(ref, {}, options)).length).toBe(2);
  });

  it('measures what runs in an environment with the same, and compares row by row', async () => {
    const feature = start();
    const [base, candidate] = [await register(), await register()];
    running = base.version;
    answer.mockImplementation(async ({ version }, { rows: part }) =>
      says(part, version === base.version ? 4 : 3),
    );
    const asked = await service(feature).create(
      candidate,
      { ...QUESTION, compareWith: 'production' },
      options,
    );
    expect(asked.comparison).toEqual({
      environment: 'production',
      version: base.version,
      measurement: expect.any(String),
      missing: `Version ${candidate.version} is still being measured.`,
    });
    await feature.worker.runOnce(signal);
    const { comparison } = await service(feature).get(asked.id, options);
    expect(comparison?.paired).toMatchObject({
      metric: 'accuracy',
      rows: 130,
      improvement: expect.closeTo(
        rows.filter(({ x }) => Number(x) % 3 > 0 !== Number(x) % 4 > 0).length /
          130,
        9,
      ),
    });
    expect(comparison!.paired!.interval[0]).toBeGreaterThan(0);
    // Neither changes any more: pages that look again and again do not have it computed anew.
    const compared = service(feature);
    const { comparison: first } = await compared.get(asked.id, options);
    await harness.knex('measurements').update({ per_row: null });
    const { comparison: second } = await compared.get(asked.id, options);
    expect(second).toEqual(first);
    expect(second!.paired).toBeDefined();
    running = undefined;
    const alone = await service(feature).create(
      candidate,
      { ...QUESTION, compareWith: 'production' },
      options,
    );
    expect(alone.comparison).toEqual({
      environment: 'production',
      missing: 'Nothing ran in production when it was asked for.',
    });
    await feature.worker.runOnce(signal);
  });
});

it('makes parts that take about as long as each other', () => {
  expect(nextPart(50, 1)).toBe(200);
  expect(nextPart(200, 8_000)).toBe(200);
  expect(nextPart(200, 80_000)).toBe(20);
  expect(nextPart(200, 8_000_000)).toBe(10);
  expect(nextPart(4_000, 1)).toBe(5_000);
});
