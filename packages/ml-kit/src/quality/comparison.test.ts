import reference from '../../fixtures/quality.json';
import { createRandom, nextNormal, nextUniform } from '../random/random';
import { bootstrapInterval } from './bootstrapInterval';
import { deLongInterval, deLongTest } from './deLong';
import { mcnemarTest } from './mcnemar';
import { clopperPearsonInterval, wilsonInterval } from './proportionInterval';
import { rocAuc } from './scores';

const { binary, scores, other } = reference;

describe('intervals of a proportion (scipy)', () => {
  it.each([0, 3, 20, 40].map((k, i) => [k, i]))('%s of 40', (k, i) => {
    [wilsonInterval(k, 40), clopperPearsonInterval(k, 40)].forEach(
      (interval, method) => {
        const expected = [reference.wilson, reference.clopperPearson][method][
          i
        ];
        expect(interval[0]).toBeCloseTo(expected[0], 10);
        expect(interval[1]).toBeCloseTo(expected[1], 10);
      },
    );
    expect(wilsonInterval(0, 0)).toEqual([0, 1]);
  });

  it('is refused for what is none', () => {
    for (const interval of [wilsonInterval, clopperPearsonInterval]) {
      for (const [successes, trials] of [
        [12, 10],
        [-1, 10],
        [NaN, 10],
        [NaN, 0],
        [0, NaN],
      ]) {
        expect(() => interval(successes, trials)).toThrow(
          `got ${successes} of ${trials}`,
        );
      }
      for (const confidence of [95, 0, 1, NaN]) {
        expect(() => interval(1, 2, confidence)).toThrow(
          `confidence must lie between 0 and 1 (0.95 is 95 %), got ${confidence}`,
        );
      }
    }
  });
});

describe('paired comparison', () => {
  it('DeLong against its definition over all pairs, with ties', () => {
    const expected = reference.deLong;
    const single = deLongInterval(binary, scores);
    expect(single.auc).toBeCloseTo(expected.base, 12);
    expect(single.standardError).toBeCloseTo(expected.baseStandardError, 12);
    const test = deLongTest(binary, scores, other);
    expect(test.candidate).toBeCloseTo(expected.candidate, 12);
    expect(test.standardError).toBeCloseTo(expected.standardError, 12);
    expect(test.pValue).toBeCloseTo(expected.pValue, 12);
    expect(deLongTest(binary, scores, scores).pValue).toBe(1);
  });

  it('is never certain of perfectly separated rows', () => {
    const labels = [0, 0, 1, 1];
    const apart = [0.1, 0.2, 0.8, 0.9];
    const single = deLongInterval(labels, apart);
    expect(single).toMatchObject({ auc: 1, method: 'newcombe' });
    expect(single.interval[0]).toBeLessThan(0.5);
    expect(single.interval[1]).toBe(1);
    const test = deLongTest(labels, [0.5, 0.5, 0.5, 0.5], apart);
    expect(test).toMatchObject({
      improvement: 0.5,
      // 2 of the 16 ways to exchange the rankings are as far apart
      pValue: 0.125,
      method: 'permutation',
    });
    expect(test.interval[0]).toBeLessThan(0);
    // Many rows that are all apart are evidence, though never p = 0.
    const many = Array.from({ length: 60 }, (_, i) => Number(i >= 30));
    const sure = deLongTest(many, new Array<number>(60).fill(0), many);
    expect(sure.pValue).toBeLessThan(0.001);
    expect(sure.pValue).toBeGreaterThan(0);
  });

  it('covers an area near 1, and keeps its level, with few rows', () => {
    const random = createRandom(23);
    const labels = Array.from({ length: 30 }, (_, i) => Number(i >= 15));
    let covered = 0;
    let hits = 0;
    for (let run = 0; run < 100; run++) {
      const [a, b] = [0, 1].map(() =>
        labels.map(label => 3 * label + nextNormal(random)),
      );
      const { interval } = deLongInterval(labels, a);
      // The area between normals three deviations apart
      if (interval[0] <= 0.983 && interval[1] >= 0.983) covered++;
      if (run < 40 && deLongTest(labels, a, b).pValue < 0.05) hits++;
    }
    expect(covered).toBeGreaterThanOrEqual(92);
    expect(hits).toBeLessThanOrEqual(4);
  });

  it('DeLong refuses NaN instead of ranking it for ever', () => {
    const bad = [0.2, NaN, 0.7];
    expect(() => deLongInterval([0, 1, 1], bad)).toThrow(
      'score of row 1 is NaN',
    );
    expect(() => deLongTest([0, 1, 1], [0.1, 0.2, 0.3], bad)).toThrow(
      'score of row 1 is NaN',
    );
  });

  it('DeLong refuses labels that are not binary', () => {
    expect(() => deLongInterval([-1, 1, 1], [0.1, 0.2, 0.3])).toThrow(
      'The label of row 0 is -1',
    );
  });

  it('DeLong refuses a confidence in percent', () => {
    const message =
      'confidence must lie between 0 and 1 (0.95 is 95 %), got 95';
    expect(() => deLongInterval(binary, scores, 95)).toThrow(message);
    expect(() => deLongTest(binary, scores, other, 95)).toThrow(message);
  });

  it('McNemar counts only disagreements', () => {
    const base = [...new Array(6).fill(1), ...new Array(17).fill(0), 1, 1, 0];
    const candidate = [
      ...new Array(6).fill(0),
      ...new Array(17).fill(1),
      1,
      1,
      0,
    ];
    const result = mcnemarTest(base, candidate);
    expect(result).toMatchObject({ baseOnly: 6, candidateOnly: 17 });
    expect(result.pValue).toBeCloseTo(reference.mcnemar, 12);
    expect(mcnemarTest([1, 0], [1, 0]).pValue).toBe(1);
  });

  it('both keep their level between equally good models', () => {
    const random = createRandom(21);
    let deLongHits = 0;
    let mcnemarHits = 0;
    for (let run = 0; run < 300; run++) {
      const truth = Array.from({ length: 120 }, () =>
        Number(nextUniform(random) < 0.4),
      );
      const shared = truth.map(y => y + nextNormal(random));
      const [a, b] = [0, 1].map(() => shared.map(s => s + nextNormal(random)));
      if (deLongTest(truth, a, b).pValue < 0.05) deLongHits++;
      const right = (s: number[]) =>
        s.map((value, i) => Number(value > 0.5) === truth[i]);
      if (mcnemarTest(right(a), right(b)).pValue < 0.05) mcnemarHits++;
    }
    expect(deLongHits / 300).toBeLessThan(0.08);
    expect(deLongHits / 300).toBeGreaterThan(0.02);
    expect(mcnemarHits / 300).toBeLessThan(0.07);
  });
});

