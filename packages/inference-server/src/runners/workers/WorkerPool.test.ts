import { dirname, join } from 'node:path';
import { BroadcastChannel } from 'node:worker_threads';
import type { RunRequest } from '../../domain/ModelRunner';
import type { Tensor } from '../../domain/tensor';
import { createLogger } from '../../logger';
import { waitFor } from '../../testing/waitFor';
import type { ModelFile } from '../onnx/openOnnx';
import { WorkerPool } from './WorkerPool';
import type { WorkerRunner } from './WorkerRunner';

/** Speaks as the real one does, and computes next to nothing. */
const FAKE = join(
  dirname(require.resolve('../../../package.json')),
  'fixtures/worker-threads/fake.cjs',
);
const SMALL = { sizeBytes: 1_000 };
const HUNG_MILLIS = 60_000;
const END_THE_THREAD = -1;
const WAIT_FOR_THE_CHANNEL = -2;

let pool: WorkerPool;
let changes: number;
/** By which the pool's clock is ahead. */
let aheadMillis: number;

function create(maxThreads: number, program = FAKE): WorkerPool {
  const created = new WorkerPool({
    program,
    maxThreads,
    hungMillis: HUNG_MILLIS,
    logger: createLogger({ level: 'error', write: () => {} }),
    now: () => performance.now() + aheadMillis,
  });
  created.onChange(() => {
    changes++;
  });
  return created;
}

beforeEach(() => {
  changes = 0;
  aheadMillis = 0;
});
afterEach(() => pool.close(AbortSignal.timeout(5_000)));

function fileOf(name: string): ModelFile {
  return {
    file: name,
    modelPath: '',
    files: [],
    signature: { inputs: [], outputs: [] },
    batching: { maxRows: 1 },
  };
}

async function open(name: string, size = SMALL): Promise<WorkerRunner> {
  return (await pool.open(fileOf(name), size)).runner;
}

function requestOf(value: number, more: Partial<RunRequest> = {}): RunRequest {
  const data = Float32Array.of(value);
  const x: Tensor = { name: 'x', datatype: 'FP32', shape: [1], data };
  return { inputs: [x], rows: 1, ...more };
}

async function ask(runner: WorkerRunner, value: number): Promise<unknown> {
  const [{ data }] = await runner.run(requestOf(value));
  return [...data];
}

/** Ends the runs that wait for it. */
function go(): void {
  const channel = new BroadcastChannel('fake-worker');
  channel.postMessage('go');
  channel.close();
}

const threadIds = () => pool.report().map(({ id }) => id);

it('opens each model where there is least to do, and runs it there', async () => {
  pool = create(2);
  const runners = [await open('a'), await open('b'), await open('c')];
  expect(pool.report().map(({ models }) => models)).toEqual([2, 1]);
  expect(await Promise.all(runners.map(runner => ask(runner, 21)))).toEqual([
    [42],
    [42],
    [42],
  ]);
  await Promise.all(runners.map(runner => runner.release()));
  expect(pool.report().map(({ models }) => models)).toEqual([0, 0]);
});

it('leaves the inputs where they are, unless they are given away', async () => {
  pool = create(1);
  const runner = await open('a');
  const kept = requestOf(4);
  await runner.run(kept);
  expect([...kept.inputs[0].data]).toEqual([4]);
  const given = requestOf(4, { ownsInputs: true });
  await runner.run(given);
  expect(given.inputs[0].data).toHaveLength(0);
});

it('says why a model cannot be opened, and needs no thread for it', async () => {
  pool = create(1);
  await expect(open('broken')).rejects.toThrow('this file is broken');
  await expect(open('deadly')).rejects.toThrow(
    'the thread that opened the model ended: its status is 8',
  );
  expect(pool.threadsLost).toBe(1);
  const runner = await open('a');
  expect(await ask(runner, 1)).toEqual([2]);
});

it('says that its program is not there', async () => {
  pool = create(1, join(dirname(FAKE), 'missing.cjs'));
  await expect(open('a')).rejects.toThrow(/ended: Cannot find module/);
});

