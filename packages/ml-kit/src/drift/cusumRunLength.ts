import { normalCdf } from '../distributions/normal';
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
 * Domain runLength > 2. Within 0.1 %.
 */
export function cusumThreshold(runLength: number, slack = 0.5): number {
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
