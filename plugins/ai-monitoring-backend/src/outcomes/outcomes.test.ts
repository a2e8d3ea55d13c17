import { TestDatabases } from '@backstage/backend-test-utils';
import type {
  OutcomeRecord,
  PredictionRecord,
} from '@greenroom/plugin-ai-inference-common';
import { recordBatch } from '../__testUtils__/fixtures';
import { startPlugin } from '../__testUtils__/startPlugin';
import { comparison } from '../comparisons/__testUtils__/comparison';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

describe('outcomes', () => {
  let backend: Awaited<ReturnType<typeof startPlugin>>;
  afterEach(() => backend.stop());

  it('are joined once, and count for the comparison of their request', async () => {
    backend = await startPlugin(databases);
    const { client, user, send, neighbours } = backend;
    const nowMillis = Date.now();
    const plan = comparison({
      startedAt: new Date(nowMillis - 60_000).toISOString(),
      analysis: {
        metrics: [
          {
            name: 'clicks',
            measure: { kind: 'outcome', outcome: 'clicked' },
            direction: 'higher-is-better',
            margin: 0.02,
            alpha: 0.05,
            power: 0.8,
          },
        ],
        guardrails: [],
        minUnitsPerVariant: 1,
      },
    });
    neighbours.comparisons = [plan];
    const predictions = Array.from(
      { length: 400 },
      (_, i): PredictionRecord => ({
        requestId: `request-${i}`,
        at: nowMillis - 1_000 - i,
        model: 'diabetes',
        version: 1 + (i % 2),
        comparison: plan.id,
        unit: i + 1,
      }),
    );
    const outcomes = predictions.map(
      ({ requestId, model, version }, i): OutcomeRecord => ({
        requestId,
        model,
        name: 'clicked',
        at: nowMillis,
        value: version === 2 || i % 10 === 0,
      }),
    );
    outcomes.push({ ...outcomes[0], name: 'diagnosis', value: 'ill' });
    predictions[0] = { ...predictions[0], prediction: 'ill' };
    await send(recordBatch([], { sequence: 1, predictions })).expect(200);
    await send(recordBatch([], { sequence: 2, outcomes })).expect(200);
    await send(recordBatch([], { sequence: 2, outcomes })).expect(200);
    await send(recordBatch([], { sequence: 3, outcomes })).expect(200);
    const { items, lost, quality } = await client.listOutcomes(
      {
        environment: 'production',
        model: 'diabetes',
        from: new Date(nowMillis - 3_600_000).toISOString(),
        to: new Date(nowMillis + 3_600_000).toISOString(),
      },
      user,
    );
    const matched = items.map(each => each.matched);
    expect(matched.reduce((all, each) => all + each, 0)).toBe(401);
    expect(quality).toMatchObject([
      {
        version: 1,
        labels: 1,
        accuracy: 1,
        heldOut: {
          metric: 'accuracy',
          value: 0.9,
          dataset: 'held-out',
          rows: 50,
        },
        estimate: { isKnown: false },
      },
      { version: 2, labels: 0 },
    ]);
    expect(quality[1]).not.toHaveProperty('accuracy');
    expect(lost).toEqual({
      model: 'diabetes',
      duplicate: 401,
      unmatched: 0,
      late: 0,
      shed: 0,
    });
    const report = await client.getComparison(plan.id, user);
    expect(report.metrics[0]).toMatchObject({
      control: 0.2,
      treatment: 1,
      status: 'better',
    });
  });

  it('are expected of requests that say how probable their answer is, before anything is told', async () => {
    backend = await startPlugin(databases, {
      digits: { outcomes: { samplePercent: 100, keepDays: 30 } },
    });
    const { client, user, send } = backend;
    const nowMillis = Date.now();
    const list = (model: string) =>
      client.listOutcomes(
        {
          environment: 'production',
          model,
          from: new Date(nowMillis - 3_600_000).toISOString(),
          to: new Date(nowMillis + 3_600_000).toISOString(),
        },
        user,
      );
    const told = { at: nowMillis, unit: 0 };
    const { status } = await send(
      recordBatch([], {
        predictions: [0.5, 0.75, undefined].flatMap((confidence, i) =>
          [1, 2].map(version => ({
            ...told,
            requestId: `${version}/${i}`,
            model: 'diabetes',
            version,
            ...(version === 1 && { confidence }),
          })),
        ),
      }),
    );
    expect(status).toBe(200);
    const { items, expected, quality } = await list('diabetes');
    expect(items).toEqual([]);
    const day = new Date(nowMillis).toISOString().slice(0, 10);
    expect(expected).toEqual([
      { day, version: 1, accuracy: 0.625, predictions: 2 },
    ]);
    expect(quality).toMatchObject([
      {
        version: 1,
        labels: 0,
        estimate: { isKnown: true, accuracy: 0.625, predictions: 2 },
      },
      {
        version: 2,
        estimate: {
          isKnown: false,
          reason: expect.stringContaining('probabilityTensor'),
        },
      },
    ]);
    // The version that is deployed, of which nothing is known yet.
    expect(await list('digits')).toMatchObject({
      expected: [],
      quality: [{ version: 3, estimate: { isKnown: false } }],
    });
  });

  it('may be of any time, as callers tell it', async () => {
    backend = await startPlugin(databases);
    const told = { requestId: 'r', model: 'diabetes', name: 'x', value: 1 };
    const { status } = await backend.send(
      recordBatch([], {
        outcomes: [{ ...told, at: Date.parse('1960-01-01') }],
      }),
    );
    expect(status).toBe(200);
  });

  it('refuses outcomes and requests that are none with a sentence', async () => {
    backend = await startPlugin(databases);
    const { send } = backend;
    const told = { requestId: 'r', model: 'diabetes', name: 'x', at: 5 };
    for (const odd of [
      { ...told, value: null },
      { ...told, value: 1, requestId: 'a\u0000' },
      { ...told, value: 1, requestId: 'x'.repeat(129) },
      { ...told, value: 1, name: 'No name' },
      { ...told, value: 1e300 },
    ]) {
      const { status } = await send({ ...recordBatch([]), outcomes: [odd] });
      expect(status).toBe(400);
    }
    const asked = { requestId: 'r', model: 'm', version: 1, at: 5, unit: 0 };
    for (const confidence of [-0.1, 1.1, 'high']) {
      const { status } = await send({
        ...recordBatch([]),
        predictions: [{ ...asked, confidence }],
      });
      expect(status).toBe(400);
    }
  });
});
