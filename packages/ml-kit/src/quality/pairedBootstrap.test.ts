import { createRandom, nextNormal, nextUniform } from '../random/random';
import { pairedBootstrap } from './pairedBootstrap';
import { clopperPearsonInterval } from './proportionInterval';

describe('pairedBootstrap', () => {
  const base = [0, 1, 0, 1, 0, 0, 1, 0, 1, 0];
  const candidate = [1, 1, 0, 1, 1, 0, 1, 1, 1, 0];

  it('counts a higher score of the candidate as an improvement, and turns the sign for losses', () => {
    const better = pairedBootstrap({ base, candidate, higherIsBetter: true });
    const worse = pairedBootstrap({ base, candidate, higherIsBetter: false });
    expect(better.improvement).toBeCloseTo(0.3, 12);
    expect(worse.improvement).toBeCloseTo(-0.3, 12);
    expect(better.interval[0]).toBeLessThan(0.3);
    expect(better.interval[1]).toBeGreaterThan(0.3);
  });

  it('gives the same interval for the same seed, and another one for another', () => {
    const of = (seed: number) =>
      pairedBootstrap({ base, candidate, higherIsBetter: true, seed }).interval;
    const random = createRandom(1);
    const noisy = base.map(value => value + nextNormal(random));
    const noisyOf = (seed: number) =>
      pairedBootstrap({ base: noisy, candidate, higherIsBetter: true, seed })
        .interval;
    expect(of(7)).toEqual(of(7));
    expect(noisyOf(7)).not.toEqual(noisyOf(8));
  });

  it('is never certain of few rows: none of n different is the exact binomial interval', () => {
    for (const n of [1, 5, 20, 200, 2000]) {
      const equal = new Array<number>(n).fill(1);
      const { improvement, interval, differingRows } = pairedBootstrap({
        base: equal,
        candidate: equal,
        higherIsBetter: true,
        resamples: 8000,
      });
      const [, exact] = clopperPearsonInterval(0, n);
      expect({ improvement, differingRows }).toEqual({
        improvement: 0,
        differingRows: 0,
      });
      expect(interval[1] / exact).toBeCloseTo(1, 1);
      expect(interval[0] / exact).toBeCloseTo(-1, 1);
    }
  });

  it('counts losses alone as an exact binomial test does', () => {
    const equal = new Array<number>(100).fill(1);
    const { interval } = pairedBootstrap({
      base: equal,
      candidate: equal.map((_, i) => Number(i >= 7)),
      higherIsBetter: true,
      resamples: 8000,
    });
    expect(interval[0]).toBeCloseTo(-clopperPearsonInterval(7, 100)[1], 2);
  });

  it('takes the range of scores from the scores, or from whoever knows it', () => {
    const of = (score: number, scoreRange?: [number, number]) =>
      pairedBootstrap({
        base: [score],
        candidate: [score],
        higherIsBetter: true,
        resamples: 8000,
        scoreRange,
      }).interval[1];
    expect(of(0)).toBeCloseTo(0.975, 2);
    expect(of(3)).toBeCloseTo(3 * 0.975, 1);
    expect(of(-3)).toBeCloseTo(3 * 0.975, 1);
    expect(of(3, [0, 10])).toBeCloseTo(9.75, 1);
    for (const range of [
      [4, 10],
      [3, 3],
      [0, Infinity],
      [NaN, 5],
    ] as [number, number][]) {
      expect(() => of(3, range)).toThrow('scoreRange must be wider than 0');
    }
  });

  it('takes neighbours together where there are very many different gains', () => {
    const random = createRandom(4);
    const zeros = new Array<number>(30_000).fill(0);
    const gains = zeros.map(() => 0.1 + nextNormal(random));
    const { improvement, interval } = pairedBootstrap({
      base: zeros,
      candidate: gains,
      higherIsBetter: true,
    });
    const half = 1.96 / Math.sqrt(30_000);
    expect(interval[0]).toBeCloseTo(improvement - half, 2);
    expect(interval[1]).toBeCloseTo(improvement + half, 2);
  });

  it('agrees with the normal interval on many well-behaved rows', () => {
    const random = createRandom(2);
    const zeros = new Array<number>(2000).fill(0);
    const gains = zeros.map(() => 0.5 + nextNormal(random));
    const { improvement, interval } = pairedBootstrap({
      base: zeros,
      candidate: gains,
      higherIsBetter: true,
    });
    const half = 1.96 / Math.sqrt(2000);
    expect(interval[0]).toBeCloseTo(improvement - half, 2);
    expect(interval[1]).toBeCloseTo(improvement + half, 2);
  });

  it('covers the true difference of skewed scores at least 95 % of the time', () => {
    const random = createRandom(3);
    let covered = 0;
    for (let run = 0; run < 300; run++) {
      const scores = Array.from(
        { length: 40 },
        () => -Math.log(1 - nextUniform(random)),
      );
      const { interval } = pairedBootstrap({
        base: scores.map(() => 0),
        candidate: scores,
        higherIsBetter: true,
        resamples: 600,
        seed: run,
      });
      if (interval[0] <= 1 && interval[1] >= 1) covered++;
    }
    expect(covered / 300).toBeGreaterThan(0.94);
    expect(covered / 300).toBeLessThan(0.995);
  });

  it('says what does not fit', () => {
    const higherIsBetter = true;
    expect(() =>
      pairedBootstrap({ base: [1], candidate: [], higherIsBetter }),
    ).toThrow('got 1 of the base and 0 of the candidate');
    expect(() =>
      pairedBootstrap({ base: [1, NaN], candidate: [1, 2], higherIsBetter }),
    ).toThrow('The scores of row 1 are NaN and 2');
    const same = { base, candidate, higherIsBetter };
    expect(() => pairedBootstrap({ ...same, resamples: 0 })).toThrow(
      'resamples must be an integer of at least 1, got 0',
    );
    expect(() => pairedBootstrap({ ...same, confidence: 95 })).toThrow(
      'confidence must lie between 0 and 1 (0.95 is 95 %), got 95',
    );
  });
});
