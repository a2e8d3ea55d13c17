import { normalCdf, normalPdf } from '../distributions/normal';
import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import { betaPrefix, regularizedBeta } from '../numerics/incompleteBeta';

/**
 * What is known of an arm. beta: successes and failures plus one each (or another
 * prior). normal: mean of a value and the standard error of that mean.
 */
export type ArmPosterior =
  | { kind: 'beta'; alpha: number; beta: number }
  | { kind: 'normal'; mean: number; standardError: number };

export function assertArms(arms: readonly ArmPosterior[]): void {
  arms.forEach((arm, i) => {
    const isPositive = (value: number) => value > 0 && value < Infinity;
    const isValid =
      arm.kind === 'beta'
        ? isPositive(arm.alpha) && isPositive(arm.beta)
        : isPositive(arm.standardError) && Number.isFinite(arm.mean);
    if (!isValid) {
      throw new InvalidArgumentError(
        `Arm ${i} has no proper posterior: ${JSON.stringify(
          arm,
        )}; alpha, beta and standardError must be positive and finite`,
      );
    }
  });
}

/** A value of the metric. A share is known by its log odds too, which tell it from 0 and from 1 where x does not. */
export interface MetricPoint {
  x: number;
  logOdds: number;
}

const fromLogOdds = (logOdds: number): MetricPoint => ({
  x: 1 / (1 + Math.exp(-logOdds)),
  logOdds,
});

/**
 * The point at a coordinate of this arm: the value for a normal posterior, its log
 * odds for a beta, whose density is infinite at no log odds.
 */
export function pointAt(arm: ArmPosterior, coordinate: number): MetricPoint {
  if (arm.kind === 'beta') return fromLogOdds(coordinate);
  const inside = Math.min(1, Math.max(0, coordinate));
  return { x: coordinate, logOdds: Math.log(inside) - Math.log1p(-inside) };
}

export function coordinateOf(arm: ArmPosterior, point: MetricPoint): number {
  return arm.kind === 'beta' ? point.logOdds : point.x;
}

/** Beyond these log odds a share or the rest to 1 is too small for a double; tails of a beta are powers long before. */
const LOG_ODDS_LIMIT = 700;

/** A function of log odds, gone on beyond the limit as a power of the share or of the rest. */
function extended(
  { alpha, beta }: { alpha: number; beta: number },
  logOdds: number,
  evaluate: (x: number, rest: number) => number,
): number {
  const inside = Math.min(LOG_ODDS_LIMIT, Math.max(-LOG_ODDS_LIMIT, logOdds));
  const value = evaluate(
    1 / (1 + Math.exp(-inside)),
    1 / (1 + Math.exp(inside)),
  );
  const excess = logOdds - inside;
  if (excess === 0) return value;
  return value * Math.exp(excess < 0 ? alpha * excess : -beta * excess);
}

/** Density of the arm's coordinate. */
export function densityAt(arm: ArmPosterior, point: MetricPoint): number {
  if (arm.kind === 'normal') {
    return (
      normalPdf((point.x - arm.mean) / arm.standardError) / arm.standardError
    );
  }
  return extended(arm, point.logOdds, (x, rest) =>
    betaPrefix(arm.alpha, arm.beta, x, rest),
  );
}

/** Probability that the arm is below the point. */
export function probabilityBelow(
  arm: ArmPosterior,
  point: MetricPoint,
): number {
  if (arm.kind === 'normal') {
    return normalCdf((point.x - arm.mean) / arm.standardError);
  }
  const { alpha, beta } = arm;
  // The tail of a power is the small one of the two.
  return point.logOdds <= LOG_ODDS_LIMIT
    ? extended(arm, point.logOdds, (x, rest) =>
        regularizedBeta(alpha, beta, x, rest),
      )
    : 1 - probabilityAbove(arm, point);
}

/** Probability that the arm is above the point. */
export function probabilityAbove(
  arm: ArmPosterior,
  point: MetricPoint,
): number {
  if (arm.kind === 'normal') {
    return normalCdf((arm.mean - point.x) / arm.standardError);
  }
  const { alpha, beta } = arm;
  return point.logOdds >= -LOG_ODDS_LIMIT
    ? extended(arm, point.logOdds, (x, rest) =>
        regularizedBeta(beta, alpha, rest, x),
      )
    : 1 - probabilityBelow(arm, point);
}

/** Ascending points that enclose all but 1e-15 of the arm's probability, closer where there is more of it. */
export function landmarksOf(arm: ArmPosterior): MetricPoint[] {
  if (arm.kind === 'normal') {
    return [-9, -5, -2, 0, 2, 5, 9].map(z =>
      pointAt(arm, arm.mean + z * arm.standardError),
    );
  }
  const { alpha, beta } = arm;
  const mode = Math.log(alpha) - Math.log(beta);
  const width = Math.sqrt(1 / alpha + 1 / beta);
  // A normal around the mode, and tails that fall like alpha and beta times the log odds
  return [
    ...[40, 10, 2].map(by => mode - by / alpha - (by / 4) * width),
    mode,
    ...[2, 10, 40].map(by => mode + by / beta + (by / 4) * width),
  ].map(fromLogOdds);
}
