import reference from '../../fixtures/distributions.json';
import { betaCdf, betaPdf, betaQuantile, betaUpperTail } from './beta';
import {
  chiSquareCdf,
  chiSquarePdf,
  chiSquareQuantile,
  chiSquareUpperTail,
} from './chiSquare';
import { gammaCdf, gammaPdf, gammaQuantile, gammaUpperTail } from './gamma';
import {
  normalCdf,
  normalPdf,
  normalQuantile,
  normalUpperTail,
} from './normal';
import {
  studentTCdf,
  studentTPdf,
  studentTQuantile,
  studentTUpperTail,
} from './studentT';

interface Distribution {
  pdf(x: number): number;
  cdf(x: number): number;
  upperTail(x: number): number;
  quantile(p: number): number;
}

const DISTRIBUTIONS: Record<
  'normal' | 'gamma' | 'chiSquare' | 'beta' | 'studentT',
  (parameters: number[]) => Distribution
> = {
  normal: () => ({
    pdf: normalPdf,
    cdf: normalCdf,
    upperTail: normalUpperTail,
    quantile: normalQuantile,
  }),
  gamma: ([shape]) => ({
    pdf: x => gammaPdf(x, { shape }),
    cdf: x => gammaCdf(x, { shape }),
    upperTail: x => gammaUpperTail(x, { shape }),
    quantile: p => gammaQuantile(p, { shape }),
  }),
  chiSquare: ([freedom]) => ({
    pdf: x => chiSquarePdf(x, freedom),
    cdf: x => chiSquareCdf(x, freedom),
    upperTail: x => chiSquareUpperTail(x, freedom),
    quantile: p => chiSquareQuantile(p, freedom),
  }),
  beta: ([alpha, beta]) => ({
    pdf: x => betaPdf(x, { alpha, beta }),
    cdf: x => betaCdf(x, { alpha, beta }),
    upperTail: x => betaUpperTail(x, { alpha, beta }),
    quantile: p => betaQuantile(p, { alpha, beta }),
  }),
  studentT: ([freedom]) => ({
    pdf: t => studentTPdf(t, freedom),
    cdf: t => studentTCdf(t, freedom),
    upperTail: t => studentTUpperTail(t, freedom),
    quantile: p => studentTQuantile(p, freedom),
  }),
};
type Name = keyof typeof DISTRIBUTIONS;
const NAMES = Object.keys(DISTRIBUTIONS) as Name[];
const TOLERANCE = 1e-12;

/** Below the smallest normal double no relative accuracy is possible. */
function relativeError(actual: number, expected: number): number {
  if (Math.abs(expected) < 1e-305) return Math.abs(actual) < 1e-304 ? 0 : 1;
  return Math.abs(actual - expected) / Math.abs(expected);
}

describe.each(NAMES)('%s against mpmath with 40 digits', name => {
  it('has density, cdf and upper tail to 1e-12 relative', () => {
    const misses = reference[name].flatMap(row => {
      const distribution = DISTRIBUTIONS[name](row.parameters);
      return (['pdf', 'cdf', 'upperTail'] as const)
        .map(kind => ({
          kind,
          parameters: row.parameters,
          x: row.x,
          error: relativeError(distribution[kind](row.x), row[kind]),
        }))
        .filter(({ error }) => !(error <= TOLERANCE));
    });
    expect(reference[name].length).toBeGreaterThan(15);
    expect(misses).toEqual([]);
  });

  it('has quantiles to 1e-12 relative', () => {
    const rows = reference.quantiles[name];
    const misses = rows
      .map(({ parameters, p, x }) => ({
        parameters,
        p,
        error: relativeError(DISTRIBUTIONS[name](parameters).quantile(p), x),
      }))
      .filter(({ error }) => !(error <= TOLERANCE));
    expect(rows.length).toBeGreaterThan(10);
    expect(misses).toEqual([]);
  });
});

