import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Snapshot } from '@greenroom/plugin-ai-inference-common';
import {
  CLASSIFIER_SCHEMA,
  fixtureBytes,
  keyOf,
  routeOf,
  SIGNATURES,
  snapshotOf,
  variantOf,
} from './testing/fixtures';
import { TestServer } from './testing/startTestServer';
import { waitFor } from './testing/waitFor';

jest.setTimeout(60_000);

const KEYS = [keyOf('gr_all', ['*'])];
const row = {
  inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 3], data: [1, 2, 3] }],
};
const ANSWERS: Record<string, number> = { '1': 21.8, '2': 121.8 };

const v1 = (weightPercent = 100) =>
  variantOf('linear-1', { version: 1, weightPercent });
const v2 = (weightPercent = 100) =>
  variantOf('linear-2', { version: 2, weightPercent });
const linear = (...variants: ReturnType<typeof variantOf>[]) =>
  snapshotOf([routeOf('linear', variants)], KEYS);

let server: TestServer;

async function start(snapshot = linear(v1())): Promise<void> {
  server = await TestServer.create(snapshot);
  await server.start();
}

afterEach(() => server.close());

async function versionThatAnswers(
  assignmentId?: string,
): Promise<string | undefined> {
  const { status, json } = await server.infer('linear', row, {
    headers: assignmentId ? { 'x-assignment-id': assignmentId } : {},
  });
  expect(status).toBe(200);
  expect(json.outputs[0].data).toEqual([ANSWERS[json.model_version]]);
  return json.model_version;
}

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
      models: [v1(), v2()].map(({ version, digest }) => ({
        model: 'linear',
        version,
        digest,
        state: 'ready',
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

  it('is asked for with the keys that were used, until that was heard', async () => {
    await start();
    const { controlPlane } = server;
    const reported = () =>
      controlPlane.reports.flatMap(({ keysUsed }) => keysUsed ?? []);
    await controlPlane.stop();
    await server.infer('linear', row);
    await server.infer('linear', row);
    await waitFor(() =>
      server.logs.some(line => line.includes('no snapshot from the control')),
    );
    expect(reported()).toEqual([]);
    await controlPlane.start();
    await waitFor(() => controlPlane.unchangedAnswers > 3);
    expect(reported()).toEqual([KEYS[0].id]);
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
      server.logs.some(line => line.includes('the snapshot is malformed')),
    );
    expect(await versionThatAnswers()).toBe('1');
  });
});

describe('a broken version', () => {
  it('with other bytes than its digest is refused, and the old one goes on', async () => {
    await start();
    const { controlPlane } = server;
    controlPlane.artifacts.set(v2().digest, fixtureBytes('linear-1'));
    controlPlane.snapshot = linear(v2());
    await waitFor(
      () => controlPlane.latestReport?.models[0]?.state === 'failed',
    );
    expect(controlPlane.latestReport?.models).toEqual([
      {
        model: 'linear',
        version: 2,
        digest: v2().digest,
        state: 'failed',
        error: `the artifact's digest is ${v1().digest}, expected ${
          v2().digest
        }`,
      },
    ]);
    expect(await versionThatAnswers()).toBe('1');
    const asked = await server.infer('linear', row, { version: 2 });
    expect([asked.status, asked.json]).toEqual([
      503,
      {
        error:
          'version 2 of model "linear" is not ready: it is being loaded, or failed to load',
      },
    ]);
    const files = await readdir(join(server.environmentDirectory, 'artifacts'));
    expect(files).toEqual([v1().digest.slice('sha256:'.length)]);
    const metrics = String((await server.send('/metrics')).body);
    expect(metrics).toContain('\ngreenroom_models_failed 1\n');
  });

  it.each([
    [
      'that is no model',
      () => Buffer.from('no model'),
      SIGNATURES['linear-2'],
      'the model cannot be loaded',
    ],
    [
      'whose file is not what its signature says',
      () => fixtureBytes('simple'),
      SIGNATURES['linear-2'],
      'the file has no input tensor "x", which its signature names',
    ],
    [
      'whose shape is not what its signature says',
      () => fixtureBytes('classifier'),
      SIGNATURES['linear-2'],
      'input "x" is float32 [-1,4] in the file, but its signature says FP32 [-1,3]',
    ],
  ])('%s is reported', async (_what, bytes, signature, message) => {
    await start();
    const { controlPlane } = server;
    const digest = controlPlane.addArtifact(bytes());
    const sizeBytes = bytes().length;
    controlPlane.snapshot = linear(
      v1(90),
      variantOf('linear-2', {
        version: 2,
        weightPercent: 10,
        digest,
        sizeBytes,
        signature,
      }),
    );
    await waitFor(
      () => controlPlane.latestReport?.models[1]?.state === 'failed',
    );
    expect(controlPlane.latestReport?.models[1].error).toContain(message);
    for (let call = 0; call < 20; call++) {
      expect(await versionThatAnswers()).toBe('1');
    }
  });

  it('that is longer than it should be is not kept', async () => {
    await start();
    server.controlPlane.snapshot = linear({ ...v2(), sizeBytes: 10 });
    await waitFor(() =>
      server.logs.some(line => line.includes('is longer than the 10 bytes')),
    );
    expect(await versionThatAnswers()).toBe('1');
  });

  it('is tried again when its artifact could not be fetched', async () => {
    await start();
    const { controlPlane } = server;
    const bytes = fixtureBytes('linear-2');
    controlPlane.artifacts.delete(v2().digest);
    controlPlane.snapshot = linear(v2());
    await waitFor(() =>
      server.logs.some(line =>
        line.includes('answered 404 when asked for an artifact'),
      ),
    );
    await waitFor(
      () => controlPlane.latestReport?.models[0].state === 'loading',
    );
    controlPlane.artifacts.set(v2().digest, bytes);
    await waitFor(async () => (await versionThatAnswers()) === '2');
    expect(server.controlPlane.artifactRequests).toBe(3);
  });
});