it('loses only what a thread did when it ends, and brings its models back', async () => {
  pool = create(1);
  const [one, other] = [await open('a'), await open('b')];
  const deadly = one.run(requestOf(END_THE_THREAD));
  const waiting = other.run(requestOf(3));
  await expect(deadly).rejects.toMatchObject({
    kind: 'internal',
    message: 'the thread that computed this request ended: its status is 7',
  });
  await expect(waiting).rejects.toMatchObject({ kind: 'not-ready' });
  expect(one.trouble).toBe(
    'the thread that it ran in ended (its status is 7): it is opened again',
  );
  await expect(ask(one, 1)).rejects.toMatchObject({
    kind: 'not-ready',
    message: one.trouble,
  });
  await waitFor(async () => !one.trouble && !other.trouble);
  expect(await Promise.all([ask(one, 5), ask(other, 6)])).toEqual([[10], [12]]);
  // What ended one thread is kept from the other model.
  expect(one.place?.thread).not.toBe(other.place?.thread);
  expect(changes).toBe(4);
  expect(pool.threadsLost).toBe(1);
});

it('says that a model hangs, keeps it, and moves its neighbours', async () => {
  pool = create(1);
  const [hanging, neighbour] = [await open('a'), await open('b')];
  const [first] = threadIds();
  const hung = hanging.run(requestOf(WAIT_FOR_THE_CHANNEL));
  const behind = neighbour.run(requestOf(1));
  behind.catch(() => undefined);
  pool.look();
  expect(hanging.trouble).toBeUndefined();

  aheadMillis = HUNG_MILLIS + 1_000;
  pool.look();
  await expect(behind).rejects.toMatchObject({ kind: 'not-ready' });
  await expect(ask(hanging, 1)).rejects.toMatchObject({
    kind: 'not-ready',
    message:
      'it has computed one request for more than 60 s, and cannot be stopped',
  });
  await waitFor(async () => !neighbour.trouble);
  expect(await ask(neighbour, 1)).toEqual([2]);
  expect(pool.report().map(({ isHung }) => isHung)).toEqual([true, false]);
  expect(threadIds()[0]).toBe(first);

  go();
  expect([...(await hung)[0].data]).toEqual([-4]);
  aheadMillis = 0;
  pool.look();
  expect(hanging.trouble).toBeUndefined();
  expect(await ask(hanging, 1)).toEqual([2]);
  await waitFor(async () => pool.report()[0].models === 1);
  expect(pool.threadsLost).toBe(0);
});

it('does not begin what nobody waits for any more', async () => {
  pool = create(1);
  const [one, other] = [await open('a'), await open('b')];
  const running = one.run(requestOf(WAIT_FOR_THE_CHANNEL));
  const cancellation = { cancelled: false };
  const waiting = other.run(requestOf(END_THE_THREAD, { cancellation }));
  waiting.catch(() => undefined);
  expect(pool.isFree).toBe(false);
  cancellation.cancelled = true;
  // The thread listens before the next look at the line.
  await waitFor(async () => {
    go();
    return pool.isFree;
  });
  await running;
  await expect(waiting).rejects.toMatchObject({ kind: 'cancelled' });
  expect(pool.threadsLost).toBe(0);
});

it('does not begin what is too late', async () => {
  pool = create(1);
  const [one, other] = [await open('a'), await open('b')];
  const running = one.run(requestOf(WAIT_FOR_THE_CHANNEL));
  const cancellation = { cancelled: false, deadlineMillis: 0 };
  const waiting = other.run(requestOf(END_THE_THREAD, { cancellation }));
  waiting.catch(() => undefined);
  await waitFor(async () => {
    go();
    return pool.isFree;
  });
  await running;
  await expect(waiting).rejects.toMatchObject({ kind: 'deadline' });
  expect(pool.threadsLost).toBe(0);
});

it('ends threads that nobody needs', async () => {
  pool = create(2);
  const [one] = [await open('a'), await open('b')];
  await one.release();
  pool.look();
  expect(threadIds()).toHaveLength(2);
  aheadMillis = 120_000;
  pool.look();
  expect(threadIds()).toEqual([2]);
});

it('leaves a thread alone that computes when it is closed', async () => {
  pool = create(1);
  const runner = await open('a');
  const running = runner.run(requestOf(WAIT_FOR_THE_CHANNEL));
  await pool.close(AbortSignal.abort());
  expect(pool.isBusy).toBe(true);
  await waitFor(async () => {
    go();
    return !pool.isBusy;
  });
  await expect(running).resolves.toHaveLength(1);
  await pool.close(AbortSignal.timeout(5_000));
});