describe('the ends of the domain', () => {
  it.each<[Name, number[], number, number]>([
    ['normal', [], -Infinity, Infinity],
    ['gamma', [2], 0, Infinity],
    ['chiSquare', [3], 0, Infinity],
    ['beta', [2, 3], 0, 1],
    ['studentT', [4], -Infinity, Infinity],
  ])('are where they belong: %s', (name, parameters, low, high) => {
    const distribution = DISTRIBUTIONS[name](parameters);
    expect(distribution.quantile(0)).toBe(low);
    expect(distribution.quantile(1)).toBe(high);
    expect([distribution.cdf(low), distribution.cdf(high)]).toEqual([0, 1]);
    expect([distribution.upperTail(low), distribution.upperTail(high)]).toEqual(
      [1, 0],
    );
    for (const p of [-0.1, 1.1, NaN]) {
      expect(distribution.quantile(p)).toBeNaN();
    }
    expect(distribution.cdf(NaN)).toBeNaN();
    expect(distribution.pdf(NaN)).toBeNaN();
  });

  it('are NaN for parameters outside of their domain', () => {
    expect(gammaCdf(1, { shape: -1 })).toBeNaN();
    expect(gammaPdf(1, { shape: 1, scale: 0 })).toBeNaN();
    expect(betaQuantile(0.5, { alpha: 0, beta: 1 })).toBeNaN();
    expect(studentTQuantile(0.4, 0)).toBeNaN();
    expect(studentTCdf(1, -1)).toBeNaN();
  });

  it('has the limits of the densities', () => {
    expect(gammaPdf(0, { shape: 0.5 })).toBe(Infinity);
    expect(gammaPdf(0, { shape: 1, scale: 4 })).toBe(0.25);
    expect(gammaPdf(0, { shape: 2 })).toBe(0);
    expect(betaPdf(0, { alpha: 1, beta: 3 })).toBe(3);
    expect(betaPdf(1, { alpha: 3, beta: 0.5 })).toBe(Infinity);
    expect(studentTCdf(1.96, Infinity)).toBe(normalCdf(1.96));
  });

  it('scales', () => {
    expect(gammaPdf(3, { shape: 2, scale: 2 })).toBeCloseTo(
      (3 / 4) * Math.exp(-1.5),
      14,
    );
    expect(gammaQuantile(0.3, { shape: 2, scale: 5 })).toBeCloseTo(
      5 * gammaQuantile(0.3, { shape: 2 }),
      12,
    );
  });
});

describe('extremes against mpmath with 40 digits and more', () => {
  it.each([
    [5, 1e10, 2.8665157671103237e-7],
    [3, 1e15, 0.0013498980316301278],
    [1, 1e8, 0.15865525514131067],
    [30, 1e6, 6.0100471168317189e-198],
    [2, 1e300, 0.022750131948179207],
    [1e160, 1, 3.1830988618379067e-161],
    [1e200, 0.5, 3.207009754142229e-101],
    [1e300, 40, 0],
  ])(
    'Student t above %d with %d degrees of freedom',
    (t, freedom, expected) => {
      expect(
        relativeError(studentTUpperTail(t, freedom), expected),
      ).toBeLessThanOrEqual(TOLERANCE);
      expect(
        relativeError(studentTCdf(-t, freedom), expected),
      ).toBeLessThanOrEqual(TOLERANCE);
    },
  );

  it('Student t quantiles where t squared overflows', () => {
    expect(
      relativeError(studentTQuantile(1e-300, 1), -3.1830988618379067e299),
    ).toBeLessThanOrEqual(TOLERANCE);
    expect(studentTQuantile(1e-300, 0.5)).toBe(-Infinity);
    expect(
      relativeError(studentTQuantile(2.8665157671103237e-7, 1e10), -5),
    ).toBeLessThanOrEqual(TOLERANCE);
    expect(relativeError(studentTPdf(1e160, 1), 0)).toBeLessThanOrEqual(
      TOLERANCE,
    );
    expect(
      relativeError(studentTPdf(1e150, 1), 1e-300 / Math.PI),
    ).toBeLessThanOrEqual(TOLERANCE);
  });

  it.each([
    [0.5, 5e-13, 2.7988679738815375e-13],
    [0.5, 1e-8, 5.597735977099587e-9],
    [1.2, 0.3, 0.063394719569259104],
    [0.001, 0.01, 0.061429347473871014],
    [1, 1e-300, 2.1938393439552027e-301],
    [1.49, 0.499, 0.084066747388414027],
  ])('gamma above %d with the small shape %d', (x, shape, expected) => {
    expect(
      relativeError(gammaUpperTail(x, { shape }), expected),
    ).toBeLessThanOrEqual(TOLERANCE);
    expect(
      relativeError(chiSquareUpperTail(2 * x, 2 * shape), expected),
    ).toBeLessThanOrEqual(TOLERANCE);
  });

  it.each([
    [0.99, 5, 1e-9, 2.5615381808800956e-9],
    [0.999, 200, 1e-10, 1.2242896974747617e-10],
    [0.8, 0.001, 1e-7, 1.0012847579669179e-4],
    [0.9, 0.3, 0.4, 0.8012109394657578],
    // The expected one is of the double next to 0.99999.
    [0.99999, 20000, 1e-5, 1.2226658986983103e-5],
    [0.7, 1.46, 1e-14, 7.7259973811144231e-15],
  ])('beta up to %d with the shapes %d and %d', (x, alpha, beta, expected) => {
    expect(
      relativeError(betaCdf(x, { alpha, beta }), expected),
    ).toBeLessThanOrEqual(TOLERANCE);
  });

  it('beta above 0.3 with a tiny alpha', () => {
    expect(
      relativeError(
        betaUpperTail(0.3, { alpha: 1e-12, beta: 1 }),
        1.2039728043252112e-12,
      ),
    ).toBeLessThanOrEqual(TOLERANCE);
  });
});

describe('published tables', () => {
  it('chi-square quantiles with 9 degrees of freedom', () => {
    expect(chiSquareQuantile(0.95, 9)).toBeCloseTo(16.918977604620448, 11);
    expect(chiSquareQuantile(0.99, 9)).toBeCloseTo(21.665994333461924, 11);
  });
});
