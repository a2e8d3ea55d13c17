import { mockServices } from '@backstage/backend-test-utils';
import { PollingLoop } from './PollingLoop';

describe('PollingLoop', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  const logger = mockServices.logger.mock();

  function createLoop(run: (signal: AbortSignal) => Promise<void>) {
    return new PollingLoop({
      name: 'sweep',
      intervalMillis: 1000,
      logger,
      run,
    });
  }

  it('runs at once and then after each interval', async () => {
    const run = jest.fn(async () => {});
    const loop = createLoop(run);
    loop.start();
    expect(run).toHaveBeenCalledTimes(1);
    await jest.advanceTimersByTimeAsync(2000);
    expect(run).toHaveBeenCalledTimes(3);
    await loop.stop();
    await jest.advanceTimersByTimeAsync(5000);
    expect(run).toHaveBeenCalledTimes(3);
  });

  it('never overlaps, and runs once more when woken meanwhile', async () => {
    let finish = () => {};
    let active = 0;
    let most = 0;
    const run = jest.fn(async () => {
      active += 1;
      most = Math.max(most, active);
      await new Promise<void>(resolve => {
        finish = resolve;
      });
      active -= 1;
    });
    const loop = createLoop(run);
    loop.start();
    loop.wake();
    loop.wake();
    expect(run).toHaveBeenCalledTimes(1);
    finish();
    await jest.advanceTimersByTimeAsync(0);
    expect(run).toHaveBeenCalledTimes(2);
    finish();
    await jest.advanceTimersByTimeAsync(999);
    expect(run).toHaveBeenCalledTimes(2);
    expect(most).toBe(1);
    const stopped = loop.stop();
    finish();
    await stopped;
  });

  it('rests after long runs, however often it is woken', async () => {
    let runs = 0;
    const loop = new PollingLoop({
      name: 'looking',
      intervalMillis: 1000,
      mostShare: 0.2,
      logger,
      run: async () => {
        runs += 1;
        await new Promise(resolve => setTimeout(resolve, 100));
      },
    });
    loop.start();
    for (let millis = 0; millis < 5_000; millis += 10) {
      loop.wake();
      await jest.advanceTimersByTimeAsync(10);
    }
    // 100 ms each, and 400 ms of rest.
    expect(runs).toBeGreaterThan(8);
    expect(runs).toBeLessThan(12);
    await jest.advanceTimersByTimeAsync(2_000);
    const before = runs;
    loop.wake();
    await jest.advanceTimersByTimeAsync(500);
    expect(runs).toBeGreaterThan(before);
    const stopped = loop.stop();
    await jest.advanceTimersByTimeAsync(100);
    await stopped;
  });

  it('rests no longer than it may after a run that took long', async () => {
    const run = jest.fn(
      () => new Promise<void>(done => setTimeout(done, 10_000)),
    );
    const loop = new PollingLoop({
      name: 'looking',
      intervalMillis: 1_000,
      mostShare: 0.2,
      longestRestMillis: 3_000,
      logger,
      run,
    });
    loop.start();
    await jest.advanceTimersByTimeAsync(12_999);
    expect(run).toHaveBeenCalledTimes(1);
    await jest.advanceTimersByTimeAsync(1);
    expect(run).toHaveBeenCalledTimes(2);
    const stopped = loop.stop();
    await jest.advanceTimersByTimeAsync(10_000);
    await stopped;
  });

  it('waits longer after each failure and recovers', async () => {
    const run = jest
      .fn<Promise<void>, []>()
      .mockRejectedValueOnce(new Error('one'))
      .mockRejectedValueOnce(new Error('two'))
      .mockResolvedValue();
    const loop = createLoop(run);
    loop.start();
    await jest.advanceTimersByTimeAsync(1999);
    expect(run).toHaveBeenCalledTimes(1);
    await jest.advanceTimersByTimeAsync(1);
    expect(run).toHaveBeenCalledTimes(2);
    await jest.advanceTimersByTimeAsync(4000);
    expect(run).toHaveBeenCalledTimes(3);
    await jest.advanceTimersByTimeAsync(1000);
    expect(run).toHaveBeenCalledTimes(4);
    expect(logger.error).toHaveBeenCalledTimes(2);
    await loop.stop();
  });

  it('aborts the run in progress when stopped, and is not woken again', async () => {
    const run = jest.fn(
      (signal: AbortSignal) =>
        new Promise<void>((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted')));
        }),
    );
    const loop = createLoop(run);
    loop.start();
    await loop.stop();
    loop.wake();
    await jest.advanceTimersByTimeAsync(5000);
    expect(run).toHaveBeenCalledTimes(1);
  });
});
