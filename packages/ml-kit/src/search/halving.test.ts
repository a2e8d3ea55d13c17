import { createRandom, nextUniform } from '../random/random';
import { bestOfAsha, createAsha, reportAsha, suggestAsha } from './asha';
import {
  createHalving,
  hyperbandBrackets,
  isHalvingFinished,
  reportHalving,
  successiveHalvingBracket,
  suggestHalving,
} from './hyperband';
import { shouldStopByMedian } from './medianStop';
import { BRANIN, branin } from './__testUtils__/testFunctions';

describe('successive halving and Hyperband', () => {
  it('has the brackets of algorithm 1 for R = 81, eta = 3 and R = 8, eta = 2', () => {
    const brackets = hyperbandBrackets(81, 3);
    expect(brackets.map(b => b[0].trials)).toEqual([81, 34, 15, 8, 5]);
    expect(brackets.map(b => b[0].resource)).toEqual([1, 3, 9, 27, 81]);
    expect(brackets[0].map(r => r.trials)).toEqual([81, 27, 9, 3, 1]);
    expect(brackets[1].map(r => r.trials)).toEqual([34, 11, 3, 1]);
    expect(
      hyperbandBrackets(8, 2).map(b => `${b[0].trials}@${b[0].resource}`),
    ).toEqual(['8@1', '6@2', '4@4', '4@8']);
    expect(
      successiveHalvingBracket({ trials: 9, minResource: 1, maxResource: 9 }),
    ).toEqual([
      { trials: 9, resource: 1 },
      { trials: 3, resource: 3 },
      { trials: 1, resource: 9 },
    ]);
    expect(() => hyperbandBrackets(0)).toThrow('maxResource >= 1');
    expect(() =>
      successiveHalvingBracket({ trials: 0, minResource: 1, maxResource: 9 }),
    ).toThrow('trials >= 1');
    for (const maxResource of [Infinity, NaN]) {
      expect(() => hyperbandBrackets(maxResource)).toThrow('finite');
      expect(() => createAsha({ minResource: 1, maxResource })).toThrow(
        'finite',
      );
      expect(() =>
        successiveHalvingBracket({ trials: 9, minResource: 1, maxResource }),
      ).toThrow('finite');
    }
    expect(() => createAsha({ minResource: 2, maxResource: 1 })).toThrow(
      '0 < minResource <= maxResource',
    );
  });

  it('runs every rung, keeps the best, finds a good one, and goes on from JSON', () => {
    let state = createHalving(hyperbandBrackets(27), 4);
    const used: Record<string, number> = {};
    while (!isHalvingFinished(state)) {
      state = JSON.parse(JSON.stringify(state));
      const next = suggestHalving(state, BRANIN)!;
      used[next.resource] = (used[next.resource] ?? 0) + 1;
      // The loss gets nearer to the truth with more resource.
      reportHalving(
        state,
        next.id,
        branin(next.configuration) + 3 / next.resource,
      );
    }
    expect(used).toEqual({ 1: 27, 3: 9 + 12, 9: 3 + 4 + 6, 27: 1 + 1 + 2 + 4 });
    expect(state.best!.loss).toBeLessThan(3);
    expect(suggestHalving(state, BRANIN)).toBeUndefined();
    expect(() => reportHalving(state, 0, 1)).toThrow('not waiting');
  });

  it.each([NaN, Infinity])(
    'has no best after only failed trials (%s)',
    loss => {
      const halving = createHalving([
        successiveHalvingBracket({ trials: 3, minResource: 1, maxResource: 1 }),
      ]);
      const asha = createAsha({ minResource: 1, maxResource: 9 });
      for (let i = 0; i < 2; i++) {
        reportHalving(halving, suggestHalving(halving, BRANIN)!.id, loss);
        reportAsha(asha, suggestAsha(asha, BRANIN).id, loss);
      }
      expect(halving.best).toBeUndefined();
      expect(bestOfAsha(asha)).toBeUndefined();
      reportHalving(halving, suggestHalving(halving, BRANIN)!.id, 5);
      reportAsha(asha, suggestAsha(asha, BRANIN).id, 5);
      expect(halving.best).toMatchObject({ id: 2, loss: 5 });
      expect(bestOfAsha(asha)).toMatchObject({ id: 2, loss: 5 });
    },
  );

  it('keeps a trial running whose loss is no number', () => {
    const asha = createAsha({ minResource: 1, maxResource: 9 });
    const { id } = suggestAsha(asha, BRANIN);
    const before = structuredClone(asha);
    const nothing = JSON.parse('{}').loss;
    expect(() => reportAsha(asha, id, nothing)).toThrow(
      'The loss of a trial must be a number (NaN when it failed), got undefined',
    );
    expect(asha).toEqual(before);
  });

  it('hands out nothing while the rung is still running', () => {
    const state = createHalving([
      successiveHalvingBracket({ trials: 3, minResource: 1, maxResource: 3 }),
    ]);
    const trials = [0, 1, 2].map(() => suggestHalving(state, BRANIN)!);
    expect(suggestHalving(state, BRANIN)).toBeUndefined();
    trials.forEach(({ id }) => reportHalving(state, id, -id));
    expect(suggestHalving(state, BRANIN)).toMatchObject({ id: 2, resource: 3 });
  });
});

