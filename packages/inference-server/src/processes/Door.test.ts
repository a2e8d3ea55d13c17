import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { waitFor } from '../testing/waitFor';
import { Door } from './Door';

const given: Socket[] = [];
let takes = 0;
let door: Door;
let port: number;
const callers: Socket[] = [];

beforeEach(async () => {
  given.length = 0;
  takes = 0;
  door = new Door({
    entrance: 'http',
    mostWaiting: 2,
    give(_, socket) {
      if (takes === 0) return false;
      takes -= 1;
      given.push(socket);
      return true;
    },
  });
  port = await door.listen({ host: '127.0.0.1', port: 0 });
});

afterEach(async () => {
  callers.splice(0).forEach(caller => caller.destroy());
  given.forEach(socket => socket.destroy());
  door.dismiss();
  await door.close();
});

async function call(): Promise<Socket> {
  const caller = connect(port, '127.0.0.1');
  caller.on('error', () => {});
  callers.push(caller);
  await once(caller, 'connect');
  return caller;
}

it('keeps connections until somebody takes them, in their order', async () => {
  const first = await call();
  const second = await call();
  await waitFor(() => door.waiting === 2);
  takes = 1;
  door.offer();
  expect(given.map(({ remotePort }) => remotePort)).toEqual([first.localPort]);
  takes = 1;
  door.offer();
  expect(given[1].remotePort).toBe(second.localPort);
  expect([door.waiting, door.refused]).toEqual([0, 0]);
});

it('closes those that are too many, and counts them', async () => {
  await call();
  await call();
  await waitFor(() => door.waiting === 2);
  const third = await call();
  third.resume();
  await once(third, 'close');
  expect([door.waiting, door.refused]).toEqual([2, 1]);
});

it('gives what comes back before anything else, and unread', async () => {
  takes = 1;
  const first = await call();
  first.write('hello');
  await waitFor(() => given.length === 1);
  await call();
  await waitFor(() => door.waiting === 1);
  takes = 1;
  door.takeBack(given[0]);
  expect(given[1]).toBe(given[0]);
  const [read] = await once(given[1].resume(), 'data');
  expect(String(read)).toBe('hello');
});

it('accepts nobody after it was closed, and still gives what waits', async () => {
  await call();
  await waitFor(() => door.waiting === 1);
  await door.close();
  const late = connect(port, '127.0.0.1');
  const [error] = await once(late, 'error');
  expect(error.code).toBe('ECONNREFUSED');
  takes = 1;
  door.offer();
  expect(given).toHaveLength(1);
});
