import { ChangeWaiter } from './ChangeWaiter';

const options = (millis: number, signal = new AbortController().signal) => ({
  millis,
  signal,
});

it('answers at once what there is, and waits for what there is not yet', async () => {
  const waiter = new ChangeWaiter();
  expect(await waiter.wait(async () => 1, options(60_000))).toBe(1);
  let asked = 0;
  const later = async () => (++asked > 2 ? asked : undefined);
  expect(await waiter.wait(later, options(60_000))).toBe(3);
});

it('gives up when the time is over, when the one who asks has gone, and at a stop', async () => {
  const never = async () => undefined;
  const waiter = new ChangeWaiter();
  expect(await waiter.wait(never, options(10))).toBeUndefined();
  const gone = AbortSignal.timeout(10);
  expect(await waiter.wait(never, options(60_000, gone))).toBeUndefined();
  const waiting = waiter.wait(never, options(60_000));
  waiter.stop();
  expect(await waiting).toBeUndefined();
  expect(await waiter.wait(never, options(60_000))).toBeUndefined();
});

it('lets a bounded number wait, and answers the others at once', async () => {
  const waiter = new ChangeWaiter();
  const never = async () => undefined;
  const waiting = Array.from({ length: 1_000 }, () =>
    waiter.wait(never, options(60_000)),
  );
  await Promise.resolve();
  const startedMillis = Date.now();
  expect(await waiter.wait(never, options(60_000))).toBeUndefined();
  expect(Date.now() - startedMillis).toBeLessThan(5_000);
  waiter.stop();
  await Promise.all(waiting);
});

it('passes on what goes wrong', async () => {
  const failing = async () => {
    throw new Error('the database is away');
  };
  await expect(
    new ChangeWaiter().wait(failing, options(60_000)),
  ).rejects.toThrow('away');
});
