import { normalCdf } from '../distributions/normal';
import { assertPositiveFinite } from '../numerics/assertPositiveFinite';
import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import { solveLinear } from '../numerics/solveLinear';

export interface RunLengthOptions {
  /** Slack of the chart, in standard deviations. */
  slack: number;
  /** Threshold of the chart, in standard deviations. */
  threshold: number;
  /** True shift of the values, in standard deviations; 0 is no drift. */
  shift?: number;
}

const STATES = 200;
/** Run length up to which the chain is solved. */
const LONG = 1e6;

/**
 * Average number of normal values until a one-sided chart alarms: how long a
 * drift goes unseen, or, with shift 0, how rare false alarms are.
 *
 * Markov chain with 200 states (within 0.1 % of the limit). O(states^3), about 10 ms.
 * Source: Brook and Evans, Biometrika 59 (1972).
 */
export function cusumRunLengthOneSided(options: RunLengthOptions): number {
  const { slack, threshold, shift = 0 } = options;
  const width = (2 * threshold) / (2 * STATES - 1);
  const matrix = Array.from({ length: STATES }, (_, i) => {
    const row = new Float64Array(STATES);
    const center = i * width + shift - slack;
    row[0] = -normalCdf(width / 2 - center);
    for (let j = 1; j < STATES; j++) {
      row[j] = -(
        normalCdf((j + 0.5) * width - center) -
        normalCdf((j - 0.5) * width - center)
      );
    }
    row[i] += 1;
    return row;
  });
  return solveLinear(matrix, new Float64Array(STATES).fill(1))[0];
}

/** The same for the two-sided chart: both sides compete to alarm first. */
export function cusumRunLength(options: RunLengthOptions): number {
  const { shift = 0 } = options;
  const up = cusumRunLengthOneSided(options);
  const down = cusumRunLengthOneSided({ ...options, shift: -shift });
  return 1 / (1 / up + 1 / down);
}

/**
 * Threshold of a two-sided chart that gives one false alarm in `runLength` values
 * on average: say how often you accept to be called, not what h is.
 *
 * Domain runLength > 2. Within 0.1 % up to a million values; from there on the run length grows by exp(2 slack) a unit
 * of threshold, where the states of the chain could not tell it any more.
 * Throws InvalidArgumentError for a run length or slack out of range.
 */
export function cusumThreshold(runLength: number, slack = 0.5): number {
  assertPositiveFinite('slack', slack);
  if (!(runLength > 2 && runLength < Infinity)) {
    throw new InvalidArgumentError(
      `runLength must be a finite number above 2, got ${runLength}`,
    );
  }
  if (runLength > LONG) {
    return (
      cusumThreshold(LONG, slack) + Math.log(runLength / LONG) / (2 * slack)
    );
  }
  let low = 0.01;
  let high = 1;
  while (cusumRunLength({ slack, threshold: high }) < runLength) high *= 2;
  for (let i = 0; i < 12; i++) {
    const middle = (low + high) / 2;
    if (cusumRunLength({ slack, threshold: middle }) < runLength) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
