const SQRT_TWO_PI = 2.5066282746310002;

/** Density of the standard normal distribution. */
export function normalPdf(x: number): number {
  return Math.exp(-0.5 * x * x) / SQRT_TWO_PI;
}

/** Probability that a standard normal variable is above x > 0: Mills ratio as a continued fraction. */
function farTail(x: number): number {
  const terms = Math.ceil(12 + 800 / (x * x));
  let fraction = x;
  for (let k = terms; k >= 1; k--) {
    fraction = x + k / fraction;
  }
  return normalPdf(x) / fraction;
}

/** cdf(x) - 1/2 as a series of terms of one sign. */
function centralPart(x: number): number {
  let term = x;
  let sum = x;
  for (let k = 1; Math.abs(term) > Math.abs(sum) * 1e-17; k++) {
    term *= (x * x) / (2 * k + 1);
    sum += term;
  }
  return normalPdf(x) * sum;
}

/**
 * Probability that a standard normal variable is at most x.
 *
 * All real x; 0 and 1 at the infinities; NaN for NaN. Relative error below 1e-13 in both tails. O(1).
 * Source: DLMF 7.6.2 (series), 7.9.1 (continued fraction).
 */
export function normalCdf(x: number): number {
  if (x < -3) return x === -Infinity ? 0 : farTail(-x);
  if (x > 3) return x === Infinity ? 1 : 1 - farTail(x);
  if (x === 0) return 0.5;
  return 0.5 + centralPart(x);
}

/** Probability that a standard normal variable is above x: accurate also when it is tiny. */
export function normalUpperTail(x: number): number {
  return normalCdf(-x);
}

function polynomial(x: number, coefficients: readonly number[]): number {
  let value = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) {
    value = value * x + coefficients[i];
  }
  return value;
}

const CENTRAL = {
  numerator: [
    3.387132872796366608, 133.14166789178437745, 1971.5909503065514427,
    13731.693765509461125, 45921.953931549871457, 67265.770927008700853,
    33430.575583588128105, 2509.0809287301226727,
  ],
  denominator: [
    1, 42.313330701600911252, 687.1870074920579083, 5394.1960214247511077,
    21213.794301586595867, 39307.89580009271061, 28729.085735721942674,
    5226.495278852854561,
  ],
};
const MIDDLE = {
  numerator: [
    1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055,
    3.64784832476320460504, 1.27045825245236838258, 0.24178072517745061177,
    0.0227238449892691845833, 7.7454501427834140764e-4,
  ],
  denominator: [
    1, 2.05319162663775882187, 1.6763848301838038494, 0.68976733498510000455,
    0.14810397642748007459, 0.0151986665636164571966, 5.475938084995344946e-4,
    1.05075007164441684324e-9,
  ],
};
const FAR = {
  numerator: [
    6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358,
    0.29656057182850489123, 0.026532189526576123093, 0.0012426609473880784386,
    2.71155556874348757815e-5, 2.01033439929228813265e-7,
  ],
  denominator: [
    1, 0.59983220655588793769, 0.13692988092273580531, 0.0148753612908506148525,
    7.868691311456132591e-4, 1.8463183175100546818e-5, 1.4215117583164458887e-7,
    2.04426310338993978564e-15,
  ],
};

/**
 * The x with normalCdf(x) = p.
 *
 * Domain 0 to 1 (the infinities at its ends); NaN outside. Relative error below 1e-15. O(1).
 * Source: Wichura, Algorithm AS 241 (PPND16), Applied Statistics 37 (1988).
 */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return NaN;
  if (p === 0) return -Infinity;
  if (p === 1) return Infinity;
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (
      (q * polynomial(r, CENTRAL.numerator)) /
      polynomial(r, CENTRAL.denominator)
    );
  }
  const tail = Math.sqrt(-Math.log(q < 0 ? p : 1 - p));
  const table = tail <= 5 ? MIDDLE : FAR;
  const r = tail - (tail <= 5 ? 1.6 : 5);
  const magnitude =
    polynomial(r, table.numerator) / polynomial(r, table.denominator);
  return q < 0 ? -magnitude : magnitude;
}
