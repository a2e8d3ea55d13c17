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

describe('published tables', () => {
  it('chi-square quantiles with 9 degrees of freedom', () => {
    expect(chiSquareQuantile(0.95, 9)).toBeCloseTo(16.918977604620448, 11);
    expect(chiSquareQuantile(0.99, 9)).toBeCloseTo(21.665994333461924, 11);
  });
});
