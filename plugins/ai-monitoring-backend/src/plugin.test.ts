import { mockCredentials, TestDatabases } from '@backstage/backend-test-utils';
import {
  type ModelHealth,
  SIGNAL_CHANNEL,
} from '@greenroom/plugin-ai-monitoring-common';
import request from 'supertest';
import { BASELINE, recordBatch, recordGroup } from './__testUtils__/fixtures';
import { startPlugin } from './__testUtils__/startPlugin';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
const start = (options?: { permitted?: boolean }) =>
  startPlugin(databases, options);

describe('the ai-monitoring plugin', () => {
  let backend: Awaited<ReturnType<typeof start>>;
  afterEach(() => backend.stop());

  const scope = { environment: 'production', model: 'diabetes' };
  /** The last full ten seconds, so that all records lie in one window. */
  const startMillis = Math.floor(Date.now() / 10_000) * 10_000 - 10_000;
  const range = {
    from: new Date(startMillis).toISOString(),
    to: new Date(startMillis + 10_000).toISOString(),
  };

  it('holds what is asked against the rows of a version that may come', async () => {
    backend = await start();
    const { client, user, send, neighbours } = backend;
    await send(recordBatch([recordGroup({ startMillis, count: 200 })]));
    const compare = () =>
      client.getCandidateDrift(
        { ...scope, ...range, version: 1, candidate: 2 },
        user,
      );
    expect(await compare()).toMatchObject({ reason: 'no-reference', rows: 0 });
    const rows = Array.from({ length: 500 }, (_, i) => [i / 500, i / 250]);
    neighbours.reference = {
      file: { digest: `sha256:${'a'.repeat(64)}`, rows: 500, sizeBytes: 9_000 },
      content: {
        formatVersion: 1,
        features: ['age', 'dose'],
        rows,
        predictions: rows.map(() => 'ill'),
      },
    };
    const { report, ...drift } = await compare();
    expect(drift).toMatchObject({ rows: 200, referenceRows: 500, leftOut: [] });
    expect(report?.features.map(({ status }) => status)).toEqual([
      'ok',
      'alert',
    ]);
    neighbours.registryDown = 500;
    await expect(compare()).rejects.toThrow();
  });

  it('counts a batch once, however often it is sent', async () => {
    backend = await start();
    const { client, user, send } = backend;
    const batch = recordBatch(
      [
        recordGroup({
          startMillis,
          status: index => [400, 400, 400, 400, 400, 500, 500][index] ?? 200,
        }),
      ],
      { lost: { total: 3, samples: 5 } },
    );
    const receipts = await Promise.all([send(batch), send(batch), send(batch)]);
    expect(receipts.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(receipts.filter(({ body }) => body.duplicate)).toHaveLength(2);
    expect((await send(batch)).body).toEqual({ accepted: 0, duplicate: true });

    const { items } = await client.getTraffic({ ...scope, ...range }, user);
    expect(items).toEqual([
      {
        model: 'diabetes',
        version: 1,
        windowSeconds: 10,
        points: [
          {
            at: range.from,
            requests: 100,
            requestsPerSecond: 10,
            clientErrorRate: 0.05,
            serverErrorRate: 0.02,
            latencyMillis: {
              p50: expect.closeTo(1.49, 1),
              p95: expect.closeTo(1.94, 1),
              p99: expect.closeTo(1.98, 1),
            },
          },
        ],
      },
    ]);
    const drift = await client.getDrift(
      { ...scope, ...range, version: 1 },
      user,
    );
    expect(drift.rows).toBe(100);
    expect((await client.getIngestStatus(user)).producers).toEqual([
      {
        producer: 'data-plane-1',
        environment: 'production',
        lastSequence: 1,
        droppedTotal: 3,
        lostSamples: 5,
        refusedTotal: 0,
        clockOffsetMillis: expect.any(Number),
        lastReceivedAt: expect.any(String),
      },
    ]);
  });

  it('counts refusals for limits of keys, and holds them against no model', async () => {
    backend = await start();
    const { client, user, send } = backend;
    const limited = Array.from({ length: 100 }, (_, index) =>
      index < 75 ? 1 : 0,
    );
    const group = recordGroup({
      startMillis,
      status: index => (limited[index] ? 429 : 200),
    });
    await send(recordBatch([{ ...group, limited }])).expect(200);
    const { items } = await client.getTraffic({ ...scope, ...range }, user);
    expect(items[0].points).toMatchObject([
      {
        requests: 100,
        limitedRate: 0.75,
        clientErrorRate: 0,
        serverErrorRate: 0,
        latencyMillis: { p50: expect.closeTo(1.87, 1) },
      },
    ]);
    const health = await client.listHealth({ model: 'diabetes' }, user);
    expect(health.items).toMatchObject([{ errorRate: 0, reasons: [] }]);
    const odd = { ...group, limited: [1] };
    const unfit = await send(recordBatch([odd], { sequence: 2 })).expect(422);
    expect(unfit.body.error.message).toContain(
      "The column 'limited' of model 'diabetes' version 1 has 1 entries, but 'at' has 100",
    );
  });

  it('sees drift of the feature that moved, and says so in the health', async () => {
    backend = await start();
    const { client, user, send } = backend;
    await send(
      recordBatch([recordGroup({ startMillis, count: 500, shift: 3 })]),
    ).expect(200);
    const drift = await client.getDrift(
      { ...scope, ...range, version: 1 },
      user,
    );
    expect(
      drift.report?.features.map(({ name, status }) => [name, status]),
    ).toEqual([
      ['age', 'ok'],
      ['dose', 'alert'],
    ]);
    expect(drift.histograms.dose.baseline).toEqual(
      BASELINE.features[1].histogram,
    );
    expect(drift.prediction?.current).toMatchObject({ counts: [250, 250] });

    const timeline = await client.getDriftTimeline(
      { ...scope, ...range, version: 1 },
      user,
    );
    expect(timeline.features.map(({ status }) => status.at(-1))).toEqual([
      'ok',
      'alert',
    ]);

    const { items } = await client.listHealth({ model: 'diabetes' }, user);
    expect(items.map(({ model, status }) => [model, status])).toEqual([
      ['diabetes', 'alert'],
    ]);
    expect(items[0].reasons).toEqual([
      '1 of 2 features drifted away from the baseline in the last 5 minutes: dose.',
    ]);
    expect(items[0].drift).toEqual({ drifted: 1, features: 2 });
    expect(items[0].version).toBe(1);
  });

  it('lists all models with their verdicts within seconds, and says why one has none', async () => {
    backend = await start();
    const { client, user, send } = backend;
    await send(recordBatch([recordGroup({ startMillis, count: 10 })]));
    let items: ModelHealth[] = [];
    for (let attempt = 0; items.length < 2 && attempt < 60; attempt++) {
      await new Promise(resolve => setTimeout(resolve, 250));
      ({ items } = await client.listHealth({}, user));
    }
    expect(
      items.map(({ model, status, reasons, unwatched }) => [
        model,
        status,
        reasons,
        unwatched,
      ]),
    ).toEqual([
      [
        'diabetes',
        'partly-watched',
        [],
        [
          'Errors are not judged: 10 of the 20 requests that it takes in 5 minutes.',
          'Drift of version 1 is not judged: 10 of the 100 copied rows that it takes in 5 minutes.',
        ],
      ],
      [
        'digits',
        'no-data',
        [
          'Nothing was asked of it in the last 5 minutes; version 3 is wanted: No data plane of production is online.',
        ],
        [],
      ],
    ]);
  });

  it('counts the traffic of versions without a baseline, and of none', async () => {
    backend = await start();
    const { client, user, send } = backend;
    await send(
      recordBatch([
        recordGroup({ startMillis, version: 2, count: 10 }),
        recordGroup({
          startMillis,
          version: 0,
          count: 5,
          samples: false,
          status: () => 404,
        }),
      ]),
    ).expect(200, { accepted: 15, duplicate: false });
    const { items } = await client.getTraffic({ ...scope, ...range }, user);
    expect(
      items.map(({ version, points }) => [version, points[0].requests]),
    ).toEqual([
      [0, 5],
      [2, 10],
    ]);
    const drift = await client.getDrift(
      { ...scope, ...range, version: 2 },
      user,
    );
    expect(drift).toMatchObject({ reason: 'no-baseline', rows: 0 });
    const none = await client.getDrift(
      { ...scope, ...range, version: 1 },
      user,
    );
    expect(none).toMatchObject({ reason: 'no-data', rows: 0 });
  });

  // Plugins refuse each other's tokens with 401 while the keys of these cannot be read.
  it.each([503, 401])(
    'takes a batch later when the registry answers %s',
    async status => {
      backend = await start();
      const { neighbours, send, client, user } = backend;
      neighbours.registryDown = status;
      const batch = recordBatch([recordGroup({ startMillis, count: 10 })]);
      const { headers } = await send(batch).expect(503);
      expect(headers['retry-after']).toBe('2');
      neighbours.registryDown = undefined;
      await send(batch).expect(200, { accepted: 10, duplicate: false });
      await send({ ...batch, sequence: 2 }).expect(200);
      // Asked once in vain and once with success, and remembered since.
      expect(neighbours.asked).toBe(2);
      const { items } = await client.getTraffic({ ...scope, ...range }, user);
      expect(items[0].points[0].requests).toBe(20);
    },
  );

  it('adds batches that arrive together into one window', async () => {
    backend = await start();
    const { client, user, send } = backend;
    const batches = Array.from({ length: 20 }, (_, index) =>
      recordBatch([recordGroup({ startMillis, count: 50 })], {
        producer: `data-plane-${index % 4}`,
        sequence: index + 1,
      }),
    );
    await Promise.all(batches.map(batch => send(batch).expect(200)));
    const { items } = await client.getTraffic({ ...scope, ...range }, user);
    expect(items[0].points[0].requests).toBe(1_000);
    const drift = await client.getDrift(
      { ...scope, ...range, version: 1 },
      user,
    );
    expect(drift.rows).toBe(1_000);
  });

  it('tells open pages at most once a second a model', async () => {
    backend = await start();
    const { send, publish } = backend;
    for (let sequence = 1; sequence <= 5; sequence++) {
      await send(
        recordBatch(
          [recordGroup({ startMillis, count: 1, version: sequence })],
          {
            sequence,
          },
        ),
      ).expect(200);
    }
    // The judge may have told meanwhile that the model is served.
    const updates = () =>
      publish.mock.calls
        .map(([signal]) => signal)
        .filter(({ message }) => message.type === 'window-updated');
    expect(updates()).toHaveLength(1);
    expect(updates()[0]).toEqual({
      recipients: { type: 'broadcast' },
      channel: SIGNAL_CHANNEL,
      message: expect.objectContaining({
        type: 'window-updated',
        versions: [1],
      }),
    });
    await new Promise(resolve => setTimeout(resolve, 1_100));
    expect(updates()).toHaveLength(2);
    expect(updates()[1].message.versions).toEqual([2, 3, 4, 5]);
  });

  it('draws what happened to a model', async () => {
    backend = await start();
    const { client, user, neighbours } = backend;
    const at = (second: number) =>
      new Date(startMillis + second * 1_000).toISOString();
    neighbours.rollouts = [
      {
        id: 'r',
        environment: 'production',
        model: 'diabetes',
        fromVersion: 1,
        toVersion: 2,
        kind: 'promotion',
        plan: { strategy: 'canary', steps: [] },
        state: { phase: 'completed', completedAt: at(3) },
        commit: 'c',
        startedAt: at(-5),
        history: [
          { at: at(-5), weightPercent: 0, note: 'start' },
          { at: at(2), weightPercent: 10, note: 'step' },
          { at: at(3), weightPercent: 100, note: 'end' },
        ],
      },
    ];
    const { items } = await client.listMarkers({ ...scope, ...range }, user);
    expect(items).toEqual([
      {
        at: at(2),
        kind: 'rollout-step',
        title: 'Version 2 gets 10 %',
        version: 2,
      },
      {
        at: at(3),
        kind: 'rollout-completed',
        title: 'Version 2 gets all traffic',
        version: 2,
      },
    ]);
  });

  it.each([
    ['another format', { formatVersion: 3 }, 'formatVersion'],
    ['no environment', { environment: 'moon' }, 'environment'],
    ['a sequence below 1', { sequence: 0 }, 'sequence'],
    ['no time', { sentAt: 'noon' }, 'ISO 8601'],
    ['nothing said of losses', { lost: undefined }, 'lost is missing'],
    [
      'a value that is no value',
      { groups: [{ ...recordGroup(), samples: [{ at: 1, features: [{}] }] }] },
      'features/0',
    ],
  ])('refuses a batch with %s', async (_what, overrides, message) => {
    backend = await start();
    const { body } = await backend
      .send({ ...recordBatch([]), ...overrides })
      .expect(400);
    expect(body.error.message).toContain(message);
  });

  it('says with 422 what can never be counted, and with 413 what is too much at once', async () => {
    backend = await start();
    const { send } = backend;
    const odd = { ...recordGroup({ count: 3 }), status: [200] };
    const unprocessable = await send(recordBatch([odd])).expect(422);
    expect(unprocessable.body.error.message).toContain(
      "The column 'status' of model 'diabetes' version 1 has 1 entries, but 'at' has 3",
    );
    const half = { ...recordGroup({ count: 1 }), inputTokens: [7] };
    const oneWay = await send(recordBatch([half])).expect(422);
    expect(oneWay.body.error.message).toContain(
      "The column 'outputTokens' of model 'diabetes' version 1 has 0 entries",
    );
    const halves = [1, 2].map(version =>
      recordGroup({ version, count: 50_001, samples: false }),
    );
    const records = await send(recordBatch(halves)).expect(413);
    expect(records.body.error.message).toBe(
      'The batch has 100002 records, but may have at most 100000: send it in halves',
    );
    const wide = recordGroup({ count: 1 });
    wide.samples = Array.from({ length: 31 }, () => ({
      at: startMillis,
      features: new Array<number>(10_000).fill(1),
    }));
    const values = await send(recordBatch([wide])).expect(413);
    expect(values.body.error.message).toMatch(/has 31\d{4} values/);
    const nested = `{"groups":[${'[],'.repeat(2_000_000)}[]]}`;
    const costly = await request(backend.server)
      .post('/api/ai-monitoring/records')
      .set('Authorization', mockCredentials.service.header())
      .set('Content-Type', 'application/json')
      .send(nested)
      .expect(413);
    expect(costly.body.error.message).toContain('arrays and objects');
  });

  it('counts 6,000 windows of a small batch', async () => {
    backend = await start();
    const { send, client, user } = backend;
    const hours = recordGroup({
      count: 6_000,
      everyMillis: 10_000,
      startMillis: startMillis - 60_000_000,
      samples: false,
    });
    await send(recordBatch([hours])).expect(200, {
      accepted: 6_000,
      duplicate: false,
    });
    // Into windows that exist, too.
    await send(recordBatch([hours], { sequence: 2 })).expect(200);
    const { items } = await client.getTraffic(
      {
        ...scope,
        from: new Date(startMillis - 60_000_000).toISOString(),
        to: range.to,
      },
      user,
    );
    expect(
      items[0].points.reduce((sum, { requests }) => sum + requests, 0),
    ).toBe(12_000);
  });

  it('comes back after an outage of 90 minutes with 20 models that are rarely called', async () => {
    backend = await start();
    const { send, client, user } = backend;
    const outageMillis = 90 * 60_000;
    const models = Array.from({ length: 20 }, (_, index) => `rare-${index}`);
    const backlog = [2, 1].map(halvesAgo =>
      recordBatch(
        models.map(model =>
          recordGroup({
            model: model === 'rare-0' ? 'diabetes' : model,
            count: 270,
            everyMillis: 10_000,
            startMillis: startMillis - (halvesAgo * outageMillis) / 2,
          }),
        ),
        { sequence: 3 - halvesAgo },
      ),
    );
    const live = recordBatch([recordGroup({ startMillis, count: 100 })], {
      sequence: 3,
    });
    for (const batch of [...backlog, live]) await send(batch).expect(200);
    const outage = {
      from: new Date(startMillis - outageMillis).toISOString(),
      to: range.to,
    };
    const { items } = await client.getTraffic({ ...scope, ...outage }, user);
    expect(
      items[0].points.reduce((sum, { requests }) => sum + requests, 0),
    ).toBe(640);
    const drift = await client.getDrift(
      { ...scope, ...outage, version: 1 },
      user,
    );
    expect(drift.rows).toBe(640);
    const rare = await client.getTraffic(
      { ...outage, environment: 'production', model: 'rare-19' },
      user,
    );
    expect(rare.items[0].points.length).toBeGreaterThan(80);
  });

  it('still takes what data planes sent before', async () => {
    backend = await start();
    const { lost: _lost, ...batch } = recordBatch([
      recordGroup({ startMillis, count: 10 }),
    ]);
    const { send, client, user } = backend;
    await send({ ...batch, formatVersion: 1, droppedTotal: 4 }).expect(200);
    const { producers } = await client.getIngestStatus(user);
    expect(producers[0]).toMatchObject({ droppedTotal: 4, lostSamples: 0 });
  });

  it('shows what was lost as holes in time, each once', async () => {
    backend = await start();
    const { send, client, user } = backend;
    const lost = {
      total: 40,
      samples: 7,
      fromMillis: startMillis,
      toMillis: startMillis + 3_000,
    };
    const batch = recordBatch([], { lost });
    await send(batch).expect(200);
    await send(batch).expect(200);
    await send({ ...batch, sequence: 2, lost: { ...lost, total: 50 } });
    const around = { environment: 'production', ...range };
    const { items } = await client.listHoles(around, user);
    expect(items).toEqual([
      {
        from: range.from,
        to: new Date(startMillis + 3_000).toISOString(),
        producer: 'data-plane-1',
        records: 50,
        samples: 7,
        reason: 'The data plane could not keep or deliver them',
      },
    ]);
    const elsewhere = await client.listHoles(
      { ...around, environment: 'staging' },
      user,
    );
    expect(elsewhere.items).toEqual([]);
  });

  it('refuses the records of a clock that is days ahead, and corrects one that is a minute', async () => {
    backend = await start();
    const { send, client, user } = backend;
    const threeDays = 3 * 86_400_000;
    const future = recordBatch(
      [recordGroup({ count: 10, startMillis: startMillis + threeDays })],
      { sentAt: new Date(Date.now() + threeDays).toISOString() },
    );
    const { body } = await send(future).expect(200);
    expect(body).toEqual({
      accepted: 0,
      duplicate: false,
      refused: [
        {
          model: 'diabetes',
          version: 1,
          records: 10,
          samples: 10,
          reason: 'The clock of the data plane is 3 days ahead',
        },
      ],
    });
    const minute = recordBatch(
      [recordGroup({ count: 10, startMillis: startMillis + 60_000 })],
      {
        sequence: 2,
        sentAt: new Date(Date.now() + 60_000).toISOString(),
      },
    );
    await send(minute).expect(200, { accepted: 10, duplicate: false });
    const wide = {
      from: new Date(startMillis - 60_000).toISOString(),
      to: new Date(Date.now() + 10_000).toISOString(),
    };
    const { items } = await client.getTraffic({ ...scope, ...wide }, user);
    expect(
      items[0].points.reduce((sum, { requests }) => sum + requests, 0),
    ).toBe(10);
    const status = await client.getIngestStatus(user);
    expect(status.maxClockOffsetMillis).toBe(300_000);
    expect(status.producers[0].refusedTotal).toBe(10);
    expect(status.producers[0].clockOffsetMillis).toBeGreaterThan(55_000);
    const holes = await client.listHoles(
      { environment: 'production', ...wide },
      user,
    );
    expect(holes.items).toMatchObject([
      {
        records: 10,
        samples: 10,
        reason: 'The clock of the data plane is 3 days ahead',
      },
    ]);
  });

  it('profiles texts, booleans and missing values, and loses no row for one of them', async () => {
    backend = await start();
    const { send, client, user } = backend;
    const group = recordGroup({ startMillis, count: 200 });
    group.samples.forEach((sample, index) => {
      sample.features[0] = index % 2 === 0 ? null : 'Infinity';
    });
    await send(recordBatch([group])).expect(200);
    const drift = await client.getDrift(
      { ...scope, ...range, version: 1 },
      user,
    );
    expect(drift.rows).toBe(200);
    expect(drift.histograms.age.current).toMatchObject({
      nulls: 100,
      overflow: 100,
    });
    expect(drift.report?.features[0]).toMatchObject({
      name: 'age',
      status: 'alert',
      missing: { baselineShare: 0, currentShare: 0.5, status: 'alert' },
    });
    expect(drift.report?.features[1].status).toBe('ok');
  });

  it('refuses people as producers, large bodies, and readers without permission', async () => {
    backend = await start({ permitted: false });
    const { client, user, send } = backend;
    await send(recordBatch([]), mockCredentials.user.header()).expect(403);
    const elsewhere = await send(
      recordBatch([], { environment: 'staging' }),
    ).expect(403);
    expect(elsewhere.body.error.message).toMatch(
      /token 'data-plane' needs a scope .* on 'staging\/\*'/,
    );
    await send({ padding: 'x'.repeat(9 * 1024 * 1024) }).expect(413);
    const denied = { statusCode: 403 };
    await expect(client.listHealth({}, user)).rejects.toMatchObject(denied);
    await expect(client.getIngestStatus(user)).rejects.toMatchObject(denied);
    for (const read of [
      client.getTraffic({ ...scope, ...range }, user),
      client.listMarkers({ ...scope, ...range }, user),
      client.getDrift({ ...scope, ...range, version: 1 }, user),
      client.getDriftTimeline({ ...scope, ...range, version: 1 }, user),
    ]) {
      await expect(read).rejects.toMatchObject(denied);
    }
  });

  it('takes times as people type them into an address', async () => {
    backend = await start();
    const { status, body } = await request(backend.server)
      .get(
        '/api/ai-monitoring/environments/production/models/diabetes/traffic?from=2026-05-03T12:00:00Z&to=2026-05-03T13:00:00Z',
      )
      .set('Authorization', mockCredentials.user.header());
    expect({ status, body }).toEqual({ status: 200, body: { items: [] } });
  });

  it('explains a range that cannot be meant', async () => {
    backend = await start();
    const { client, user } = backend;
    const { from, to } = range;
    await expect(
      client.getTraffic({ ...scope, from: to, to: from }, user),
    ).rejects.toMatchObject({
      statusCode: 400,
      body: { error: { message: expect.stringContaining('swap them') } },
    });
    await expect(
      client.getTraffic({ ...scope, from: 'noon', to }, user),
    ).rejects.toMatchObject({ statusCode: 400 });
    const always = {
      ...scope,
      from: '0001-01-01T00:00:00Z',
      to: '9999-12-31T00:00:00Z',
      version: 1,
    };
    for (const read of [
      client.getTraffic(always, user),
      client.listMarkers(always, user),
      client.getDrift(always, user),
      client.getDriftTimeline(always, user),
      client.listHoles(always, user),
    ]) {
      await expect(read).rejects.toMatchObject({
        statusCode: 400,
        body: { error: { message: expect.stringContaining('366 days') } },
      });
    }
    await expect(
      client.getTraffic(
        { ...scope, from: '9999-12-30T00:00:00Z', to: '9999-12-31T00:00:00Z' },
        user,
      ),
    ).rejects.toMatchObject({
      statusCode: 400,
      body: { error: { message: expect.stringContaining('in the future') } },
    });
  });
});
