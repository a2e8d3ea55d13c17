import { setImmediate } from 'node:timers/promises';
import { fixtureFile, SIGNATURES } from '../../testing/fixtures';
import { waitFor } from '../../testing/waitFor';
import { ModelOpener, type ReadyModel } from '../ModelOpener';
import { Turns } from '../TurnTakingRunner';
import { estimateMemory } from './estimateMemory';
import { MeasuredMemory } from './MeasuredMemory';
import { MemoryBudget } from './MemoryBudget';
import { OnDemandModel } from './OnDemandModel';
import { OnDemandRunner } from './OnDemandRunner';

const REQUEST = {
  inputs: [
    {
      name: 'x',
      datatype: 'FP32' as const,
      shape: [1, 3],
      data: Float32Array.of(1, 2, 3),
    },
  ],
  rows: 1,
};
const FILE = {
  file: fixtureFile('linear-1'),
  modelPath: '',
  files: [],
  signature: SIGNATURES['linear-1'],
  batching: { maxRows: 8 },
};
const SIZE = { sizeBytes: 200 };
const BYTES = estimateMemory(SIZE.sizeBytes);

const opener = new ModelOpener({ turns: new Turns(), pool: undefined });

/** A real model on demand, whose openings and runs can be held up or fail. */
async function modelIn(budget: MemoryBudget) {
  const seat = await budget.enter(BYTES);
  const ready = await opener.open(FILE, { ...SIZE, wish: undefined });
  const hold = {
    opening: Promise.resolve(),
    running: Promise.resolve(),
    failure: undefined as Error | undefined,
    isOpen: true,
    errors: [] as string[],
    /** What each opening is measured to take. */
    grownBytes: undefined as number | undefined,
    trouble: undefined as string | undefined,
  };
  const heldUp = (model: ReadyModel): ReadyModel => ({
    ...model,
    grownBytes: hold.grownBytes,
    trouble: () => hold.trouble,
    runner: {
      signature: model.runner.signature,
      rowWise: model.runner.rowWise,
      dimensions: model.runner.dimensions,
      async run(request) {
        await hold.running;
        return model.runner.run(request);
      },
      async release() {
        await model.runner.release();
        hold.isOpen = false;
      },
    },
  });
  const model = new OnDemandModel({
    ready: heldUp(ready),
    memory: new MeasuredMemory(SIZE.sizeBytes),
    seat,
    budget,
    openAgain: async () => {
      await hold.opening;
      if (hold.failure) throw hold.failure;
      const again = heldUp(await opener.openAgain(FILE, ready, SIZE));
      hold.isOpen = true;
      return again;
    },
    onError: message => hold.errors.push(message),
    unloadWaitMillis: 50,
  });
  const runner = new OnDemandRunner({ model, inner: model });
  const answer = async (cancellation?: {
    cancelled: boolean;
    deadlineMillis?: number;
  }) => {
    const [output] = await runner.run({ ...REQUEST, cancellation });
    return [...(output.data as Float32Array)];
  };
  return { model, ready, hold, answer };
}

function gate() {
  let open = () => {};
  const opened = new Promise<void>(resolve => {
    open = resolve;
  });
  return { opened, open };
}

const unbounded = () => new MemoryBudget({ limitBytes: 0 });

it('answers after it was unloaded as before, opened once for all that wait, with its statistics', async () => {
  const budget = unbounded();
  const { model, answer, hold, ready } = await modelIn(budget);
  const before = await answer();
  await model.unload();
  expect([model.isInMemory, hold.isOpen, budget.bytes]).toEqual([
    false,
    false,
    0,
  ]);
  const answers = await Promise.all(Array.from({ length: 9 }, () => answer()));
  expect(answers).toEqual(Array(9).fill(before));
  expect([model.openings, model.isInMemory, budget.bytes]).toEqual([
    2,
    true,
    BYTES,
  ]);
  expect(ready.statistics.executions).toBeGreaterThanOrEqual(10);
  await model.release();
  expect(hold.isOpen).toBe(false);
});

it('waits for an opening no longer than its own time, and others wait on', async () => {
  const { model, answer, hold } = await modelIn(unbounded());
  await model.unload();
  const { opened, open } = gate();
  hold.opening = opened;
  const patient = answer();
  await expect(
    answer({ cancelled: false, deadlineMillis: performance.now() + 20 }),
  ).rejects.toMatchObject({ kind: 'deadline' });
  open();
  await expect(patient).resolves.toHaveLength(1);
});

it('tells who waits why it cannot be opened, and tries again for the next', async () => {
  const budget = unbounded();
  const { model, answer, hold } = await modelIn(budget);
  await model.unload();
  hold.failure = new Error('its file is gone');
  const failed = await Promise.allSettled([answer(), answer()]);
  for (const one of failed) {
    expect(one).toMatchObject({
      status: 'rejected',
      reason: {
        kind: 'not-ready',
        message: 'the model could not be opened again: its file is gone',
      },
    });
  }
  expect(budget.bytes).toBe(0);
  hold.failure = undefined;
  await expect(answer()).resolves.toHaveLength(1);
});

