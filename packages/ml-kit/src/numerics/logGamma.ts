/** zeta(k) - 1 for k = 2, 3, ...: coefficients of the expansion of log gamma around 2. */
const ZETA_MINUS_ONE = [
  0.6449340668482264, 0.2020569031595943, 0.08232323371113819,
  0.03692775514336993, 0.01734306198444914, 0.008349277381922827,
  0.00407735619794434, 0.0020083928260822143, 0.0009945751278180853,
  0.0004941886041194645, 0.0002460865533080483, 0.00012271334757848915,
  6.124813505870483e-5, 3.058823630702049e-5, 1.528225940865187e-5,
  7.637197637899763e-6, 3.81729326499984e-6, 1.908212716553939e-6,
  9.539620338727962e-7, 4.769329867878064e-7, 2.38450502727733e-7,
  1.1921992596531106e-7, 5.960818905125948e-8, 2.980350351465228e-8,
  1.4901554828365043e-8, 7.45071178983543e-9, 3.725334024788457e-9,
  1.862659723513049e-9,
];
const ONE_MINUS_EULER = 0.42278433509846714;
const HALF_LOG_TWO_PI = 0.9189385332046727;

/** log gamma(2 + z) for |z| <= 0.5, with full relative accuracy around its zero. */
function logGammaNearTwo(z: number): number {
  let sum = 0;
  for (let i = ZETA_MINUS_ONE.length - 1; i >= 0; i--) {
    const k = i + 2;
    sum = sum * -z + ZETA_MINUS_ONE[i] / k;
  }
  return z * ONE_MINUS_EULER + sum * z * z;
}

/** Coefficients of 1/x, 1/x^3, ... in Stirling's series. */
const STIRLING = [
  1 / 12,
  -1 / 360,
  1 / 1260,
  -1 / 1680,
  1 / 1188,
  -691 / 360360,
  1 / 156,
  -3617 / 122400,
];

/**
 * What Stirling's formula misses: log gamma(x) - ((x - 1/2) log x - x + log(2 pi)/2).
 *
 * Domain x > 0. Absolute error about 1e-16 for x >= 10 and 1e-15 below.
 * Source: Loader, Fast and Accurate Computation of Binomial Probabilities (2000).
 */
export function stirlingError(x: number): number {
  if (x >= 10) {
    const r = 1 / (x * x);
    return STIRLING.reduceRight((sum, term) => sum * r + term, 0) / x;
  }
  return logGamma(x) - ((x - 0.5) * Math.log(x) - x + HALF_LOG_TWO_PI);
}

/**
 * Natural logarithm of the gamma function.
 *
 * Domain x > 0; Infinity at 0 and at Infinity; NaN for negative x and NaN.
 * Relative error below 1e-14, also next to the zeros at 1 and 2. O(1).
 * Source: DLMF 5.7.3 (series), 5.11.1 (Stirling).
 */
export function logGamma(x: number): number {
  if (!(x >= 0)) return NaN;
  if (x === 0 || x === Infinity) return Infinity;
  if (x < 0.5) return logGamma(x + 1) - Math.log(x);
  if (x < 1.5) return logGammaNearTwo(x - 1) - Math.log1p(x - 1);
  if (x <= 2.5) return logGammaNearTwo(x - 2);
  if (x < 10) {
    let product = 1;
    let shifted = x;
    while (shifted > 2.5) {
      shifted -= 1;
      product *= shifted;
    }
    return Math.log(product) + logGammaNearTwo(shifted - 2);
  }
  return (x - 0.5) * Math.log(x) - x + HALF_LOG_TWO_PI + stirlingError(x);
}

/** log gamma(1 + x) for |x| <= 0.5, with full relative accuracy around its zero at 0. */
export function logGammaOnePlus(x: number): number {
  return logGammaNearTwo(x) - Math.log1p(x);
}

/**
 * log of gamma(x + by) / gamma(x), accurate relative to `by` however small that is.
 *
 * Domain x > 0, by >= 0. O(1).
 * Source: DLMF 5.11.1, subtracted term by term.
 */
export function logGammaRise(x: number, by: number): number {
  let steps = 0;
  let from = x;
  while (from < 10) {
    steps += Math.log1p(by / from);
    from += 1;
  }
  const logRatio = Math.log1p(by / from);
  let series = 0;
  STIRLING.forEach((term, k) => {
    const power = 2 * k + 1;
    series += term * from ** -power * Math.expm1(-power * logRatio);
  });
  return (
    (from - 0.5) * logRatio + by * (Math.log(from + by) - 1) + series - steps
  );
}
