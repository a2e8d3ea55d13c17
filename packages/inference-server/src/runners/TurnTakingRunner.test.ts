import type { ModelRunner } from '../domain/ModelRunner';
import { SIGNATURES } from '../testing/fixtures';
import { Turns, TurnTakingRunner } from './TurnTakingRunner';

/** Runs that take as long as a test says, one after the other as the runtime does. */
function create() {
  const clock = { millis: 0 };
  const turns = new Turns({
    now: () => clock.millis,
    pause: done => done(),
  });
  const ends: (() => void)[] = [];
  const inner: ModelRunner = {
    signature: SIGNATURES['linear-1'],
    rowWise: true,
    dimensions: [],
    run: () => new Promise(resolve => ends.push(() => resolve([]))),
    release: async () => undefined,
  };
  const model = () => {
    const runner = new TurnTakingRunner({ inner, turns });
    return () => runner.run({ inputs: [], rows: 1 });
  };
  const endNext = async (millis: number) => {
    clock.millis += millis;
    ends.shift()?.();
    await new Promise(setImmediate);
  };
  return { turns, ends, model, endNext };
}

it('lets short runs start together', async () => {
  const { ends, model, endNext } = create();
  const start = model();
  const runs = Array.from({ length: 20 }, start);
  while (ends.length > 0) await endNext(0.03);
  // One that something else held up says nothing about the others.
  runs.push(start());
  await endNext(400);
  await Promise.all(runs);
  const more = Array.from({ length: 20 }, start);
  expect(ends).toHaveLength(20);
  while (ends.length > 0) await endNext(0.03);
  await Promise.all(more);
});

it('lets long runs start one at a time, and each in the end', async () => {
  const { turns, ends, model, endNext } = create();
  const start = model();
  const first = start();
  await endNext(40);
  await first;
  const runs = Array.from({ length: 5 }, start);
  // A model that is new, and one that is quick, wait for their turn like others.
  runs.push(model()());
  expect([ends.length, turns.waiting]).toEqual([1, 5]);
  for (let left = 5; left >= 0; left--) {
    await endNext(40);
    expect(turns.waiting).toBeLessThanOrEqual(Math.max(0, left - 1));
  }
  await Promise.all(runs);
  expect(turns.waiting).toBe(0);
});

it('goes on after a run that fails', async () => {
  const turns = new Turns();
  const onEnd = () => undefined;
  await expect(
    turns.take(() => Promise.reject(new Error('no')), 40, onEnd),
  ).rejects.toThrow('no');
  await expect(turns.take(async () => 7, 40, onEnd)).resolves.toBe(7);
});
