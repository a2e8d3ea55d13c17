import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import { nextNormal, nextUniform } from './random';
import type { RandomState } from './random';

/** Exponential variable of mean 1. */
export function nextExponential(state: RandomState): number {
  return -Math.log1p(-nextUniform(state));
}

function assertPositive(name: string, value: number): void {
  if (!(value > 0 && value < Infinity)) {
    throw new InvalidArgumentError(
      `${name} is ${value}; give a positive, finite number`,
    );
  }
}

/**
 * Gamma variable of the given shape > 0 and scale 1.
 * Throws InvalidArgumentError for a shape that is not positive and finite.
 * Source: Marsaglia and Tsang, ACM TOMS 26 (2000).
 */
export function nextGamma(state: RandomState, shape: number): number {
  assertPositive('shape', shape);
  if (shape < 1) {
    // In logarithms a tiny shape does not round to 0 before it has to.
    const boost = -nextExponential(state) / shape;
    return Math.exp(Math.log(nextGamma(state, shape + 1)) + boost);
  }
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = nextNormal(state);
    const root = 1 + c * x;
    if (root <= 0) continue;
    const v = root ** 3;
    const u = 1 - nextUniform(state);
    if (Math.log(u) < 0.5 * x * x + d * (1 - v + Math.log(v))) return d * v;
  }
}

/** Beta variable with mean alpha / (alpha + beta); both positive. Throws InvalidArgumentError when they are not, or not finite. */
export function nextBeta(
  state: RandomState,
  alpha: number,
  beta: number,
): number {
  assertPositive('alpha', alpha);
  assertPositive('beta', beta);
  const x = nextGamma(state, alpha);
  const y = nextGamma(state, beta);
  return x + y > 0 ? x / (x + y) : alpha / (alpha + beta);
}