describe('bootstrap of any measure', () => {
  it("agrees with DeLong's interval, deterministically", () => {
    const options = {
      rows: binary.length,
      measure: (rows: Int32Array) =>
        rocAuc(
          Array.from(rows, i => binary[i]),
          Array.from(rows, i => scores[i]),
        ),
      resamples: 600,
    };
    const result = bootstrapInterval(options);
    const analytic = deLongInterval(binary, scores);
    expect(result.estimate).toBeCloseTo(analytic.auc, 12);
    expect(result.standardError / analytic.standardError).toBeCloseTo(1, 0);
    expect(Math.abs(result.interval[0] - analytic.interval[0])).toBeLessThan(
      0.03,
    );
    expect(Math.abs(result.interval[1] - analytic.interval[1])).toBeLessThan(
      0.03,
    );
    expect(bootstrapInterval(options)).toEqual(result);
  });

  const mean = {
    rows: 4,
    measure: (rows: Int32Array) => rows.reduce((a, b) => a + b, 0) / 4,
  };

  it('refuses options out of range', () => {
    for (const rows of [0, -1, 2.5, NaN]) {
      expect(() => bootstrapInterval({ ...mean, rows })).toThrow(
        `rows must be an integer of at least 1, got ${rows}`,
      );
    }
    for (const resamples of [0, 1, 2.5, NaN]) {
      expect(() => bootstrapInterval({ ...mean, resamples })).toThrow(
        `resamples must be an integer of at least 2, got ${resamples}`,
      );
    }
    for (const confidence of [95, 0, NaN]) {
      expect(() => bootstrapInterval({ ...mean, confidence })).toThrow(
        `confidence must lie between 0 and 1 (0.95 is 95 %), got ${confidence}`,
      );
    }
    expect(() => bootstrapInterval({ ...mean, jackknifeGroups: 0 })).toThrow(
      'jackknifeGroups must be an integer of at least 1, got 0',
    );
  });

  it('refuses a measure that is never defined, and leaves out resamples without it', () => {
    expect(() => bootstrapInterval({ ...mean, measure: () => NaN })).toThrow(
      'The measure of all rows is NaN',
    );
    const onlyWhole = (rows: Int32Array) =>
      rows.every((row, i) => row === i) ? 1 : NaN;
    expect(() =>
      bootstrapInterval({ rows: 40, resamples: 50, measure: onlyWhole }),
    ).toThrow('NaN on 50 of 50 resamples');
    const often = bootstrapInterval({
      ...mean,
      measure: rows => (rows.includes(0) ? mean.measure(rows) : NaN),
    });
    expect(often.estimate).toBe(1.5);
    expect(often.interval.every(Number.isFinite)).toBe(true);
    expect(often.standardError).toBeGreaterThan(0);
  });

  it('covers a skewed measure nearly 95 % of the time', () => {
    const random = createRandom(22);
    let covered = 0;
    for (let run = 0; run < 200; run++) {
      const values = Array.from({ length: 60 }, () => nextNormal(random));
      const { interval } = bootstrapInterval({
        rows: 60,
        resamples: 400,
        seed: run,
        measure: rows =>
          rows.reduce((sum, i) => sum + values[i] ** 2, 0) / rows.length,
      });
      if (interval[0] <= 1 && interval[1] >= 1) covered++;
    }
    expect(covered / 200).toBeGreaterThan(0.88);
    expect(covered / 200).toBeLessThan(0.99);
  });
});
