import type { Ticket } from '../domain/Admission';
import { Room } from './Room';

const MANY = 1_000_000;
const ada = { id: 'ada', name: 'of ada' };
const grace = { id: 'grace', name: 'of grace' };

function roomOf(options: {
  requests?: number;
  bytes?: number;
  model?: { requests?: number; bytes?: number };
}): Room {
  const most = { requests: MANY, bytes: MANY };
  const { model, ...server } = options;
  return new Room({
    server: { ...most, ...server },
    model: { ...most, ...model },
  });
}

/** Enters as often as it may. */
function fill(room: Room, caller: typeof ada, model: string): Ticket[] {
  const tickets: Ticket[] = [];
  for (;;) {
    try {
      tickets.push(room.enter(caller, model));
    } catch {
      return tickets;
    }
  }
}

it('keeps room of a model for others than who has most of it', () => {
  const room = roomOf({ model: { requests: 50 } });
  const all = fill(room, ada, 'slow');
  expect(all).toHaveLength(40);
  expect(() => room.enter(ada, 'slow')).toThrow(
    'the key "of ada" has 40 of 40 requests to model "slow" in flight, and what is free is kept for others: try again later',
  );
  expect(fill(room, grace, 'slow')).toHaveLength(8);
  expect(fill(room, ada, 'other').length).toBeGreaterThan(0);
});

it('keeps room of the server for other callers, and other models, than have most of it', () => {
  const byCaller = roomOf({ requests: 50 });
  fill(byCaller, ada, 'a');
  fill(byCaller, ada, 'b');
  expect(() => byCaller.enter(ada, 'c')).toThrow(
    /the key "of ada" has 40 of 40 requests in flight/,
  );
  byCaller.enter(grace, 'c');

  const byModel = roomOf({ requests: 50 });
  for (let caller = 0; caller < 48; caller++) {
    const id = `${caller}`;
    byModel.enter({ id, name: id }, 'a');
  }
  expect(() => byModel.enter(grace, 'a')).toThrow(
    /model "a" has 48 of 48 requests in flight, and what is free is kept/,
  );
  byModel.enter(grace, 'b');
});

it('refuses of a model that has much those first who have most of it', () => {
  const room = roomOf({ requests: 50 });
  fill(room, ada, 'a');
  expect(fill(room, grace, 'a').length).toBeGreaterThan(3);
  expect(room.requestsInFlight).toBeLessThan(50);
});

it('keeps bytes for others than who has most of them in several requests', () => {
  const room = roomOf({ bytes: 1_000, model: { bytes: 2_000 } });
  const only = room.enter(ada, 'a');
  only.hold(1_000);
  only.leave();
  const [first, second] = [room.enter(ada, 'a'), room.enter(ada, 'a')];
  first.hold(500);
  second.hold(300);
  expect(() => second.hold(100)).toThrow(
    'the key "of ada" has 800 of 800 bytes of requests in flight, and what is free is kept for others: try again later',
  );
  room.enter(grace, 'a').hold(200);
});

it('holds nothing for whoever has left, however often they leave', () => {
  const room = roomOf({ requests: 50 });
  const tickets = fill(room, ada, 'a');
  for (const ticket of tickets) {
    ticket.hold(10);
    ticket.leave();
    ticket.leave();
    ticket.hold(10);
  }
  expect([room.requestsInFlight, room.bytesInFlight]).toEqual([0, 0]);
  expect(fill(room, ada, 'a')).toHaveLength(tickets.length);
});