it('leaves for another one when it is idle, and never while it runs', async () => {
  const budget = new MemoryBudget({ limitBytes: 1.5 * BYTES, waitMillis: 50 });
  const first = await modelIn(budget);
  const { opened, open } = gate();
  first.hold.running = opened;
  const running = first.answer();
  await expect(modelIn(budget)).rejects.toMatchObject({ kind: 'overloaded' });
  expect(first.hold.isOpen).toBe(true);
  const waiting = budget.enter(BYTES);
  open();
  await expect(running).resolves.toHaveLength(1);
  const seat = await waiting;
  expect(first.model.isInMemory).toBe(false);
  // There is room for neither both nor a second waiting.
  await expect(first.answer()).rejects.toMatchObject({ kind: 'overloaded' });
  seat.leave();
  await expect(first.answer()).resolves.toHaveLength(1);
  expect(budget.peakBytes).toBe(BYTES);
});

it('takes turns with others that are in use all the time, and no run is ended for that', async () => {
  const budget = new MemoryBudget({
    limitBytes: 1.5 * BYTES,
    urgentMillis: 20,
  });
  const first = await modelIn(budget);
  const second = await modelIn(budget);
  let isOver = false;
  const answers = [0, 0];
  const askOn = async (one: typeof first, number: number) => {
    while (!isOver) {
      await one.answer();
      answers[number]++;
      // Two at a time are never both between two requests.
      await setImmediate();
    }
  };
  const asking = [first, first, second, second].map((one, i) =>
    askOn(one, i < 2 ? 0 : 1),
  );
  await waitFor(() => first.model.openings > 3 && second.model.openings > 3);
  isOver = true;
  await Promise.all(asking);
  expect(Math.min(...answers)).toBeGreaterThan(3);
  expect(budget.peakBytes).toBe(BYTES);
});

it('is not unloaded by a caller while others need it', async () => {
  const { model, answer, hold } = await modelIn(unbounded());
  const { opened, open } = gate();
  hold.running = opened;
  const running = answer();
  await expect(model.unload()).rejects.toMatchObject({
    kind: 'overloaded',
    message: expect.stringContaining('still used by 1 requests'),
  });
  expect(hold.isOpen).toBe(true);
  const unloaded = model.unload();
  // Whoever comes now waits until it is back.
  const next = answer();
  open();
  await expect(running).resolves.toHaveLength(1);
  await unloaded;
  expect(hold.isOpen).toBe(false);
  await expect(next).resolves.toHaveLength(1);
  expect(model.openings).toBe(2);
});

it('stays while its thread is lost, which brings it back by itself', async () => {
  const budget = new MemoryBudget({
    limitBytes: 1.5 * BYTES,
    waitMillis: 50,
    urgentMillis: 10,
  });
  const { model, hold } = await modelIn(budget);
  hold.trouble = 'its thread has ended: it is opened again';
  expect(model.trouble).toBe(hold.trouble);
  await expect(model.unload()).rejects.toMatchObject({
    kind: 'not-ready',
    message: hold.trouble,
  });
  await expect(budget.enter(BYTES)).rejects.toMatchObject({
    kind: 'overloaded',
  });
  expect(hold.isOpen).toBe(true);
  hold.trouble = undefined;
  const seat = await budget.enter(BYTES);
  expect(model.isInMemory).toBe(false);
  seat.leave();
});

it('frees what was being opened when it is released', async () => {
  const budget = unbounded();
  const { model, hold, answer } = await modelIn(budget);
  await model.unload();
  const { opened, open } = gate();
  hold.opening = opened;
  const loading = model.load();
  const released = model.release();
  open();
  await Promise.all([loading, released]);
  await waitFor(() => !hold.isOpen);
  expect(budget.bytes).toBe(0);
  await expect(answer()).rejects.toMatchObject({ kind: 'not-ready' });
});

/** Has openings agree on what a model takes. */
async function measure(
  { model, hold, answer }: Awaited<ReturnType<typeof modelIn>>,
  grownBytes: number,
) {
  hold.grownBytes = grownBytes;
  for (let opening = 0; opening < 2; opening++) {
    await model.unload();
    await answer();
  }
}

it('takes as much room as it is measured to, for which others leave', async () => {
  const mebibytes = 1024 * 1024;
  const budget = new MemoryBudget({
    limitBytes: 100 * mebibytes,
    waitMillis: 50,
    urgentMillis: 10,
  });
  const others = [await modelIn(budget), await modelIn(budget)];
  const one = await modelIn(budget);
  const takenBytes = 99 * mebibytes + 900_000;
  await measure(one, takenBytes);
  await waitFor(() => budget.bytes === takenBytes);
  expect(others.map(({ model }) => model.isInMemory)).toEqual([false, false]);
  // It is known before the next time.
  await others[1].answer();
  expect(one.model.isInMemory).toBe(false);
  one.hold.grownBytes = undefined;
  await one.answer();
  expect(budget.bytes).toBe(takenBytes);
  expect(others.map(({ model }) => model.isInMemory)).toEqual([false, false]);
});

it('stays where it alone takes more than there is, and another one takes its place', async () => {
  const budget = new MemoryBudget({ limitBytes: 2 * BYTES });
  const large = await modelIn(budget);
  await measure(large, 1e9);
  await large.answer();
  expect([large.model.isInMemory, large.model.openings]).toEqual([true, 3]);
  const small = await modelIn(budget);
  expect([large.model.isInMemory, budget.bytes]).toEqual([false, BYTES]);
  await large.answer();
  expect([small.model.isInMemory, budget.bytes]).toEqual([false, 1e9]);
});
