import { betaQuantile } from '../distributions/beta';
import { normalQuantile } from '../distributions/normal';
import { assertConfidence } from '../numerics/assertConfidence';
import { assertProportion } from '../numerics/assertProportion';

/**
 * Wilson's interval of a proportion: covers close to the stated confidence on average,
 * also near 0 and 1. [0, 1] without trials. Throws InvalidArgumentError unless 0 <= successes <= trials
 * and confidence is between 0 and 1. O(1). Source: Wilson, JASA 22 (1927).
 */
export function wilsonInterval(
  successes: number,
  trials: number,
  confidence = 0.95,
): [number, number] {
  assertProportion(successes, trials);
  assertConfidence(confidence);
  if (trials === 0) return [0, 1];
  const z = normalQuantile((1 + confidence) / 2);
  const share = successes / trials;
  const scale = 1 + z ** 2 / trials;
  const center = (share + z ** 2 / (2 * trials)) / scale;
  const half =
    (z / scale) *
    Math.sqrt((share * (1 - share)) / trials + z ** 2 / (4 * trials ** 2));
  return [
    successes === 0 ? 0 : Math.max(0, center - half),
    successes === trials ? 1 : Math.min(1, center + half),
  ];
}

/**
 * Clopper and Pearson's interval: never covers less than the stated confidence, so it is wider than Wilson's.
 * [0, 1] without trials. Errors as {@link wilsonInterval}. Source: Clopper and Pearson, Biometrika 26 (1934).
 */
export function clopperPearsonInterval(
  successes: number,
  trials: number,
  confidence = 0.95,
): [number, number] {
  assertProportion(successes, trials);
  assertConfidence(confidence);
  const tail = (1 - confidence) / 2;
  const failures = trials - successes;
  return [
    successes === 0
      ? 0
      : betaQuantile(tail, { alpha: successes, beta: failures + 1 }),
    failures === 0
      ? 1
      : betaQuantile(1 - tail, { alpha: successes + 1, beta: failures }),
  ];
}
