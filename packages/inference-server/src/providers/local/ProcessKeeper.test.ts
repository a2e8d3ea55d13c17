import { setTimeout as sleep } from 'node:timers/promises';
import { createLogger } from '../../logger';
import { waitFor } from '../../testing/waitFor';
import { ProcessKeeper } from './ProcessKeeper';
import type { Program } from './Program';

/** A process that ends when a test says so. */
class FakeProgram implements Program {
  readonly url = 'http://127.0.0.1:1';
  readonly key = 'key';
  readonly ended: Promise<string>;
  end: (reason: string) => void = () => {};
  idle: () => void = () => {};
  stops = 0;

  constructor() {
    this.ended = new Promise(resolve => {
      this.end = resolve;
    });
  }

  onIdle(listener: () => void): void {
    this.idle = listener;
  }

  async stop(): Promise<void> {
    this.stops++;
    this.end('stopped');
  }
}

const there = () => new AbortController().signal;
let started: FakeProgram[];
let onStart: (signal: AbortSignal) => Promise<void>;

function create(options: { startMillis?: number; idleMillis?: number } = {}) {
  started = [];
  onStart = async () => {};
  return new ProcessKeeper({
    name: 'llm',
    start: async signal => {
      const program = new FakeProgram();
      started.push(program);
      await onStart(signal);
      return program;
    },
    startMillis: options.startMillis ?? 5_000,
    idleMillis: options.idleMillis ?? 0,
    logger: createLogger({ level: 'error', write() {} }),
  });
}

it('starts with the first call, once for all that wait', async () => {
  const keeper = create();
  const all = await Promise.all([
    keeper.use(there()),
    keeper.use(there()),
    keeper.use(there()),
  ]);
  expect(started).toHaveLength(1);
  expect(new Set(all).size).toBe(1);
  expect(await keeper.use(there())).toBe(started[0]);
});

it('starts on although the caller that it was for goes away', async () => {
  const keeper = create();
  onStart = () => sleep(20);
  const gone = new AbortController();
  const first = keeper.use(gone.signal);
  const second = keeper.use(there());
  gone.abort();
  await expect(first).rejects.toMatchObject({ kind: 'cancelled' });
  expect(await second).toBe(started[0]);
});

it('gives up a start that takes too long, and rests before the next', async () => {
  const keeper = create({ startMillis: 20 });
  onStart = signal =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('killed')));
    });
  await expect(keeper.use(there())).rejects.toMatchObject({
    kind: 'not-ready',
    message: 'the connection "llm": it did not start within 0.02 s',
  });
  await expect(keeper.use(there())).rejects.toMatchObject({
    kind: 'not-ready',
    retryAfterSeconds: expect.any(Number),
  });
  expect(started).toHaveLength(1);
});

it('starts anew after it ended by itself, and rests longer each time', async () => {
  const keeper = create();
  const rests: number[] = [];
  for (let i = 0; i < 2; i++) {
    await keeper.use(there());
    started[i].end('killed by SIGSEGV');
    await waitFor(async () => {
      const error = await keeper.use(there()).then(
        () => undefined,
        thrown => thrown,
      );
      if (error === undefined) return false;
      expect(error.message).toMatch(/ended by itself \(killed by SIGSEGV\)/);
      rests.push(error.retryAfterSeconds);
      return true;
    });
    await sleep(rests[i] * 1_000 + 5);
  }
  expect(await keeper.use(there())).toBe(started[2]);
  expect(rests[0]).toBeLessThanOrEqual(1);
  expect(rests[1]).toBeGreaterThan(0.9);
  expect(rests[1]).toBeLessThanOrEqual(2);
});

it('stops it when nobody calls, and starts it with the next call', async () => {
  const keeper = create({ idleMillis: 50 });
  await keeper.use(there());
  // A call is on its way.
  started[0].idle();
  expect(started[0].stops).toBe(0);
  await sleep(60);
  started[0].idle();
  expect(started[0].stops).toBe(1);
  expect(await keeper.use(there())).toBe(started[1]);
});

it('ends it when it is closed, also while it starts', async () => {
  const running = create();
  await running.use(there());
  await running.close();
  expect(started[0].stops).toBe(1);
  await expect(running.use(there())).rejects.toThrow(/not used any more/);

  const starting = create();
  let aborted = false;
  onStart = async signal => {
    signal.addEventListener('abort', () => {
      aborted = true;
    });
    await sleep(20);
  };
  const waiting = starting.use(there()).catch(error => error.message);
  await starting.close();
  expect(await waiting).toMatch(/not used any more/);
  expect([aborted, started[0].stops]).toEqual([true, 1]);
});