describe('while the control plane is away', () => {
  it('goes on serving, and follows when it is back', async () => {
    await start();
    await server.controlPlane.stop();
    await waitFor(() =>
      server.logs.some(line => line.includes('no snapshot from the control')),
    );
    expect(await versionThatAnswers()).toBe('1');
    server.controlPlane.snapshot = linear(v2());
    await server.controlPlane.start();
    await waitFor(async () => (await versionThatAnswers()) === '2');
  });

  it('starts from the last good snapshot', async () => {
    await start(linear(v1(50), v2(50)));
    await server.stop();
    await server.controlPlane.stop();
    await server.start();
    expect((await server.send('/v2/health/ready')).status).toBe(200);
    const answers = new Set<string | undefined>();
    for (let call = 0; call < 40; call++) {
      answers.add(await versionThatAnswers());
    }
    expect(answers).toEqual(new Set(['1', '2']));
    expect((await server.infer('linear', row, { key: 'gr_no' })).status).toBe(
      401,
    );
  });

  it('starts from what really served, when the newest snapshot was broken', async () => {
    await start();
    const { controlPlane } = server;
    controlPlane.artifacts.set(v2().digest, fixtureBytes('linear-1'));
    controlPlane.snapshot = snapshotOf(
      [routeOf('linear', [v2()])],
      [keyOf('gr_new', ['*'])],
    );
    await waitFor(
      () => controlPlane.latestReport?.models[0]?.state === 'failed',
    );
    const file = join(server.environmentDirectory, 'snapshot.json');
    await waitFor(async () => {
      const saved = JSON.parse(await readFile(file, 'utf8'));
      return saved.id === controlPlane.snapshot?.id;
    });
    for (const controlPlaneIsThere of [true, false]) {
      await server.stop();
      if (!controlPlaneIsThere) await controlPlane.stop();
      await server.start();
      expect((await server.infer('linear', row)).status).toBe(401);
      const { status, json } = await server.infer('linear', row, {
        key: 'gr_new',
      });
      expect([status, json.model_version]).toEqual([200, '1']);
    }
  });

  it('is not ready without any snapshot, and says so', async () => {
    server = await TestServer.create();
    await server.controlPlane.stop();
    await server.start();
    const ready = await server.send('/v2/health/ready');
    expect([ready.status, ready.json]).toEqual([503, { ready: false }]);
    expect((await server.send('/v2/health/live')).status).toBe(200);
    server.controlPlane.snapshot = linear(v1());
    await server.controlPlane.start();
    await waitFor(
      async () => (await server.send('/v2/health/ready')).status === 200,
    );
    expect(await versionThatAnswers()).toBe('1');
  });

  it('does not trust a damaged disk', async () => {
    await start();
    await server.stop();
    const { environmentDirectory, controlPlane } = server;
    await writeFile(join(environmentDirectory, 'snapshot.json'), '{"id":');
    const artifact = join(
      environmentDirectory,
      'artifacts',
      v1().digest.slice('sha256:'.length),
    );
    await writeFile(artifact, 'something else');
    const before = controlPlane.artifactRequests;
    await server.start();
    expect(controlPlane.artifactRequests).toBe(before + 1);
    expect(await versionThatAnswers()).toBe('1');
    expect(
      server.logs.some(line =>
        line.includes('the snapshot on disk is of no use'),
      ),
    ).toBe(true);
  });

  it('serves also when it cannot write the snapshot', async () => {
    server = await TestServer.create(linear(v1()));
    // A folder where the file should be cannot be replaced by it.
    await mkdir(join(server.environmentDirectory, 'snapshot.json', 'x'), {
      recursive: true,
    });
    await server.start();
    expect((await server.send('/v2/health/ready')).status).toBe(200);
    expect(await versionThatAnswers()).toBe('1');
    expect(
      server.logs.some(line => line.includes('the snapshot was not saved')),
    ).toBe(true);
  });

  it('keeps no artifacts that nothing needs', async () => {
    await start();
    server.controlPlane.snapshot = linear(v2());
    const digests = async () =>
      (await readdir(join(server.environmentDirectory, 'artifacts'))).map(
        name => `sha256:${name}`,
      );
    await waitFor(async () => {
      const found = await digests();
      return found.length === 1 && found[0] === v2().digest;
    });
    expect(await versionThatAnswers()).toBe('2');
  });
});