describe('ASHA', () => {
  it('never leaves a worker idle, promotes one in eta, and finds a good one', () => {
    let state = createAsha({ minResource: 1, maxResource: 27, seed: 8 });
    const running: ReturnType<typeof suggestAsha>[] = [];
    const random = createRandom(1);
    for (let i = 0; i < 1200; i++) {
      if (running.length === 16) {
        const [done] = running.splice(Math.floor(nextUniform(random) * 16), 1);
        reportAsha(
          state,
          done.id,
          branin(done.configuration) + 3 / done.resource,
        );
        state = JSON.parse(JSON.stringify(state));
      }
      running.push(suggestAsha(state, BRANIN));
    }
    const sizes = state.rungs.map(rung => rung.length);
    for (let rung = 1; rung < sizes.length; rung++) {
      expect(sizes[rung] / sizes[rung - 1]).toBeGreaterThan(0.24);
      // Early mistakes promote a few more than one in three.
      expect(sizes[rung] / sizes[rung - 1]).toBeLessThan(0.42);
    }
    expect(bestOfAsha(state)!.loss).toBeLessThan(1);
    expect(() => reportAsha(state, 99_999, 1)).toThrow('is not running');
    expect(
      bestOfAsha(createAsha({ minResource: 1, maxResource: 1 })),
    ).toBeUndefined();
  });
});

describe('trials that failed', () => {
  it('are never promoted by ASHA, however few others there are', () => {
    const state = createAsha({ minResource: 1, maxResource: 9, eta: 3 });
    for (let i = 0; i < 12; i++) {
      const { id, resource } = suggestAsha(state, BRANIN);
      expect(resource).toBe(1);
      reportAsha(state, id, i % 2 === 0 ? NaN : Infinity);
    }
    const { id } = suggestAsha(state, BRANIN);
    reportAsha(state, id, 0.5);
    expect(suggestAsha(state, BRANIN)).toMatchObject({ id, resource: 3 });
    expect(suggestAsha(state, BRANIN).resource).toBe(1);
  });

  it('do not go on in a bracket either, which ends when nobody is left', () => {
    const brackets = [
      successiveHalvingBracket({
        trials: 9,
        minResource: 1,
        maxResource: 9,
        eta: 3,
      }),
      successiveHalvingBracket({
        trials: 9,
        minResource: 1,
        maxResource: 9,
        eta: 3,
      }),
    ];
    const state = createHalving(brackets);
    const seen: number[] = [];
    for (;;) {
      const next = suggestHalving(state, BRANIN);
      if (!next) break;
      seen.push(next.resource);
      // All of the first bracket fail, and all but one of the second
      reportHalving(state, next.id, next.id === 12 ? 1 : NaN);
    }
    expect(seen).toEqual([...new Array<number>(18).fill(1), 3, 9]);
    expect(isHalvingFinished(state)).toBe(true);
    expect(state.best?.id).toBe(12);
  });

  it('are the worst there is to the median', () => {
    const others = [[NaN], [1], [2], [NaN], [3]];
    expect(shouldStopByMedian({ losses: [2.5], others })).toBe(false);
    expect(shouldStopByMedian({ losses: [3.5], others })).toBe(true);
  });

  it('are known again after a trip through JSON, and another format is refused', () => {
    const state = createAsha({ minResource: 1, maxResource: 9, eta: 3 });
    const { id } = suggestAsha(state, BRANIN);
    reportAsha(state, id, NaN);
    const stored = JSON.parse(JSON.stringify(state));
    expect(stored).toEqual(state);
    expect(bestOfAsha(stored)).toBeUndefined();
    expect(() => suggestAsha({ ...stored, formatVersion: 2 }, BRANIN)).toThrow(
      'format version 2, expected 1',
    );
  });
});

describe('median stop', () => {
  const others = [5, 4, 3, 2, 1].map(level => [level, level]);

  it('gives up what is worse than half of the others at the same step', () => {
    expect(shouldStopByMedian({ losses: [9, 3.5], others })).toBe(true);
    expect(shouldStopByMedian({ losses: [9, 2.5], others })).toBe(false);
    expect(shouldStopByMedian({ losses: [NaN, NaN], others })).toBe(true);
  });

  it('stops nobody without enough to compare with', () => {
    expect(shouldStopByMedian({ losses: [9], others: others.slice(1) })).toBe(
      false,
    );
    expect(shouldStopByMedian({ losses: [9, 9, 9], others })).toBe(false);
    expect(shouldStopByMedian({ losses: [9], others, warmupSteps: 2 })).toBe(
      false,
    );
    expect(shouldStopByMedian({ losses: [], others })).toBe(false);
  });
});
