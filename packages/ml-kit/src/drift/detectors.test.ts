import { createRandom, nextNormal, nextUniform } from '../random/random';
import { addToAdwin, adwinMean, createAdwin } from './adwin';
import { addToCusum, createCusum } from './cusum';
import {
  addToConfidenceSums,
  emptyConfidenceSums,
  estimatePerformance,
  mergeConfidenceSums,
} from './estimatedPerformance';
import { addToPageHinkley, createPageHinkley } from './pageHinkley';

const random = createRandom(77);

describe('streaming detectors', () => {
  it('CUSUM: one false alarm in about 465 values, both directions', () => {
    const state = createCusum();
    const options = { target: 10, standardDeviation: 2 };
    let alarms = 0;
    for (let i = 0; i < 200_000; i++) {
      if (addToCusum(state, 10 + 2 * nextNormal(random), options)) alarms++;
    }
    expect(200_000 / alarms / 465).toBeGreaterThan(0.8);
    expect(200_000 / alarms / 465).toBeLessThan(1.25);
    for (const [shift, direction] of [
      [6, 'up'],
      [-6, 'down'],
    ] as const) {
      const fresh = createCusum();
      const found = [1, 2, 3].map(() => addToCusum(fresh, 10 + shift, options));
      expect(found.filter(Boolean)).toEqual([direction]);
      expect(addToCusum(fresh, NaN, options)).toBeUndefined();
    }
  });

  it('Page-Hinkley: quiet without a change, finds a fall as well as a rise, survives JSON', () => {
    for (const shift of [2, -2]) {
      let state = createPageHinkley();
      for (let i = 0; i < 2000; i++) {
        expect(addToPageHinkley(state, nextUniform(random))).toBe(false);
      }
      state = JSON.parse(JSON.stringify(state));
      let found = -1;
      for (let i = 0; i < 200 && found < 0; i++) {
        if (addToPageHinkley(state, shift + nextUniform(random))) found = i;
      }
      expect(found).toBeGreaterThan(0);
      expect(state.count).toBe(0);
    }
    const stored = JSON.parse(JSON.stringify(createPageHinkley()));
    expect(addToPageHinkley(stored, 1)).toBe(false);
    expect(stored).toMatchObject({ count: 1, mean: 1 });
    expect(addToPageHinkley(stored, NaN)).toBe(false);
  });

  it('ADWIN: forgets what was before the change, with logarithmic memory', () => {
    const state = createAdwin();
    let alarms = 0;
    for (let i = 0; i < 20_000; i++) {
      if (addToAdwin(state, nextUniform(random))) alarms++;
    }
    expect(alarms).toBeLessThanOrEqual(1);
    expect(state.levels.flat().length).toBeLessThan(100);
    for (let i = 0; i < 3000; i++) addToAdwin(state, 0.3 + nextUniform(random));
    expect(adwinMean(state)!).toBeCloseTo(0.8, 1);
    expect(addToAdwin(state, Infinity)).toBe(false);
    expect(adwinMean(createAdwin())).toBeUndefined();
  });
});

describe('performance without labels', () => {
  it('agrees with the realized one while probabilities are right, and merges exactly', () => {
    const sums = [emptyConfidenceSums(), emptyConfidenceSums()];
    let right = 0;
    for (let i = 0; i < 20_000; i++) {
      const probability = nextUniform(random);
      const predictedPositive = probability >= 0.5;
      if (nextUniform(random) < probability === predictedPositive) right++;
      addToConfidenceSums(sums[i % 2], { probability, predictedPositive });
    }
    const merged = mergeConfidenceSums(sums[0], sums[1]);
    const estimate = estimatePerformance(merged);
    expect(estimate.rows).toBe(20_000);
    expect(Math.abs(estimate.accuracy! - right / 20_000)).toBeLessThan(0.012);
    // Uniform probabilities that are right rank with an area of 5/6.
    expect(estimate.rocAuc).toBeCloseTo(5 / 6, 2);
  });

  it('leaves out what it cannot know', () => {
    const sums = emptyConfidenceSums();
    expect(estimatePerformance(sums)).toEqual({ rows: 0 });
    addToConfidenceSums(sums, { probability: NaN, predictedPositive: true });
    addToConfidenceSums(sums, {
      probability: 0,
      predictedPositive: false,
      score: 2,
    });
    expect(estimatePerformance(sums)).toEqual({
      rows: 1,
      accuracy: 1,
      specificity: 1,
    });
  });
});
