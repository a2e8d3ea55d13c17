import fc from 'fast-check';
import { isGreedy } from './isGreedy';

it('asks nobody to step back who holds nothing, or while most is free', () => {
  expect(isGreedy(0, 0)).toBe(false);
  expect(isGreedy(1, 1)).toBe(false);
  expect(isGreedy(399, 600)).toBe(false);
});

it('leaves one alone four fifths, and two four ninths each', () => {
  expect(isGreedy(799, 1_000 - 799)).toBe(false);
  expect(isGreedy(800, 1_000 - 800)).toBe(true);
  expect(isGreedy(443, 900 - 2 * 400)).toBe(true);
  expect(isGreedy(399, 900 - 2 * 399)).toBe(false);
});

/** Takes one after the other as they come, of what so many places are left. */
function play(
  places: number,
  steps: readonly { who: number; leaves: boolean }[],
  callers: number,
): { held: number[]; free: number; refused: number[] } {
  const held = Array<number>(callers).fill(0);
  const refused = Array<number>(callers).fill(0);
  let free = places;
  for (const { who, leaves } of steps) {
    if (leaves) {
      if (held[who] === 0) continue;
      held[who]--;
      free++;
    } else if (free > 0 && !isGreedy(held[who], free)) {
      held[who]++;
      free--;
    } else {
      refused[who]++;
    }
  }
  return { held, free, refused };
}

it('leaves a place to a newcomer, whatever one other does', () => {
  const places = fc.integer({ min: 5, max: 500 });
  fc.assert(
    fc.property(places, most => {
      const asks = Array.from({ length: 20 * most }, () => ({
        who: 0,
        leaves: false,
      }));
      const { held, free } = play(most, asks, 1);
      expect(free).toBeGreaterThan(0);
      expect(held[0]).toBeGreaterThanOrEqual(Math.floor(0.8 * most));
    }),
  );
});

it('brings all who want more than there is to about the same, and refuses who wants little of it nothing', () => {
  const cases = fc.record({
    greedy: fc.integer({ min: 1, max: 6 }),
    places: fc.integer({ min: 100, max: 300 }),
    seed: fc.infiniteStream(fc.nat(1_000_000)),
  });
  fc.assert(
    fc.property(cases, ({ greedy, places, seed }) => {
      const random = (below: number) => (seed.next().value as number) % below;
      const held = Array<number>(greedy + 1).fill(0);
      const modest = greedy;
      let refusals = 0;
      let free = places;
      const ask = (who: number) => {
        const isIn = free > 0 && !isGreedy(held[who], free);
        if (!isIn) return false;
        held[who]++;
        free--;
        return true;
      };
      for (let step = 0; step < 60 * places; step++) {
        // All of the greedy ask again and again; whoever is answered was in the line at random.
        for (let who = 0; who < greedy; who++) ask(who);
        const isSettled = step > 30 * places;
        if (step % 10 === 0 && held[modest] === 0 && !ask(modest)) {
          if (isSettled) refusals++;
        }
        let at = random(places - free);
        const who = held.findIndex(count => {
          at -= count;
          return at < 0;
        });
        held[who]--;
        free++;
      }
      expect(refusals).toBe(0);
      const theirs = held.slice(0, greedy);
      expect(Math.max(...theirs) - Math.min(...theirs)).toBeLessThanOrEqual(8);
    }),
    { numRuns: 20 },
  );
});
