import { request as send } from 'node:http';
import {
  CLASSIFIER_SCHEMA,
  keyOf,
  routeOf,
  snapshotOf,
  variantOf,
} from './testing/fixtures';
import {
  ANSWERS,
  KEYS,
  linear,
  row,
  v1,
  v2,
  versionThatAnswers,
} from './testing/linear';
import { addRemoteLinear, HeldEndpoint } from './testing/remoteLinear';
import { TestServer } from './testing/startTestServer';
import { waitFor } from './testing/waitFor';

// On a machine that is busy with other things, loading a model under load takes long.
jest.setTimeout(240_000);

let server: TestServer;

async function start(snapshot = linear(v1())): Promise<void> {
  server = await TestServer.create(snapshot);
  await server.start();
}

afterEach(() => server.close());

describe('a new snapshot', () => {
  it('is swapped in under load without losing a request', async () => {
    await start();
    let stop = false;
    const seen = { '1': 0, '2': 0, failed: 0 };
    const callers = Array.from({ length: 16 }, async () => {
      while (!stop) {
        const { status, json } = await server.infer('linear', row);
        const version = json.model_version as '1' | '2';
        if (status === 200 && json.outputs[0].data[0] === ANSWERS[version]) {
          seen[version]++;
        } else seen.failed++;
      }
    });
    await waitFor(() => seen['1'] > 50);
    for (let swap = 0; swap < 4; swap++) {
      const next = swap % 2 === 0 ? '2' : '1';
      server.controlPlane.snapshot = linear(next === '2' ? v2() : v1());
      const before = seen[next];
      await waitFor(() => seen[next] > before + 50);
    }
    stop = true;
    await Promise.all(callers);
    expect(seen.failed).toBe(0);
    await waitFor(
      () => server.logs.filter(l => l.includes('model unloaded')).length === 4,
    );
    const { json } = await server.send('/v2/models/linear', { key: 'gr_all' });
    expect(json.versions).toEqual(['1']);
  });

  it('is reported back with the state of its models', async () => {
    await start(linear(v1(90), v2(10)));
    const { controlPlane } = server;
    await waitFor(() => controlPlane.unchangedAnswers > 0);
    expect(controlPlane.latestReport).toEqual({
      producer: expect.any(String),
      publicUrl: server.url,
      snapshotId: controlPlane.snapshot?.id,
      load: {
        requestsInFlight: 0,
        requestsPerSecond: expect.any(Number),
        cpuShare: expect.any(Number),
        memoryBytes: expect.any(Number),
      },
      models: [v1(), v2()].map(({ version, digest }) => ({
        model: 'linear',
        version,
        digest,
        state: 'ready',
        placement: 'inline',
      })),
    });
    expect(controlPlane.artifactRequests).toBe(2);
  });

  it('brings keys and takes them away', async () => {
    await start();
    const { controlPlane } = server;
    expect((await server.infer('linear', row)).status).toBe(200);
    controlPlane.snapshot = snapshotOf(
      [routeOf('linear', [v1()])],
      [
        keyOf('gr_new', ['linear']),
        keyOf('gr_old', ['*'], { expiresAt: '2020-01-01T00:00:00.000Z' }),
      ],
    );
    await waitFor(
      async () => (await server.infer('linear', row)).status === 401,
    );
    const fresh = await server.infer('linear', row, { key: 'gr_new' });
    expect(fresh.status).toBe(200);
    const expired = await server.infer('linear', row, { key: 'gr_old' });
    expect([expired.status, expired.json]).toEqual([
      401,
      { error: 'the key "name of gr_old" expired at 2020-01-01T00:00:00.000Z' },
    ]);
  });

  it('brings keys as changes, once all are known', async () => {
    await start();
    const { controlPlane } = server;
    const publish = async (
      keys: typeof KEYS,
      [key, status]: [string, number],
    ) => {
      controlPlane.snapshot = snapshotOf([routeOf('linear', [v1()])], keys);
      await waitFor(
        async () =>
          (await server.infer('linear', row, { key })).status === status,
      );
    };
    const keys = [...KEYS];
    for (let issued = 0; issued < 5; issued++) {
      keys.push(keyOf(`gr_${issued}`, ['linear']));
      await publish([...keys], [`gr_${issued}`, 200]);
    }
    const left = keys.filter(({ name }) => name !== 'name of gr_2');
    await publish(left, ['gr_2', 401]);
    for (const key of ['gr_all', 'gr_1', 'gr_3']) {
      expect((await server.infer('linear', row, { key })).status).toBe(200);
    }
    expect(controlPlane.accessAnswers).toEqual({ all: 1, changes: 6 });
  });

  it('is reported whole only when something about it has changed', async () => {
    await start();
    const { controlPlane } = server;
    await waitFor(
      () =>
        controlPlane.reports.length > 20 &&
        controlPlane.latestReport?.models[0].state === 'ready',
    );
    expect(controlPlane.wholeReports).toBeLessThanOrEqual(4);
  });

  it('is asked for with the keys that were used, until that was heard', async () => {
    await start();
    const { controlPlane } = server;
    const reported = () =>
      controlPlane.reports.flatMap(({ keysUsed }) => keysUsed ?? []);
    await controlPlane.stop();
    await server.infer('linear', row);
    await server.infer('linear', row);
    await waitFor(() =>
      server.logs.some(line => line.includes('the control plane is away')),
    );
    expect(reported()).toEqual([]);
    await controlPlane.start();
    await waitFor(() => reported().length > 0);
    const before = controlPlane.unchangedAnswers;
    await waitFor(() => controlPlane.unchangedAnswers > before + 3);
    expect(reported()).toEqual([KEYS[0].id]);
  });

  it('is reported with when somebody with a key asked last', async () => {
    await start();
    const { controlPlane } = server;
    await server.infer('linear', row, { key: 'gr_nobody' });
    await waitFor(() => controlPlane.reports.length > 5);
    expect(controlPlane.latestReport?.lastRequestAt).toBeUndefined();
    const before = Date.now();
    await server.infer('linear', row);
    await waitFor(() => controlPlane.latestReport?.lastRequestAt !== undefined);
    const at = Date.parse(String(controlPlane.latestReport?.lastRequestAt));
    expect(at).toBeGreaterThanOrEqual(before);
    expect(at).toBeLessThanOrEqual(Date.now());
  });

  it('is reported as needed while somebody is still being answered', async () => {
    await start();
    const { controlPlane, url } = server;
    const slow = send(`${url}/v2/models/linear/infer`, {
      method: 'POST',
      headers: { authorization: 'Bearer gr_all', 'content-length': '100' },
    });
    slow.on('error', () => {});
    slow.write('{');
    const lastRequestAt = () =>
      String(controlPlane.latestReport?.lastRequestAt);
    await waitFor(() => lastRequestAt() !== 'undefined');
    const first = lastRequestAt();
    await waitFor(() => lastRequestAt() > first);
    slow.destroy();
    expect(Date.parse(lastRequestAt())).toBeGreaterThan(Date.parse(first));
  });

  it('is asked for again as soon as a model is loaded', async () => {
    server = await TestServer.create(linear(v1()));
    await server.start({ GREENROOM_SNAPSHOT_POLL_MILLIS: '60000' });
    const { controlPlane } = server;
    await waitFor(() => controlPlane.reports.length === 2);
    expect(controlPlane.latestReport?.models[0].state).toBe('ready');
  });

  it('takes models away', async () => {
    await start();
    server.controlPlane.snapshot = snapshotOf([], KEYS);
    await waitFor(
      async () => (await server.infer('linear', row)).status === 404,
    );
    const { json } = await server.infer('linear', row);
    expect(json.error).toBe(
      'unknown model "linear": there is none here that your key may call',
    );
  });

  it('that is malformed or of another environment changes nothing', async () => {
    await start();
    const good = linear(v1());
    server.controlPlane.snapshot = {
      ...linear(v2()),
      environment: 'staging',
    };
    await waitFor(() =>
      server.logs.some(line => line.includes('expected \\"production\\"')),
    );
    server.controlPlane.snapshot = {
      ...linear(v2()),
      models: [{ ...good.models[0], variants: [] }],
    };
    await waitFor(() =>
      server.logs.some(line =>
        line.includes('the routes document is malformed'),
      ),
    );
    expect(await versionThatAnswers(server)).toBe('1');
  });
});

describe('a stop', () => {
  it('answers what is in flight and hands the records over', async () => {
    const held = new HeldEndpoint();
    await held.start();
    server = await TestServer.create();
    server.controlPlane.snapshot = snapshotOf(
      [
        routeOf('held', [addRemoteLinear(server.controlPlane, held)]),
        routeOf('colours', [
          variantOf('classifier', { schema: CLASSIFIER_SCHEMA }),
        ]),
      ],
      KEYS,
    );
    await server.start({ GREENROOM_RECORDS_INTERVAL_MILLIS: '60000' });
    const answers = Promise.all(
      Array.from({ length: 5 }, () => server.infer('held', row)),
    );
    await waitFor(() => held.calls.length === 5);
    const stopped = server.stop();
    held.letGo();
    await stopped;
    await held.stop();
    expect((await answers).map(({ status }) => status)).toEqual(
      new Array(5).fill(200),
    );
    expect(server.controlPlane.countRecords()).toBe(5);
    await expect(server.send('/v2/health/live')).rejects.toThrow();
  });
});
