import * as fc from 'fast-check';
import { findRoot } from './findRoot';
import { regularizedBeta } from './incompleteBeta';
import { integrate } from './integrate';
import { fitIsotonic, predictIsotonic } from './isotonicRegression';
import { logGamma, stirlingError } from './logGamma';
import { invertMatrix, solveLinear } from './solveLinear';

describe('logGamma', () => {
  it.each([
    // mpmath, 40 digits
    [1e-10, 23.025850929882736],
    [0.3, 1.0957979948180756],
    [0.999, 0.0005780385328913802],
    [1.0001, -5.771334222047127e-5],
    [1.9999, -4.227520877215346e-5],
    [2.5, 0.2846828704729192],
    [9.999, 12.799575780077413],
    [10.001, 12.804079285251861],
    [171.3, 708.1149470389969],
    [1e10, 220258509288.81058],
  ])('of %s', (x, expected) => {
    expect(Math.abs(logGamma(x) / expected - 1)).toBeLessThan(2e-14);
  });

  it('is zero at 1 and 2, infinite at 0, and NaN below', () => {
    expect(logGamma(1) + 0).toBe(0);
    expect(logGamma(2) + 0).toBe(0);
    expect(logGamma(0)).toBe(Infinity);
    expect(logGamma(-1)).toBeNaN();
  });

  it('differs from Stirling by the same amount on both sides of the switch', () => {
    expect(stirlingError(10 - 1e-9) / stirlingError(10)).toBeCloseTo(1, 8);
  });
});

describe('regularizedBeta', () => {
  it('is symmetric, and NaN outside of its domain', () => {
    expect(regularizedBeta(3, 7, 0.2) + regularizedBeta(7, 3, 0.8)).toBeCloseTo(
      1,
      14,
    );
    expect(regularizedBeta(3, 7, 1.1)).toBeNaN();
    expect(regularizedBeta(-1, 7, 0.5)).toBeNaN();
  });
});

describe('findRoot', () => {
  it('converges from a bad guess and where the slope is useless', () => {
    const cube = (y: number) => ({
      value: (y - 3) ** 3,
      slope: 3 * (y - 3) ** 2,
    });
    expect(
      findRoot({ evaluate: cube, low: -1e6, high: 1e6, guess: 1e5 }),
    ).toBeCloseTo(3, 4);
    const flat = (y: number) => ({ value: y - 0.25, slope: 0 });
    expect(
      findRoot({ evaluate: flat, low: 0, high: 1, guess: 0.9 }),
    ).toBeCloseTo(0.25, 14);
  });
});

describe('integrate', () => {
  it('is exact for polynomials, and follows steps and singular ends', () => {
    expect(integrate(x => 3 * x ** 2, [0, 1, 4])).toBeCloseTo(64, 12);
    expect(integrate(x => (x > 0.3 ? 1 : 0), [0, 1])).toBeCloseTo(0.7, 11);
    expect(integrate(x => x ** -0.5, [0, 1])).toBeCloseTo(2, 9);
    expect(integrate(() => 1, [2])).toBe(0);
  });
});

describe('solveLinear', () => {
  it('inverts what a matrix did, with pivots that are zero at first', () => {
    const matrix = [
      [0, 2, 1],
      [1, 1, 0],
      [3, 0, -1],
    ];
    const x = [1, -2, 5];
    const right = matrix.map(row =>
      row.reduce((sum, a, i) => sum + a * x[i], 0),
    );
    solveLinear(matrix, right).forEach((value, i) =>
      expect(value).toBeCloseTo(x[i], 12),
    );
    expect(() =>
      solveLinear(
        [
          [1, 2],
          [2, 4],
        ],
        [1, 2],
      ),
    ).toThrow('matrix is singular');
  });
});

describe('invertMatrix', () => {
  it('gives the identity times the matrix, also where pivots are zero at first', () => {
    const matrix = [
      [0, 2, 1],
      [1, 1, 0],
      [3, 0, -1],
    ];
    const inverse = invertMatrix(matrix);
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) {
        const product = matrix[i].reduce((s, a, k) => s + a * inverse[k][j], 0);
        expect(product).toBeCloseTo(i === j ? 1 : 0, 12);
      }
    }
    expect(() => invertMatrix([[0]])).toThrow('matrix is singular');
  });
});

describe('isotonic regression', () => {
  it('pools violators by weight (worked by hand)', () => {
    const fit = fitIsotonic([1, 2, 3, 4], [1, 3, 2, 4], [1, 1, 3, 1]);
    expect(fit).toEqual({ x: [1, 2, 3, 4], y: [1, 2.25, 2.25, 4] });
    expect(predictIsotonic(fit, 2.5)).toBe(2.25);
    expect(predictIsotonic(fit, 3.5)).toBeCloseTo(3.125, 12);
    expect([predictIsotonic(fit, -9), predictIsotonic(fit, 9)]).toEqual([1, 4]);
  });

  it('pools equal x, and is NaN without points', () => {
    expect(fitIsotonic([1, 1, 2], [0, 1, 1])).toEqual({
      x: [1, 2],
      y: [0.5, 1],
    });
    expect(predictIsotonic(fitIsotonic([], []), 1)).toBeNaN();
    expect(() => fitIsotonic([1], [])).toThrow('same length');
  });

  it('never falls, keeps the mean, and leaves rising data alone', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.integer({ min: 0, max: 20 }),
            fc.integer({ min: -5, max: 5 }),
          ),
          { minLength: 1, maxLength: 40 },
        ),
        points => {
          const x = points.map(([a]) => a);
          const y = points.map(([, b]) => b);
          const fit = fitIsotonic(x, y);
          for (let i = 1; i < fit.y.length; i++) {
            expect(fit.y[i]).toBeGreaterThanOrEqual(fit.y[i - 1]);
          }
          const fitted = x.map(value => predictIsotonic(fit, value));
          const total = (values: number[]) => values.reduce((a, b) => a + b, 0);
          expect(total(fitted)).toBeCloseTo(total(y), 8);
          const again = fitIsotonic(x, fitted);
          x.forEach((value, i) =>
            expect(predictIsotonic(again, value)).toBeCloseTo(fitted[i], 10),
          );
        },
      ),
      { seed: 5, numRuns: 200 },
    );
  });
});
