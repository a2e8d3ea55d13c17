import { chooseUpstream, type Candidate } from './chooseUpstream';

const upstream = (name: string, weight = 1, inFlight = 0): Candidate => ({
  name,
  weight,
  inFlight,
});

/** The same numbers each time, spread over [0, 1). */
function createRandom(): () => number {
  let state = 0.5;
  return () => {
    state = (state + 0.618_033_988_749_895) % 1;
    return state;
  };
}

/** How often each is chosen of so many calls. */
function countChoices(
  candidates: Candidate[],
  affinityOf: (call: number) => string | undefined,
  calls = 10_000,
): Record<string, number> {
  const random = createRandom();
  const counts: Record<string, number> = {};
  for (let call = 0; call < calls; call++) {
    const affinity = affinityOf(call);
    const name = chooseUpstream(candidates, { affinity, random })?.name ?? '';
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

const none = () => undefined;

it('takes the only one, and none of none', () => {
  const options = { affinity: undefined, random: Math.random };
  expect(chooseUpstream([upstream('a')], options)?.name).toBe('a');
  expect(chooseUpstream([], options)).toBeUndefined();
});

it('shares calls by weight while nobody has anything to do', () => {
  const counts = countChoices([upstream('a', 3), upstream('b', 1)], none);
  expect(counts.a / 10_000).toBeCloseTo(0.75, 1);
});

it('takes the one of two that has less to do for its weight', () => {
  const busy = [upstream('a', 1, 5), upstream('b', 1, 4)];
  expect(countChoices(busy, none)).toEqual({ b: 10_000 });
  const heavy = [upstream('a', 4, 7), upstream('b', 1, 2)];
  expect(countChoices(heavy, none)).toEqual({ a: 10_000 });
});

it('never takes the busiest of three', () => {
  const three = [upstream('a', 1, 1), upstream('b', 1, 2), upstream('c', 1, 3)];
  const counts = countChoices(three, none);
  expect(Object.keys(counts).sort()).toEqual(['a', 'b']);
});

describe('calls that belong together', () => {
  const four = ['a', 'b', 'c', 'd'].map(name => upstream(name));
  const chosen = (candidates: Candidate[], call: number) =>
    chooseUpstream(candidates, {
      affinity: `caller ${call}`,
      random: () => {
        throw new Error('nothing is left to chance');
      },
    })?.name;

  it('prefer one upstream, each group its own, by weight', () => {
    const counts = countChoices(
      [upstream('a', 3), upstream('b', 1)],
      call => `caller ${call}`,
    );
    expect(counts.a / 10_000).toBeCloseTo(0.75, 1);
    expect(chosen(four, 7)).toBe(chosen([...four].reverse(), 7));
  });

  it('move only where their upstream is gone', () => {
    const calls = Array.from({ length: 200 }, (_none, call) => ({
      before: chosen(four, call),
      after: chosen(four.slice(1), call),
    }));
    const moved = calls.filter(({ before, after }) => after !== before);
    expect(moved.length).toBeGreaterThan(20);
    expect(new Set(moved.map(({ before }) => before))).toEqual(new Set(['a']));
  });
});
