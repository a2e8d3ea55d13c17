import type { ModelRunner } from '../domain/ModelRunner';
import type { Tensor } from '../domain/tensor';
import { LimitedRunner } from './LimitedRunner';

const request = { inputs: [], rows: 1 };

/** A model whose runs end when the test says so. */
function manualRunner() {
  const ends: { resolve(outputs: Tensor[]): void; reject(e: Error): void }[] =
    [];
  const runner: ModelRunner = {
    signature: { inputs: [], outputs: [] },
    rowWise: false,
    dimensions: [],
    run: () =>
      new Promise((resolve, reject) => {
        ends.push({ resolve, reject });
      }),
    release: async () => {},
  };
  return { runner, ends };
}

it('refuses what is beyond its limit, and takes requests again when some have ended', async () => {
  const { runner, ends } = manualRunner();
  const limited = new LimitedRunner({ inner: runner, maxRequests: 2 });
  const first = limited.run(request);
  const second = limited.run(request);
  await expect(limited.run(request)).rejects.toMatchObject({
    kind: 'overloaded',
    message: expect.stringContaining('2 requests to this version'),
  });
  expect(ends).toHaveLength(2);

  ends[0].resolve([]);
  ends[1].reject(new Error('broken'));
  await expect(first).resolves.toEqual([]);
  await expect(second).rejects.toThrow('broken');

  const third = limited.run(request);
  const fourth = limited.run(request);
  await expect(limited.run(request)).rejects.toMatchObject({
    kind: 'overloaded',
  });
  ends.slice(2).forEach(end => end.resolve([]));
  await Promise.all([third, fourth]);
});

it('keeps room for others than the caller who has most of it', async () => {
  const { runner, ends } = manualRunner();
  const limited = new LimitedRunner({ inner: runner, maxRequests: 10 });
  const of = (callerId?: string) => limited.run({ ...request, callerId });
  const greedy = Array.from({ length: 8 }, () => of('ada'));
  await expect(of('ada')).rejects.toMatchObject({
    kind: 'overloaded',
    message: expect.stringContaining('the key has 8 of 8 requests'),
  });
  const others = [of('grace'), of()];
  ends.forEach(end => end.resolve([]));
  await Promise.all([...greedy, ...others]);
  const again = Array.from({ length: 8 }, () => of('ada'));
  await expect(of('ada')).rejects.toMatchObject({ kind: 'overloaded' });
  ends.slice(-8).forEach(end => end.resolve([]));
  await Promise.all(again);
});
