import { LeftLineError, LineFullError, WaitingLine } from './WaitingLine';

const there = () => new AbortController().signal;

it('lets one in at a time, in the order of arrival', async () => {
  const line = new WaitingLine(2);
  const order: string[] = [];
  const visit = async (name: string) => {
    const leave = await line.enter(there());
    order.push(`${name} in`);
    await new Promise(resolve => {
      setTimeout(resolve, 1);
    });
    order.push(`${name} out`);
    leave();
  };
  await Promise.all([visit('a'), visit('b'), visit('c')]);
  expect(order).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out']);
  expect(line.empty).toBe(true);
});

it('refuses who would wait behind too many', async () => {
  const line = new WaitingLine(1);
  const leave = await line.enter(there());
  const second = line.enter(there());
  await expect(line.enter(there())).rejects.toThrow(LineFullError);
  leave();
  (await second)();
  expect(line.empty).toBe(true);
});

it('forgets who goes away while it waits', async () => {
  const line = new WaitingLine(1);
  const leave = await line.enter(there());
  const gone = new AbortController();
  const waiting = line.enter(gone.signal);
  gone.abort();
  await expect(waiting).rejects.toThrow(LeftLineError);
  const next = line.enter(there());
  leave();
  (await next)();
  expect(line.empty).toBe(true);
  await expect(line.enter(AbortSignal.abort())).rejects.toThrow(LeftLineError);
});
