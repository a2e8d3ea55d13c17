import type { BatchingOptions } from '@greenroom/plugin-ai-inference-common';
import type { ModelRunner, RunRequest } from '../domain/ModelRunner';
import type { Tensor } from '../domain/tensor';
import { SIGNATURES } from '../testing/fixtures';
import { BatchingRunner } from './BatchingRunner';
import { CostModel } from './cost/CostModel';
import { decideFlush, waitForDelay, type FlushRule } from './decideFlush';

/** A value that the model refuses. */
const BAD = -1;

/** A model that doubles its rows, when the test lets it. */
function create(
  options: Partial<BatchingOptions> & {
    rule?: FlushRule;
    gathersWhileBusy?: boolean;
    mostMillis?: number;
    millisPerRow?: number;
    millisPerRun?: number;
  } = {},
) {
  const { millisPerRow = 0, millisPerRun = 0 } = options;
  const batches: number[] = [];
  const ends: (() => void)[] = [];
  const inner: ModelRunner = {
    signature: SIGNATURES['linear-1'],
    rowWise: true,
    dimensions: [],
    run: ({ inputs: [x], rows }: RunRequest) => {
      batches.push(rows ?? 0);
      if (x.data[0] === BAD) return Promise.reject(new Error('no such value'));
      const values = x.data as Float32Array;
      const data = Float32Array.from(
        { length: rows ?? 0 },
        (_, i) => values[i * 3] * 2,
      );
      const y: Tensor = {
        name: 'y',
        datatype: 'FP32',
        shape: [data.length, 1],
        data,
      };
      return new Promise(resolve => {
        ends.push(() => resolve([y]));
      });
    },
    release: async () => undefined,
  };
  const runner = new BatchingRunner({
    inner,
    batching: { maxRows: 64, maxDelayMicros: 0, ...options },
    mostMillis: options.mostMillis ?? 5,
    gathersWhileBusy: options.gathersWhileBusy ?? false,
    cost: new CostModel(
      [1, 8, 32].map(rows => ({
        rows,
        millis: rows * millisPerRow + millisPerRun,
      })),
    ),
    rule: options.rule ?? decideFlush,
  });
  const ask = async (value: number, more: Partial<RunRequest> = {}) => {
    const data = Float32Array.of(value, 0, 0);
    const x: Tensor = { name: 'x', datatype: 'FP32', shape: [1, 3], data };
    const [{ data: answer }] = await runner.run({
      inputs: [x],
      rows: 1,
      ...more,
    });
    return answer[0];
  };
  const endAll = async () => {
    while (ends.length > 0) {
      ends.splice(0).forEach(end => end());
      await turn();
    }
  };
  return { runner, batches, ends, ask, endAll };
}

/** A turn of the event loop, and the one in which what it began goes on. */
async function turn(): Promise<void> {
  await new Promise(setImmediate);
  await new Promise(setImmediate);
}

it('makes no run of several longer than its bound, as far as it knows', async () => {
  const { batches, ask, endAll } = create({ millisPerRow: 1 });
  const answers = Array.from({ length: 12 }, (_, i) => ask(i));
  await turn();
  await endAll();
  expect(await Promise.all(answers)).toEqual(answers.map((_, i) => i * 2));
  expect(batches).toEqual([5, 5, 2]);
});

it('takes as many rows as the route allows where they cost little', async () => {
  const { batches, ask, endAll } = create({ maxRows: 8 });
  const answers = Array.from({ length: 20 }, (_, i) => ask(i));
  await turn();
  await endAll();
  await Promise.all(answers);
  expect(batches).toEqual([8, 8, 4]);
});

it('gathers behind a run of a thread, and nothing waits once that is over', async () => {
  const { batches, ask, ends, endAll } = create({ gathersWhileBusy: true });
  const first = ask(1);
  await turn();
  const behind = [ask(2), ask(3)];
  await turn();
  behind.push(ask(4));
  await turn();
  expect(batches).toEqual([1]);
  ends.splice(0).forEach(end => end());
  expect(await first).toBe(2);
  expect(batches).toEqual([1, 3]);
  await endAll();
  expect(await Promise.all(behind)).toEqual([4, 6, 8]);
});

it('goes on after a run behind which requests gather fails', async () => {
  const { ask, batches, endAll } = create({ gathersWhileBusy: true });
  await expect(ask(BAD)).rejects.toThrow('no such value');
  const next = ask(5);
  await turn();
  await endAll();
  expect([await next, batches]).toEqual([10, [1, 1]]);
});

it('does not let a lonely request wait, whatever the route allows', async () => {
  const { batches, ask, endAll } = create({
    maxDelayMicros: 60_000_000,
    millisPerRun: 1_000,
    mostMillis: 5_000,
  });
  const answer = ask(1);
  await turn();
  expect(batches).toEqual([1]);
  await endAll();
  expect(await answer).toBe(2);
});

it('begins before the first of those that wait gives up', async () => {
  const { batches, ask, endAll } = create({
    maxDelayMicros: 60_000_000,
    rule: waitForDelay,
  });
  const patient = ask(1);
  await turn();
  expect(batches).toEqual([]);
  // Less than the margin that a timer gets.
  const deadlineMillis = performance.now() + 2;
  const hasty = ask(2, { cancellation: { cancelled: false, deadlineMillis } });
  hasty.catch(() => undefined);
  // The turn that its coming has asked for does not depend on the delay of the first.
  await new Promise(resolve => {
    setTimeout(resolve, 20);
  });
  expect(batches).toHaveLength(1);
  await endAll();
  expect(await patient).toBe(2);
});

it('leaves out who is too late', async () => {
  const { batches, ask, endAll } = create();
  const cancellation = { cancelled: false, deadlineMillis: 0 };
  const late = ask(1, { cancellation });
  late.catch(() => undefined);
  const good = ask(2);
  await turn();
  await endAll();
  await expect(late).rejects.toMatchObject({ kind: 'deadline' });
  expect([await good, batches]).toEqual([4, [1]]);
});
