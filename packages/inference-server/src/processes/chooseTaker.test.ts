import { chooseTaker, type Taker } from './chooseTaker';

const NOW = 1_000;

const taker = (name: string, how: Partial<Taker> = {}) => ({
  name,
  isReady: true,
  isFree: true,
  connections: 0,
  lastGivenMillis: 0,
  ...how,
});

it.each([
  ['nobody', [], undefined],
  [
    'the one with the fewest connections',
    [
      taker('a', { connections: 3 }),
      taker('b', { connections: 1, lastGivenMillis: 9 }),
      taker('c', { connections: 2 }),
    ],
    'b',
  ],
  [
    'of those, the one that was given none for longest',
    [
      taker('a', { lastGivenMillis: 3 }),
      taker('b', { lastGivenMillis: 1 }),
      taker('c', { lastGivenMillis: 2 }),
    ],
    'b',
  ],
  [
    'not one that has not taken what it was given last',
    [taker('a', { isFree: false }), taker('b', { connections: 100 })],
    'b',
  ],
  [
    'nobody yet, while one that has far fewer is busy for a moment',
    [
      taker('a', { isFree: false, connections: 4, lastGivenMillis: NOW - 50 }),
      taker('b', { connections: 7 }),
    ],
    undefined,
  ],
  [
    'the next best, when that one has about as many',
    [
      taker('a', { isFree: false, connections: 4, lastGivenMillis: NOW - 50 }),
      taker('b', { connections: 6 }),
    ],
    'b',
  ],
  [
    'nobody yet, while those that are ready are busy',
    [taker('a', { isFree: false }), taker('b', { isReady: false })],
    undefined,
  ],
  [
    'one that says that it is not ready, where none is',
    [taker('a', { isReady: false })],
    'a',
  ],
])('a connection is for %s', (_, takers, expected) => {
  expect(chooseTaker(takers, NOW)?.name).toBe(expected);
});
