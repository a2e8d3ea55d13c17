import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecordSample } from '@greenroom/plugin-ai-inference-common';
import {
  CLASSIFIER_SCHEMA,
  keyOf,
  routeOf,
  snapshotOf,
  variantOf,
} from './testing/fixtures';
import { TestServer } from './testing/startTestServer';
import { waitFor } from './testing/waitFor';

jest.setTimeout(60_000);

const snapshot = snapshotOf(
  [
    routeOf(
      'colours',
      [variantOf('classifier', { schema: CLASSIFIER_SCHEMA })],
      { recordedRowsPerSecond: 1_000 },
    ),
    routeOf('unexplained', [variantOf('linear-1')]),
  ],
  [keyOf('gr_all', ['*']), keyOf('gr_other', ['unexplained'])],
);
const colours = (...rows: number[][]) => ({
  inputs: [
    { name: 'x', datatype: 'FP32', shape: [rows.length, 4], data: rows.flat() },
  ],
});

let server: TestServer;

beforeEach(async () => {
  server = await TestServer.create(snapshot);
});

afterEach(() => server.close());

it('tells each request with its status, rows, latency and version', async () => {
  await server.start();
  const { controlPlane } = server;
  const before = Date.now();
  await server.infer('colours', colours([1, 0, 0, 0], [0, 1, 0, 0]));
  await server.infer('colours', colours([1, 0, 0]));
  await server.infer('colours', '{');
  await server.infer('colours', colours([0, 0, 0, 1]), { version: 7 });
  await server.infer('colours', colours([0, 0, 0, 1]), { key: 'gr_other' });
  await server.infer('nothing', colours([0, 0, 0, 1]));
  await waitFor(() => controlPlane.countRecords() >= 4);
  const records = controlPlane.batches.flatMap(batch =>
    batch.groups.flatMap(group =>
      group.at.map((at, i) => {
        expect(at).toBeGreaterThanOrEqual(before);
        expect(at).toBeLessThanOrEqual(Date.now());
        expect(group.latencyMicros[i]).toBeGreaterThan(0);
        expect(Number.isInteger(group.latencyMicros[i])).toBe(true);
        return [group.model, group.version, group.status[i], group.rows[i]];
      }),
    ),
  );
  expect(records.sort()).toEqual(
    [
      ['colours', 1, 200, 2],
      ['colours', 1, 400, 0],
      ['colours', 1, 400, 0],
      ['colours', 0, 404, 0],
    ].sort(),
  );
  for (const batch of controlPlane.batches) {
    expect(batch).toMatchObject({
      formatVersion: 2,
      producer: controlPlane.latestReport?.producer,
      environment: 'production',
      lost: { total: 0, samples: 0 },
    });
  }
});

it('takes nothing down of callers without a key for the model', async () => {
  await server.start();
  const body = colours([1, 0, 0, 0]);
  for (const key of ['', 'gr_wrong', 'gr_other']) {
    const { status } = await server.infer('colours', body, { key });
    expect(status).toBe(key === 'gr_other' ? 403 : 401);
  }
  await server.infer('colours', body);
  const { controlPlane } = server;
  await waitFor(() => controlPlane.countRecords() > 0);
  await server.stop();
  expect(controlPlane.countRecords()).toBe(1);
});

it('counts them in the metrics', async () => {
  await server.start();
  await server.infer('colours', colours([1, 0, 0, 0]), { key: 'gr_wrong' });
  expect(await server.metrics()).toContain(
    'greenroom_requests_total{model="colours",version="0",status="401"} 1',
  );
});

it('copies rows in the order of the features, with the class label', async () => {
  await server.start();
  await server.infer('colours', colours([1, 2, 3, 4], [9, 8, 7, 6]));
  await server.infer('colours', {
    ...colours([5, 6, 7, 8]),
    outputs: [{ name: 'probabilities' }],
  });
  await server.infer('unexplained', {
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 3], data: [1, 2, 3] }],
  });
  await waitFor(() => server.controlPlane.countRecords() === 3);
  const samples: RecordSample[] = server.controlPlane.batches.flatMap(batch =>
    batch.groups.flatMap(group => group.samples),
  );
  expect(
    samples.map(({ features, prediction }) => [features, prediction]),
  ).toEqual([
    [[4, 1], 'grey'],
    [[6, 9], 'red'],
    [[8, 5], undefined],
  ]);
});

it('copies no more rows than the route says', async () => {
  const [route] = snapshot.models;
  server.controlPlane.snapshot = snapshotOf(
    [{ ...route, recordedRowsPerSecond: 3 }],
    snapshot.keys,
  );
  await server.start();
  const rows = Array.from({ length: 10 }, () => [1, 2, 3, 4]);
  const first = Math.floor(Date.now() / 1000);
  await server.infer('colours', colours(...rows));
  await server.infer('colours', colours(...rows));
  const seconds = Math.floor(Date.now() / 1000) - first + 1;
  await waitFor(() => server.controlPlane.countRecords() === 2);
  const samples = server.controlPlane.batches.flatMap(batch =>
    batch.groups.flatMap(group => group.samples),
  );
  expect(samples.length).toBeGreaterThanOrEqual(3);
  expect(samples.length).toBeLessThanOrEqual(3 * seconds);
});

