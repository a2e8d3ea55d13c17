import { playAdaptive } from './__testUtils__/playAdaptive';

const GAMES = 40;

function play(rates: [number, number]) {
  const results = Array.from({ length: GAMES }, (_, seed) =>
    playAdaptive({
      plan: {
        strategy: 'adaptive',
        floorPercent: 5,
        metric: 'success',
        updateSeconds: 60,
        atMostSeconds: 6_000,
      },
      rates,
      callersAnUpdate: 200,
      minUnitsPerVariant: 500,
      seed: seed + 1,
    }),
  );
  const total = (of: (result: (typeof results)[number]) => number) =>
    results.reduce((sum, result) => sum + of(result), 0);
  return {
    regret: total(({ regret }) => regret),
    regretOfHalves: total(({ regretOfHalves }) => regretOfHalves),
    ends: results.map(({ ended }) => ended),
  };
}

describe('adaptive shares, played', () => {
  it('miss less than halves would, whichever version is better', () => {
    const better = play([0.5, 0.6]);
    expect(better.regret).toBeLessThan(better.regretOfHalves);
    expect(
      better.ends.filter(end => end === 'complete').length,
    ).toBeGreaterThan(0.9 * GAMES);
    const worse = play([0.6, 0.5]);
    expect(worse.regret).toBeLessThan(worse.regretOfHalves);
    expect(
      worse.ends.filter(end => end === 'take-back').length,
    ).toBeGreaterThan(0.9 * GAMES);
  });
});