async function publish(snapshot: Snapshot): Promise<void> {
  const { controlPlane } = server;
  controlPlane.snapshot = snapshot;
  await waitFor(() => controlPlane.latestReport?.snapshotId === snapshot.id);
}

describe('a canary', () => {
  it('keeps callers where they are while its share grows', async () => {
    await start(linear(v1(100), v2(0)));
    const callers = Array.from({ length: 60 }, (_, i) => `caller-${i}`);
    const assign = async () =>
      new Map(
        await Promise.all(
          callers.map(async id => [id, await versionThatAnswers(id)] as const),
        ),
      );
    let latest = await assign();
    expect(new Set(latest.values())).toEqual(new Set(['1']));
    const shares: number[] = [];
    for (const weight of [10, 30, 60, 100]) {
      await publish(linear(v1(100 - weight), v2(weight)));
      const before = latest;
      const after = await assign();
      expect(await assign()).toEqual(after);
      const moved = callers.filter(id => before.get(id) === '2');
      expect(moved.filter(id => after.get(id) === '1')).toEqual([]);
      shares.push([...after.values()].filter(v => v === '2').length);
      latest = after;
    }
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares[0]).toBeGreaterThan(0);
    expect(shares[0]).toBeLessThan(30);
    expect(shares[3]).toBe(60);
  });

  it('answers by name without any share', async () => {
    await start(linear(v1(100), v2(0)));
    const { json } = await server.infer('linear', row, { version: 2 });
    expect(json.model_version).toBe('2');
    expect(await versionThatAnswers()).toBe('1');
  });

  it('gets its share of callers without an id', async () => {
    await start(linear(v1(50), v2(50)));
    let canary = 0;
    for (let call = 0; call < 100; call++) {
      if ((await versionThatAnswers()) === '2') canary++;
    }
    expect(canary).toBeGreaterThan(20);
    expect(canary).toBeLessThan(80);
  });
});

describe('a stop', () => {
  it('answers what is in flight and hands the records over', async () => {
    server = await TestServer.create(
      snapshotOf(
        [
          routeOf('slow', [variantOf('linear-1')], {
            batching: { maxRows: 64, maxDelayMicros: 150_000 },
          }),
          routeOf('colours', [
            variantOf('classifier', { schema: CLASSIFIER_SCHEMA }),
          ]),
        ],
        KEYS,
      ),
    );
    await server.start({ GREENROOM_RECORDS_INTERVAL_MILLIS: '60000' });
    const answers = Promise.all(
      Array.from({ length: 5 }, () => server.infer('slow', row)),
    );
    await waitFor(async () =>
      String((await server.send('/metrics')).body).includes(
        'greenroom_queued_requests 5',
      ),
    );
    await server.stop();
    expect((await answers).map(({ status }) => status)).toEqual(
      new Array(5).fill(200),
    );
    expect(server.controlPlane.countRecords()).toBe(5);
    await expect(server.send('/v2/health/live')).rejects.toThrow();
  });
});