it('repeats a batch until it has its receipt, so that each record counts once', async () => {
  const { controlPlane } = server;
  let calls = 0;
  // The first arrives and its receipt is lost, the second is refused for now.
  controlPlane.onBatch = () => {
    calls++;
    if (calls === 1) return 0;
    return calls === 2 ? 503 : 200;
  };
  await server.start();
  for (let call = 0; call < 20; call++) {
    expect((await server.infer('colours', colours([1, 2, 3, 4]))).status).toBe(
      200,
    );
  }
  await waitFor(() => calls >= 3 && controlPlane.countRecords() === 20);
  const [first, second, third] = controlPlane.batches;
  expect([second.sequence, third.sequence]).toEqual([1, 1]);
  expect(second.groups).toEqual(first.groups);
  expect(third.groups).toEqual(first.groups);
  const sequences = controlPlane.batches.slice(2).map(each => each.sequence);
  expect(sequences).toEqual(sequences.map((_, i) => i + 1));
});

it('keeps records while the control plane is away, within its bounds', async () => {
  await server.start({ GREENROOM_RECORDS_MAX_BUFFERED: '1000' });
  const { controlPlane } = server;
  await controlPlane.stop();
  const body = JSON.stringify(colours([1, 2, 3, 4]));
  const ask = () => server.infer('colours', body);
  for (let round = 0; round < 30; round++) {
    await Promise.all(Array.from({ length: 50 }, ask));
  }
  const metrics = await server.metrics();
  const dropped = Number(
    /^greenroom_records_dropped_total (\d+)$/m.exec(metrics)?.[1],
  );
  const waiting = Number(
    /^greenroom_records_waiting (\d+)$/m.exec(metrics)?.[1],
  );
  expect(waiting).toBeLessThanOrEqual(1000);
  expect(dropped + waiting).toBe(1500);
  await controlPlane.start();
  await waitFor(() => controlPlane.countRecords() === waiting);
  expect(controlPlane.batches.at(-1)?.lost.total).toBe(dropped);
});

it('halves a batch that is refused, and gives up only what cannot be taken', async () => {
  const { controlPlane } = server;
  controlPlane.onBatch = ({ groups }) =>
    groups.some(({ status }) => status.includes(400)) ? 422 : 200;
  await server.start({ GREENROOM_RECORDS_INTERVAL_MILLIS: '500' });
  for (let call = 0; call < 9; call++) {
    await server.infer('colours', colours([1, 2, 3, 4]));
  }
  await server.infer('colours', '{');
  await waitFor(() => controlPlane.taken.at(-1)?.lost.total === 1);
  const taken = controlPlane.taken.flatMap(({ groups }) => groups);
  expect(taken.flatMap(({ status }) => status)).toEqual(new Array(9).fill(200));
  expect(taken.flatMap(({ samples }) => samples)).toHaveLength(9);
  expect(await server.metrics()).toMatch(
    /^greenroom_records_dropped_total 1$/m,
  );
  const failure = server.logs.find(line => line.includes('given up'));
  expect(JSON.parse(failure ?? '{}')).toMatchObject({
    reason: expect.stringContaining('status 422'),
    model: 'colours',
    version: 1,
    records: 1,
  });
});

it('keeps records on disk that wait at a stop, and delivers each once after the next start', async () => {
  const { controlPlane } = server;
  let calls = 0;
  controlPlane.onBatch = () => {
    calls++;
    return calls === 1 ? 0 : 200;
  };
  await server.start();
  await server.infer('colours', colours([1, 2, 3, 4]));
  // It was taken, and its receipt is lost.
  await waitFor(() => calls === 1);
  await controlPlane.stop();
  for (let call = 0; call < 20; call++) {
    await server.infer('colours', colours([1, 2, 3, 4]));
  }
  const [{ producer }] = controlPlane.batches;
  await server.stop();
  await server.start();
  expect((await server.infer('colours', colours([5, 6, 7, 8]))).status).toBe(
    200,
  );
  await controlPlane.start();
  await waitFor(() => controlPlane.countRecords() === 22);
  const before = controlPlane.batches.filter(
    batch => batch.producer === producer,
  );
  expect(before.length).toBeGreaterThan(1);
  expect(before.length).toBeLessThan(controlPlane.batches.length);
  const folder = join(server.environmentDirectory, 'records');
  await waitFor(async () => (await readdir(folder)).length === 0);
  expect(controlPlane.countRecords()).toBe(22);
});

it('bounds what waits on disk, and tells what did not fit', async () => {
  const { controlPlane } = server;
  await server.start({ GREENROOM_RECORDS_SPOOL_BYTES: '2000' });
  await controlPlane.stop();
  for (let call = 0; call < 100; call++) {
    await server.infer('colours', colours([1, 2, 3, 4]));
  }
  await server.stop();
  const folder = join(server.environmentDirectory, 'records');
  const sizes = await Promise.all(
    (
      await readdir(folder)
    ).map(async name => {
      const { size, mode } = await stat(join(folder, name));
      expect(mode & 0o077).toBe(0);
      return size;
    }),
  );
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(2_100);
  await server.start();
  await controlPlane.start();
  await waitFor(
    async () =>
      controlPlane.taken.length > 0 && (await readdir(folder)).length === 0,
  );
  const lost = Math.max(...controlPlane.taken.map(batch => batch.lost.total));
  expect(lost).toBeGreaterThan(0);
  expect(controlPlane.countRecords() + lost).toBe(100);
});

it('says what is lost at a stop when nothing is kept on disk', async () => {
  await server.start({ GREENROOM_RECORDS_SPOOL_BYTES: '0' });
  await server.controlPlane.stop();
  await server.infer('colours', colours([1, 2, 3, 4]));
  await server.stop();
  expect(
    server.logs.some(
      line =>
        line.includes('are lost with this process') &&
        line.includes('"records":1'),
    ),
  ).toBe(true);
});
